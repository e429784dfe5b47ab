import { execa } from "execa";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { Client } from "pg";
import { packageFolder } from "../connector/launch.ts";
import { RULED, table } from "../output/table.ts";
import { makeTemporaryFolder } from "../store/temporary-folder.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";

/** The command line that the demo's commands run. */
const SYNCLINE = join(packageFolder(), "orchestrator/bin.js");

const CONFIG = "syncline.yaml";

const UUID_OID = 2950;

/** How much of a uuid tells two rows apart on a screen, in characters. */
const UUID_SHOWN_CHARS = 8;

/** Where the demo is shown. */
export interface Screen {
  readonly write: (text: string) => void;
  readonly hasColor: boolean;
}

export interface DemoOptions {
  /** How often `syncline serve` runs the connections, as `every` of a connection says it. Default: not by itself. */
  readonly every?: string;
}

/** Two servers, a session on each, and a project folder with a `syncline.yaml`. */
export class DemoSandbox {
  readonly #screen: Screen;
  readonly #signal: AbortSignal;
  readonly #folder: string;
  readonly #servers: readonly [PostgresServer, PostgresServer];
  readonly #source: Client;
  readonly #destination: Client;
  #isKept = false;

  private constructor(
    screen: Screen,
    signal: AbortSignal,
    folder: string,
    servers: readonly [PostgresServer, PostgresServer],
    sessions: readonly [Client, Client],
  ) {
    this.#screen = screen;
    this.#signal = signal;
    this.#folder = folder;
    this.#servers = servers;
    [this.#source, this.#destination] = sessions;
  }

  /** Starts everything. Throws when PostgreSQL cannot start; nothing is left running then. */
  static async open(
    screen: Screen,
    signal: AbortSignal,
    { every }: DemoOptions = {},
  ): Promise<DemoSandbox> {
    const started = await Promise.allSettled([startPostgres(), startPostgres()]);
    const [source, destination] = started;
    if (source.status === "rejected" || destination.status === "rejected") {
      for (const result of started) if (result.status === "fulfilled") await result.value.stop();
      throw source.status === "rejected"
        ? source.reason
        : (destination as PromiseRejectedResult).reason;
    }
    const servers = [source.value, destination.value] as const;
    try {
      const folder = makeTemporaryFolder("syncline-demo-");
      await writeFile(join(folder, CONFIG), demoConfig(...servers, every));
      const sessions = [await connect(source.value), await connect(destination.value)] as const;
      return new DemoSandbox(screen, signal, folder, servers, sessions);
    } catch (error) {
      await Promise.allSettled(servers.map((server) => server.stop()));
      throw error;
    }
  }

  /** Where the two servers listen. */
  get addresses(): { readonly source: string; readonly destination: string } {
    const [source, destination] = this.#servers;
    return {
      source: `${source.host}:${source.port}`,
      destination: `${destination.host}:${destination.port}`,
    };
  }

  /** The same as URLs, with the passwords. */
  get urls(): { readonly source: string; readonly destination: string } {
    const [source, destination] = this.#servers;
    return { source: source.url(), destination: destination.url() };
  }

  /** The path of `syncline.yaml`. */
  get config(): string {
    return join(this.#folder, CONFIG);
  }

  /** The variables that `syncline.yaml` names. */
  get environment(): Readonly<Record<string, string>> {
    const [source, destination] = this.#servers;
    return { SOURCE_PASSWORD: source.password, DESTINATION_PASSWORD: destination.password };
  }

  heading(text: string): void {
    this.#screen.write(`\n${this.#styled(["bold", "cyan"], `— ${text}`)}\n`);
  }

  say(text: string): void {
    this.#screen.write(`\n${text}\n`);
  }

  /** Runs statements at the source, in view. */
  async change(sql: string): Promise<void> {
    this.#signal.throwIfAborted();
    this.#prompt("source=#", sql);
    await this.#source.query(sql);
  }

  /** Shows what a query answers at one of the servers. */
  async show(where: "source" | "destination", sql: string): Promise<void> {
    this.#signal.throwIfAborted();
    this.#prompt(`${where}=#`, sql);
    const session = where === "source" ? this.#source : this.#destination;
    this.#indented(await ask(session, sql));
  }

  /** Runs `syncline` as a user would type it. Throws when it fails. */
  async run(words: string): Promise<void> {
    this.#signal.throwIfAborted();
    this.#prompt("$", `syncline ${words}`);
    const subprocess = execa(process.execPath, [SYNCLINE, ...words.split(" ")], {
      cwd: this.#folder,
      env: {
        ...this.environment,
        ...(this.#screen.hasColor ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }),
      },
      stdin: "ignore",
      all: true,
      reject: false,
      cancelSignal: this.#signal,
      gracefulCancel: false,
    });
    const result = await subprocess;
    this.#signal.throwIfAborted();
    this.#indented(result.all);
    if (result.exitCode !== 0) {
      throw new Error(
        `\`syncline ${words}\` ended with status ${result.exitCode ?? result.signal}`,
      );
    }
  }

  /** Lets the servers go on when this process ends. Says where they are, and what ends them. */
  keep(): { readonly source: string; readonly destination: string; readonly pids: string } {
    for (const server of this.#servers) server.keep();
    this.#isKept = true;
    return {
      ...this.urls,
      pids: this.#servers.map(({ pid }) => pid).join(" "),
    };
  }

  /** Stops the servers, unless they are kept, and removes every other trace. Never fails. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#source.end(), this.#destination.end()]);
    if (!this.#isKept) await Promise.allSettled(this.#servers.map((server) => server.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #prompt(prompt: string, text: string): void {
    this.#screen.write(`\n  ${this.#styled(["dim"], prompt)} ${this.#styled(["bold"], text)}\n`);
  }

  #indented(text: string): void {
    this.#screen.write(text.trimEnd().replace(/^(?=.)/gm, "  ") + "\n");
  }

  #styled(styles: ("bold" | "dim" | "cyan")[], text: string): string {
    if (!this.#screen.hasColor) return text;
    return styles.reduce((styled, style) => styleText(style, styled), text);
  }
}

async function connect(server: PostgresServer): Promise<Client> {
  const client = new Client({
    connectionString: server.url(),
    types: { getTypeParser: () => String },
  });
  client.on("error", () => {}); // the server was stopped under it, by us
  await client.connect();
  await client.query("set timezone to 'UTC'");
  return client;
}

/** The answer as psql shows it, but for uuids, which are too wide for a screen and random anyway. */
async function ask(session: Client, sql: string): Promise<string> {
  const { fields, rows } = await session.query<(string | null)[]>({ text: sql, rowMode: "array" });
  const cell = (value: string | null, column: number) =>
    value !== null && fields[column]!.dataTypeID === UUID_OID
      ? `${value.slice(0, UUID_SHOWN_CHARS)}…`
      : (value ?? "");
  const lines = table(
    fields.map(({ name }) => name),
    rows.map((row) => row.map(cell)),
    RULED,
  );
  return [...lines, `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`, ""].join("\n");
}

/** The demo's `syncline.yaml`. The passwords come from the environment, as they should. */
function demoConfig(source: PostgresServer, destination: PostgresServer, every?: string): string {
  const schedule = every === undefined ? "" : `\n    every: ${every}`;
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
    destination: warehouse${schedule}
    prefix: overwrite_
    streams:
      - { name: full_refresh_demo, namespace: public, sync_mode: full_refresh, destination_sync_mode: overwrite }

  full-refresh-append:
    source: shop
    destination: warehouse${schedule}
    prefix: append_
    streams:
      - { name: full_refresh_demo, namespace: public, sync_mode: full_refresh, destination_sync_mode: append }

  incremental-append:
    source: shop
    destination: warehouse${schedule}
    streams:
      - { name: table_one, namespace: public, sync_mode: incremental, destination_sync_mode: append, cursor_field: updated_at }

  incremental-deduped:
    source: shop
    destination: warehouse${schedule}
    streams:
      - { name: table_two, namespace: public, sync_mode: incremental, destination_sync_mode: append_dedup, cursor_field: updated_at, primary_key: [id] }
`;
}
