import type { PostgresServer } from "./postgres-server.ts";

/** The demo's `syncline.yaml`. The passwords come from the environment, as they should. */
export function demoConfig(source: PostgresServer, destination: PostgresServer): string {
  return `sources:
  shop:
    connector: source-postgres
    config: { host: ${source.host}, port: ${source.port}, database: postgres, username: ${source.username}, password: "\${SOURCE_PASSWORD}" }

destinations:
  warehouse:
    connector: destination-postgres
    config: { host: ${destination.host}, port: ${destination.port}, database: postgres, username: ${destination.username}, password: "\${DESTINATION_PASSWORD}" }

connections:
  full-refresh-overwrite:
    source: shop
    destination: warehouse
    prefix: overwrite_
    streams:
      - { name: full_refresh_demo, namespace: public, sync_mode: full_refresh, destination_sync_mode: overwrite }

  full-refresh-append:
    source: shop
    destination: warehouse
    prefix: append_
    streams:
      - { name: full_refresh_demo, namespace: public, sync_mode: full_refresh, destination_sync_mode: append }

  incremental-append:
    source: shop
    destination: warehouse
    streams:
      - { name: table_one, namespace: public, sync_mode: incremental, destination_sync_mode: append, cursor_field: updated_at }

  incremental-deduped:
    source: shop
    destination: warehouse
    streams:
      - { name: table_two, namespace: public, sync_mode: incremental, destination_sync_mode: append_dedup, cursor_field: updated_at, primary_key: [id] }
`;
}
