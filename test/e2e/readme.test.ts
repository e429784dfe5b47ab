import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { parse, stringify } from "yaml";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { it } from "../support/fixtures.ts";
import { commandsOf, fencedBlocks, type Block } from "../support/markdown.ts";
import { INSTALL_TIMEOUT_MS, packInto } from "../support/package.ts";
import { Shell, type Ended } from "../support/shell.ts";

/**
 * Pastes README.md into a shell, line by line, in an empty folder of a machine that has nothing of
 * this repository but what `npm pack` makes of it.
 *
 * - `sh`: every command must end with status 0.
 * - `console`: lines behind `$ ` are commands, the lines below are what they print, whatever the
 *   numbers.
 * - `yaml`: a `syncline.yaml`, or a part of its first connection; a sync of it must succeed.
 * - `json`: a line that a command of the block before prints, whatever the numbers.
 *
 * Anything else fails. Only the two servers' ports are others than in the README.
 */

const ROOT = join(import.meta.dirname, "../..");

/** What runs in the place of a command that needs what is not here, and why. */
interface StandIn {
  readonly because: string;
  readonly run: string;
}

const FOR_CLONES = "an empty folder is no clone";

/** By the exact text of the command. */
const STAND_INS: Readonly<Record<string, StandIn>> = {
  "npm ci && npm run demo     # two throw-away PostgreSQL servers, real syncs, every table shown": {
    because: `${FOR_CLONES}, and CI has installed already`,
    run: `node '${ROOT}/orchestrator/bin.js' demo`,
  },
  "npm test                   # the whole suite, on real PostgreSQL and real processes": {
    because: "this is a part of it",
    run: ":",
  },
  "npm ci && npm pack                    # in a clone: makes syncline-0.1.0.tgz": {
    because: FOR_CLONES,
    run: 'cp "$PACKED" syncline-0.1.0.tgz && tar -xzf "$PACKED" --strip-components=1 package/examples',
  },
  "docker compose up --wait": {
    because: "there may be no Docker; two servers are running",
    run: ":",
  },
  "syncline copy postgres://me@shop.example/shop postgres://me@localhost/warehouse": {
    because: "it is installed further below, and these are nobody's databases",
    run: ":",
  },
  "syncline serve         # until Ctrl-C; its page is on http://127.0.0.1:8130": {
    because: "it goes on until Ctrl-C",
    run: "syncline serve --help",
  },
  "syncline init          # writes a syncline.yaml; a commented template with --no-input": {
    because: "the folder of an example has one",
    run: "mkdir new && syncline init --config new/syncline.yaml",
  },
};

/** What a block needs that the README leaves to its reader, by a part of the block's text. */
const NEEDS: Readonly<Record<string, string>> = {
  "name: table_one": `psql "$SOURCE_URL" --file ../incremental/source.sql --command 'create table log_a (id int)'`,
};

let servers: { readonly source: PostgresServer; readonly destination: PostgresServer };

beforeAll(async () => {
  const [source, destination] = await Promise.all([
    startPostgres({ password: "password" }),
    startPostgres({ password: "password" }),
  ]);
  servers = { source, destination };
});

afterAll(async () => {
  await Promise.all(Object.values(servers).map((server) => server.stop("immediate")));
});

/** Not everybody has it; CI does. */
const hasPsql = spawnSync("psql", ["--version"]).status === 0;

it.skipIf(!hasPsql)(
  "runs pasted line by line, in an empty folder, from the package",
  { timeout: 2 * INSTALL_TIMEOUT_MS },
  async ({ folder }) => {
    const reader = await Reader.open(folder);
    const blocks = fencedBlocks(await readFile(join(ROOT, "README.md"), "utf8"));
    expect(blocks.length).toBeGreaterThan(5);

    for (const block of blocks) await reader.paste(block);

    // A stand-in for a line that is not there any more would hide the one that took its place.
    expect(Object.keys(STAND_INS).filter((command) => !reader.pasted.has(command))).toEqual([]);
    await reader.close();
  },
);

/** Somebody with an empty folder and a shell who does what the page says. */
class Reader {
  readonly #shell: Shell;
  readonly #folder: string;
  readonly pasted = new Set<string>();
  /** What the commands of the last block printed. */
  #printed = "";

  private constructor(shell: Shell, folder: string) {
    this.#shell = shell;
    this.#folder = folder;
  }

  static async open(folder: string): Promise<Reader> {
    const packed = await packInto(join(folder, "package"));
    const [empty, prefix] = [join(folder, "empty"), join(folder, "prefix")];
    await mkdir(empty);
    const shell = await Shell.open(folder, {
      cwd: empty,
      env: {
        PATH: `${join(prefix, "bin")}:${process.env["PATH"]}`,
        npm_config_prefix: prefix,
        npm_config_prefer_offline: "true",
        PACKED: packed,
        SOURCE_URL: servers.source.url(),
        SOURCE_PASSWORD: "password",
        DESTINATION_PASSWORD: "password",
      },
    });
    return new Reader(shell, empty);
  }

  async close(): Promise<void> {
    await this.#shell.close();
  }

  async paste(block: Block): Promise<void> {
    for (const [part, need] of Object.entries(NEEDS))
      if (block.text.includes(part)) this.#expectDone(await this.#shell.run(need), need, block);
    if (block.language === "sh") await this.#script(block);
    else if (block.language === "console") await this.#session(block);
    else if (block.language === "yaml") await this.#configure(block);
    else if (block.language === "json") this.#expectPrinted(block.text.split("\n"), block);
    else throw new Error(`README.md:${block.line}: nobody knows how to run ${block.language}`);
  }

  async #script(block: Block): Promise<void> {
    let printed = "";
    for (const command of commandsOf(block.text)) printed += await this.#run(command, block);
    this.#printed = printed;
  }

  async #session(block: Block): Promise<void> {
    for (const part of block.text.split(/^\$ /m).filter((text) => text !== "")) {
      const [command, ...output] = part.trimEnd().split("\n");
      this.#printed = await this.#run(command!, block);
      this.#expectPrinted(output, block);
    }
  }

  async #configure(block: Block): Promise<void> {
    const { stdout } = await this.#shell.run("pwd");
    const path = join(stdout.trimEnd(), "syncline.yaml");
    const given = parse(block.text) as object;
    if ("connections" in given) await writeFile(path, block.text);
    else {
      const whole = parse(await readFile(path, "utf8")) as { connections: Record<string, object> };
      const [name] = Object.keys(whole.connections);
      whole.connections[name!] = { ...whole.connections[name!], ...given };
      await writeFile(path, stringify(whole));
    }
    this.#printed = await this.#run("syncline sync", block);
  }

  /** Runs a command, or its stand-in, to a good end, and returns what it printed. */
  async #run(command: string, block: Block): Promise<string> {
    await this.#fitFiles(this.#folder);
    this.pasted.add(command);
    const ended = await this.#shell.run(STAND_INS[command]?.run ?? fitted(command));
    this.#expectDone(ended, command, block);
    return ended.stdout + ended.stderr;
  }

  #expectDone({ status, stdout, stderr }: Ended, command: string, { line }: Block): void {
    expect(status, `README.md:${line}: ${command}\n${stdout}${stderr}`).toBe(0);
  }

  /** That the commands before printed these lines, in this order; the numbers may be others. */
  #expectPrinted(lines: readonly string[], { line }: Block): void {
    const printed = this.#printed.split("\n").map(loosely);
    let at = 0;
    for (const expected of lines) {
      const found = printed.indexOf(loosely(expected), at);
      expect(
        found,
        `README.md:${line}: never printed: ${expected}\n${this.#printed}`,
      ).toBeGreaterThanOrEqual(0);
      at = found + 1;
    }
  }

  /** Files that name the servers get the ports these have here. */
  async #fitFiles(folder: string): Promise<void> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(json|ya?ml)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const text = await readFile(path, "utf8");
      if (fitted(text) !== text) await writeFile(path, fitted(text));
    }
  }
}

/** A text of the README with this test's ports in the place of 2000 and 3000. */
function fitted(text: string): string {
  const ports = { 2000: servers.source.port, 3000: servers.destination.port };
  return text.replaceAll(
    /(localhost:|port"?: )(2000|3000)\b/g,
    (_, before: string, port: "2000" | "3000") => `${before}${ports[port]}`,
  );
}

/** A printed line without its numbers and its exact spacing. */
function loosely(line: string): string {
  return line
    .replaceAll(/\d[\d.,]*/g, "#")
    .replaceAll(/\s+/g, " ")
    .trim();
}
