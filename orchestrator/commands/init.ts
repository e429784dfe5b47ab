import type { Invocation } from "../invocation.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";

const TEMPLATE = `# \${NAME} is taken from the environment, \${NAME:-default} with a default; $$ is a plain dollar sign.
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

interface Options {
  readonly input: boolean;
}

export const init: Command<Options> = {
  name: "init",
  description: "make a syncline.yaml: asks on a terminal, else writes a template",
  options: [{ flags: "--no-input", description: "ask nothing, write a commented template" }],
  examples: ["syncline init", "syncline init --no-input", "syncline --config shop.yaml init"],
  async run(invocation, _args, { input }) {
    const { canAsk } = await import("../setup/prompts.ts");
    if (!input || !canAsk(invocation.console)) return writeTemplate(invocation);
    return (await import("./init-asking.ts")).initAsking(invocation);
  },
};

/** Writes a commented configuration, never over an existing file. */
async function writeTemplate(invocation: Invocation): Promise<number> {
  const { configPath, console } = invocation;
  const { writeConfig } = await import("../setup/write-config.ts");
  writeConfig(configPath, TEMPLATE);
  if (console.json) console.print(JSON.stringify({ written: configPath }));
  else if (!console.quiet)
    console.print(`wrote ${configPath}: fill in the two connectors, then run \`syncline check\``);
  return EXIT.done;
}
