"""Runs a connection once an hour in a pod of Kubernetes.

For Airflow 3 with the provider `cncf.kubernetes`. The image is the one that the Containerfile makes; the
ConfigMap, the Secret and the PersistentVolumeClaim are those of ../kubernetes/deployment.yaml.
"""

from datetime import datetime

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from kubernetes.client import models as k8s

IMAGE = "registry.example/syncline:0.1.0"
CONNECTIONS = ["shop-to-warehouse"]

VOLUMES = {
    "config": (
        k8s.V1Volume(name="config", config_map=k8s.V1ConfigMapVolumeSource(name="syncline-config")),
        k8s.V1VolumeMount(name="config", mount_path="/etc/syncline", read_only=True),
    ),
    "secrets": (
        k8s.V1Volume(
            name="secrets",
            secret=k8s.V1SecretVolumeSource(secret_name="syncline-secrets", default_mode=0o440),
        ),
        k8s.V1VolumeMount(name="secrets", mount_path="/run/secrets/syncline", read_only=True),
    ),
    "home": (
        k8s.V1Volume(
            name="home",
            persistent_volume_claim=k8s.V1PersistentVolumeClaimVolumeSource(
                claim_name="syncline-home"
            ),
        ),
        k8s.V1VolumeMount(name="home", mount_path="/project"),
    ),
}

with DAG(
    dag_id="syncline_pod",
    schedule="@hourly",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["syncline"],
) as dag:
    for connection in CONNECTIONS:
        KubernetesPodOperator(
            task_id=f"sync_{connection}".replace("-", "_"),
            name=f"syncline-{connection}",
            image=IMAGE,
            arguments=[
                "syncline",
                "sync",
                connection,
                "--config=/etc/syncline/syncline.yaml",
                "--home=/project/.syncline",
            ],
            volumes=[volume for volume, _ in VOLUMES.values()],
            volume_mounts=[mount for _, mount in VOLUMES.values()],
            security_context={"runAsNonRoot": True, "runAsUser": 1000, "fsGroup": 1000},
            termination_grace_period=60,  # what was read is committed
            skip_on_exit_code=4,  # another run holds the connection
            retries=0,  # syncline tries again by itself, and goes on where it was
        )
