"""Runs every connection of a project once an hour, each in a task of its own.

For Airflow 3. The workers have `syncline` on their PATH (README.md, "Install"), and a project folder
that all of them see: state is kept there. Passwords come from Airflow's own connections.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PROJECT = "/opt/airflow/syncline"
CONNECTIONS = ["orders", "customers"]

# 4: another run holds the connection, so there is nothing to do now.
LOCKED = 4

with DAG(
    dag_id="syncline",
    schedule="@hourly",
    start_date=datetime(2026, 1, 1),
    catchup=False,  # a sync brings all there is: one makes up for those that were missed
    max_active_runs=1,
    tags=["syncline"],
) as dag:
    for connection in CONNECTIONS:
        BashOperator(
            task_id=f"sync_{connection}",
            # exec: what stops the task stops syncline, which commits what it has read.
            bash_command=f"exec syncline sync {connection} --config {PROJECT}/syncline.yaml",
            env={
                "SOURCE_PASSWORD": "{{ conn.shop.password }}",
                "DESTINATION_PASSWORD": "{{ conn.warehouse.password }}",
            },
            append_env=True,
            skip_on_exit_code=LOCKED,
            retries=0,  # syncline tries again by itself, and goes on where it was
            execution_timeout=timedelta(hours=12),
        )
