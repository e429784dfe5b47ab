import { writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import { packageFolder } from "../connector/launch.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-status.ts";

/** What comes after the line that tells editors where the schema is. */
const TEMPLATE = `#
# \${NAME} is taken from the environment, \${NAME:-default} with a default; $$ is a plain dollar sign.
# \`syncline check\` tries the connectors, \`syncline discover\` lists tables, \`syncline sync\` copies.

sources:
  shop:
    connector: source-postgres      # or any of Airbyte's: python: airbyte-source-faker==7.2.1
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

export const init: Command = {
  name: "init",
  description: "write a commented syncline.yaml to start from",
  examples: ["syncline init", "syncline --config shop.yaml init"],
  run: writeTemplate,
};

/** Writes a commented configuration, never over an existing file. */
async function writeTemplate(invocation: Invocation): Promise<number> {
  const { configPath, console } = invocation;
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
  const schema = join(packageFolder(), "orchestrator/syncline.schema.json");
  const path = relative(dirname(resolve(configPath)), schema);
  return path.startsWith("..") ? schema : `./${path}`;
}
