import { existsSync, rmSync } from "node:fs";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { NAME } from "../config/schema.ts";
import type { Surroundings } from "../connector/connector.ts";
import type { Invocation } from "../invocation.ts";
import { AttemptLog } from "../store/attempt-log.ts";
import type { Home } from "../store/home.ts";
import { moveKnownCatalog } from "../store/known-catalog.ts";
import { lockConnection } from "../store/lock.ts";
import { keepProject } from "../store/project.ts";
import { readState, statePath, writeState, type ConnectionState } from "../store/state-file.ts";
import { adoptTables as adopt, takeOver } from "../sync/ownership.ts";
import { withSurroundings } from "./ask-connectors.ts";
import type { StreamOptions } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";

/** Makes the tables of a connection its own at the destination, whoever wrote them before. */
export async function adoptTables(
  invocation: Invocation,
  [name]: readonly string[],
  { stream = [] }: StreamOptions,
): Promise<number> {
  const [connection] = await invocation.connections([name!]);
  const home = await invocation.home();
  const lock = await lockConnection(home.locks, name!);
  try {
    return await withDestination(invocation, connection!, home, (around) =>
      adopt(connection!, stream, home, around),
    );
  } finally {
    lock.release();
  }
}

/**
 * Gives a connection what was kept under the name it had before: its positions here, and its tables
 * and positions at the destination. Can be run again after it was interrupted.
 */
export async function moveState(
  invocation: Invocation,
  [from, to]: readonly string[],
): Promise<number> {
  const { connections } = await invocation.config();
  const [connection] = await invocation.connections([to!]);
  if (connections.has(from!))
    throw new Failure(
      "usage.invalid",
      `${from} is still a connection of ${invocation.configPath}`,
      {
        hint: "move is for a connection that was renamed; `syncline adopt` takes over single tables",
      },
    );
  if (!new RegExp(NAME).test(from!))
    throw new Failure("usage.invalid", `${from} cannot be the name of a connection`);
  const home = await invocation.home();
  const locks = [await lockConnection(home.locks, from!), await lockConnection(home.locks, to!)];
  try {
    const [theirs, ours] = [from, to].map((name) => statePath(home, name!));
    const former = existsSync(theirs!) ? readState(theirs!, from!) : undefined;
    if (former && hasPosition(readState(ours!, to!)))
      throw new Failure("usage.invalid", `${to} has positions of its own`, {
        hint: `\`syncline state clear ${to}\` forgets them; \`syncline state export\` shows both`,
      });
    // The destination first: what it has handed over it does not hand over twice.
    const status = await withDestination(invocation, connection!, home, (around) =>
      takeOver(connection!, from!, around),
    );
    if (status !== EXIT.done || !former) return status;
    writeState(ours!, to!, former);
    moveKnownCatalog(home.path, from!, to!);
    rmSync(theirs!);
    return EXIT.done;
  } finally {
    for (const lock of locks) lock.release();
  }
}

function hasPosition({ streams, global, legacy }: ConnectionState): boolean {
  return global !== undefined || legacy !== undefined || [...streams.values()].some((s) => s.blob);
}

/** Lets `work` ask the connectors of a connection, and shows what they say of it. */
function withDestination(
  invocation: Invocation,
  { name, limits }: ConnectionConfig,
  home: Home,
  work: (around: Surroundings) => Promise<void>,
): Promise<number> {
  const { console } = invocation;
  keepProject(home.path, home.project, process.env);
  return withSurroundings(invocation, async (surroundings) => {
    const log = new AttemptLog(undefined, ({ level, origin, text }) => {
      if (console.verbose) console.note(`${level.padEnd(5)} ${origin}: ${text}`);
      else if (!console.quiet && level !== "DEBUG") console.note(`${name}: ${text}`);
    });
    const run = { project: home.project, connection: name, job: 0, attempt: 0 };
    await work({ ...surroundings(), limits, log, run });
    if (console.json) console.print(JSON.stringify({ connection: name, changed: true }));
    return EXIT.done;
  });
}
