"""One table from one PostgreSQL to another with dlt, by its pyarrow backend."""

import sys

import dlt
from dlt.destinations import postgres
from dlt.sources.sql_database import sql_table

source, destination, schema, table, folder, disposition = sys.argv[1:]
is_merge = disposition == "merge"
rows = sql_table(
    source,
    table=table,
    backend="pyarrow",
    incremental=dlt.sources.incremental("updated_at") if is_merge else None,
)
rows.apply_hints(write_disposition=disposition, primary_key="id")
pipeline = dlt.pipeline(
    f"bench_{table}",
    pipelines_dir=folder,
    destination=postgres(destination),
    dataset_name=schema,
)
pipeline.run(rows).raise_on_failed_jobs()
