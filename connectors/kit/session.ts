import { once } from "node:events";
import type { Readable } from "node:stream";
import type { Command } from "./command-line.ts";
import type { ConnectorDefinition } from "./contract.ts";
import { EXIT, type HostProcess } from "./lifecycle.ts";
import { Shelf } from "./shelf.ts";

/** After these nothing is asked any more: what is behind `write` on stdin is its records. */
const LAST: ReadonlySet<unknown> = new Set(["read", "write"]);

/**
 * `session`: runs the commands that come on stdin, one after the other, as if each had a process of its
 * own, whose start is what it saves, with a shelf for what one leaves to the next. Each is a line, a JSON
 * array of what a command line would say: `["discover","--config","/path"]`. The line `{"type":"COMMAND_DONE"}` tells that it has ended well and
 * the next may come. `read` and `write` are the last, and so is one that fails: its status is the
 * process's. When stdin ends, the session does.
 *
 * @param run the connector's `main`.
 */
export function sessionCommand(
  definition: ConnectorDefinition<unknown>,
  host: HostProcess,
  run: (host: HostProcess) => Promise<number>,
): Command {
  return {
    name: "session",
    description: "run the commands on stdin, each a JSON array, one after the other",
    takes: [],
    run: async () => {
      // Meanwhile nobody waits for it; whatever is wrong with it shows when it is needed.
      void definition.load().catch(() => {});
      const shelf = new Shelf();
      try {
        return await runAll(host, shelf, run);
      } finally {
        await shelf.take()?.close();
        host.stdin.destroy(); // or it would keep the process alive
      }
    },
  };
}

async function runAll(
  host: HostProcess,
  shelf: Shelf,
  run: (host: HostProcess) => Promise<number>,
): Promise<number> {
  for (;;) {
    const line = await nextLine(host.stdin);
    if (line === undefined) return EXIT.done;
    const args = argumentsIn(line);
    if (args === undefined) {
      host.stderr.write("a line that is no JSON array of texts is no command\n");
      return EXIT.usage;
    }
    const isLast = LAST.has(args[0]);
    shelf.isOpen = !isLast;
    const status = await run(hostOf(args, host, { shelf, isLast }));
    if (status !== EXIT.done || isLast) return status;
    host.stdout.write('{"type":"COMMAND_DONE"}\n');
  }
}

/** The process as one command sees it. */
function hostOf(
  args: readonly string[],
  host: HostProcess,
  { shelf, isLast }: { shelf: Shelf; isLast: boolean },
): HostProcess {
  return {
    argv: [...host.argv.slice(0, 2), ...args],
    env: host.env,
    stdin: host.stdin,
    stdout: host.stdout,
    stderr: host.stderr,
    on: (event, listener) => host.on(event, listener),
    off: (event, listener) => host.off(event, listener),
    exit: (code) => {
      // What a command left behind does not end a process that goes on.
      if (isLast || code !== EXIT.done) host.exit?.(code);
    },
    shelf,
  };
}

function argumentsIn(line: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && value.every((word) => typeof word === "string")
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

const NEWLINE = 0x0a;

/** The next line, and not a byte more: what follows may be somebody else's. Undefined: there is none. */
async function nextLine(stdin: Readable): Promise<string | undefined> {
  const parts: Buffer[] = [];
  for (;;) {
    const chunk = stdin.read() as Buffer | null;
    if (chunk === null) {
      if (stdin.readableEnded || stdin.destroyed) return undefined;
      await moreOf(stdin);
      continue;
    }
    const end = chunk.indexOf(NEWLINE);
    if (end === -1) {
      parts.push(chunk);
      continue;
    }
    if (end + 1 < chunk.length) stdin.unshift(chunk.subarray(end + 1));
    return Buffer.concat([...parts, chunk.subarray(0, end)]).toString("utf8");
  }
}

/** Resolves when there may be more to read, or never will be. */
async function moreOf(stdin: Readable): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const any = ["readable", "end", "close"].map((event) => once(stdin, event, { signal }));
  await Promise.race(any).catch(() => {}); // an error of the pipe is its end
  over.abort();
  await Promise.allSettled(any);
}
