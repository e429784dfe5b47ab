import { rmSync } from "node:fs";
import { parseConfig } from "../config/load.ts";
import type { Invocation } from "../invocation.ts";
import { COPIED_AS_IT_IS, draftText, endNames } from "../setup/draft.ts";
import { answered, CANCELLED, prompts } from "../setup/prompts.ts";
import { refuseExisting, writeConfig } from "../setup/write-config.ts";
import { makeTemporaryFolder } from "../store/temporary-folder.ts";
import { askDestination, askSource } from "./ask-ends.ts";
import { askTables } from "./ask-tables.ts";
import { EXIT } from "../output/exit-status.ts";
import { runJobs } from "./run-jobs.ts";
import { SYNC_ALL } from "../api/run.ts";

/**
 * Asks for both databases, and for what is to be copied and how; then writes the configuration, and
 * runs it if that is wanted. Whoever presses Ctrl-C at a question leaves nothing behind.
 */
export async function initAsking(invocation: Invocation): Promise<number> {
  const { configPath } = invocation;
  refuseExisting(configPath);
  const { intro, outro, confirm, cancel } = await prompts();
  // Nothing may be beside the configuration before there is one.
  const home = makeTemporaryFolder("syncline-init-");
  const asking = invocation.with({ home });
  try {
    intro(`${configPath}: copy tables from one PostgreSQL database to another`);
    const source = await askSource(asking);
    const ends = { source: source.login, destination: await askDestination(asking) };
    const tables = await askTables(source.catalog.streams, source.sizes);
    const runsNow = await answered(confirm({ message: "Run the first sync now?" }));

    const names = endNames(ends);
    const connection = `${names.source}-to-${names.destination}`;
    const draft = { ...ends, settings: COPIED_AS_IT_IS, connection, tables };
    const { text, variables } = draftText(draft, process.env);
    writeConfig(configPath, text);
    const needed = Object.keys(variables);
    outro(
      needed.length === 0
        ? `wrote ${configPath}; \`syncline sync\` runs it`
        : `wrote ${configPath}; \`syncline sync\` runs it and takes passwords from the\n   environment or from a file .env beside it: ${needed.join(", ")}`,
    );
    if (!runsNow) return EXIT.done;
    const config = parseConfig(text, configPath, { ...process.env, ...variables });
    const connections = [...config.connections.values()];
    return await runJobs(invocation.withConfig(config), connections, SYNC_ALL);
  } catch (error) {
    if (error !== CANCELLED) throw error;
    cancel("nothing was written");
    return EXIT.interrupted;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
