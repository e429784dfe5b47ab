import { writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../protocol/errors.ts";
import type { Session } from "../cli.ts";
import { EXIT } from "./exit-status.ts";

/** In the package, seen from `dist/orchestrator/commands/`. */
const SCHEMA = fileURLToPath(
  new URL("../../../orchestrator/syncline.schema.json", import.meta.url),
);

/** What comes after the line that tells editors where the schema is. */
const TEMPLATE = `#
# \${NAME} is taken from the environment, \${NAME:-default} with a default; $$ is a plain dollar sign.
# \`syncline check\` tries the connectors, \`syncline discover\` lists tables, \`syncline sync\` copies.

sources:
  shop:
    connector: source-postgres      # or any Airbyte-protocol program: command: [python, -m, source_faker]
    config:
      host: localhost
      port: 2000
      database: postgres
      schemas: [public]
      username: postgres
      password: \${SOURCE_PASSWORD}

destinations:
  warehouse:
    connector: destination-postgres
    config:
      host: localhost
      port: 3000
      database: postgres
      username: postgres
      password: \${DESTINATION_PASSWORD}

connections:
  shop-to-warehouse:
    source: shop
    destination: warehouse
    # prefix: shop_                 # put before every table name
    # namespace: destination        # destination (its default schema), source, or a format: my_\${SOURCE_NAMESPACE}
    # streams:                      # without this: every table, copied whole, replacing the last copy
    #   - { name: orders, sync_mode: incremental, destination_sync_mode: append_dedup, cursor_field: updated_at, primary_key: id }
    #   - { name: "log_*", sync_mode: incremental, destination_sync_mode: append, cursor_field: id }
    #   - { name: countries }       # full_refresh, overwrite
`;

/** Writes a commented configuration, never over an existing file. */
export async function initCommand(session: Session): Promise<number> {
  const { configPath, console } = session;
  try {
    const header = `# yaml-language-server: $schema=${schemaSeenFrom(configPath)}\n`;
    writeFileSync(configPath, header + TEMPLATE, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      throw new Failure("usage.invalid", `${configPath} exists already`, {
        hint: "--config names another file",
      });
    throw new Failure("config.unreadable", `${configPath} cannot be written`, { cause: error });
  }
  if (console.json) console.print(JSON.stringify({ written: configPath }));
  else if (!console.quiet)
    console.print(`wrote ${configPath}: fill in the two connectors, then run \`syncline check\``);
  return EXIT.done;
}

/** Relative where the package is installed beside the file, so that the line can be shared. */
function schemaSeenFrom(configPath: string): string {
  const path = relative(dirname(resolve(configPath)), SCHEMA);
  return path.startsWith("..") ? SCHEMA : `./${path}`;
}
