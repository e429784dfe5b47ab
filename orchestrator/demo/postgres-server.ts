import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeTemporaryFolder } from "../store/temporary-folder.ts";
import {
  copyBinaries,
  findPostgresBinaries,
  type PostgresBinaries,
  restoreLibraryLinks,
} from "./postgres-binaries.ts";
import { Watchdog } from "./watchdog.ts";

const run = promisify(execFile);

/**
 * What a server that is thrown away soon is run with: quick, and ready for logical decoding. Commits
 * stay synchronous: without fsync that costs little, and a crash of the server then loses none.
 */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  max_wal_senders: "20",
  max_replication_slots: "20",
  max_connections: "200",
  fsync: "off",
  full_page_writes: "off",
  timezone: "UTC",
  log_timezone: "UTC",
} as const;

/** Attempts to find a port nobody takes between our look and PostgreSQL's bind. */
const PORT_ATTEMPTS = 5;

/** How much of the server's log is kept in memory, in characters. */
const LOG_TAIL_CHARS = 64 * 1024;

/** What is different from a server that only runs the demo. */
export interface PostgresOptions {
  /** Binaries to use; default: the first found that start. */
  readonly binaries?: PostgresBinaries;
  /** The superuser's password. Default: a random one. */
  readonly password?: string;
  /** Server settings on top of, or instead of, ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files of the data folder and their texts, written before the server starts. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The account to run PostgreSQL as; empty: our own. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** `smart` waits for sessions to end, `fast` ends them, `immediate` is a crash. */
export type StopMode = "smart" | "fast" | "immediate";

const STOP_SIGNALS = { smart: "SIGTERM", fast: "SIGINT", immediate: "SIGQUIT" } as const;

/**
 * Starts a throw-away PostgreSQL in a new folder under the temporary folder, as an ordinary user or
 * as root (it then runs as `postgres` or `nobody`). Without `stop` it ends with this process, also
 * by SIGKILL; it does not keep this process alive.
 *
 * Throws an Error listing what was tried when no binaries are found or none of them start.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  if (process.platform === "win32") {
    throw new Error("starting PostgreSQL ourselves needs Linux or macOS; use Docker Compose here");
  }
  const candidates = options.binaries ? [options.binaries] : findPostgresBinaries();
  const tried: string[] = [];
  for (const binaries of candidates) {
    try {
      return await startWith(binaries, options);
    } catch (error) {
      tried.push(`${binaries.origin} binaries in ${binaries.folder}: ${(error as Error).message}`);
    }
  }
  const why = tried.length === 0 ? "no PostgreSQL binaries found" : tried.join("\n");
  throw new Error(`PostgreSQL did not start: ${why}`);
}

/**
 * PostgreSQL refuses to run as root, so root drops to the first unprivileged account that exists.
 * No account is created: that would outlive us.
 */
export async function postgresAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const ids = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]).catch(
      () => undefined, // no such account: the next one
    );
    if (ids !== undefined) return { uid: Number(ids[0].stdout), gid: Number(ids[1].stdout) };
  }
  throw new Error(
    "PostgreSQL does not run as root, and there is neither a postgres nor a nobody account to run it as",
  );
}

async function startWith(
  found: PostgresBinaries,
  { password = randomBytes(12).toString("hex"), settings = {}, files = {} }: PostgresOptions,
): Promise<PostgresServer> {
  const account = await postgresAccount();
  const home = makeTemporaryFolder("syncline-postgres-");
  const watchdog = new Watchdog(home);
  try {
    if (account.uid !== undefined) await chown(home, account.uid, account.gid!);
    const binaries = await runnable(found, account, home);
    const place = { binaries, account, home };
    await initialise(place, password);
    for (const [name, text] of Object.entries(files))
      await writeOwned(join(home, "data", name), text, account);
    const server = new PostgresServer(place, watchdog, password, { ...SETTINGS, ...settings });
    await server.startOnFreePort();
    return server;
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    watchdog.dismiss();
    throw error;
  }
}

/** What a server is run from, as whom, and in which folder. */
interface Installation {
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly home: string;
}

/** The binaries, or a copy of them where the account cannot run them in their place. */
async function runnable(
  binaries: PostgresBinaries,
  account: Account,
  home: string,
): Promise<PostgresBinaries> {
  await restoreLibraryLinks(binaries);
  const runs = (candidate: PostgresBinaries) =>
    run(join(candidate.folder, "postgres"), ["--version"], child(account, home));
  try {
    await runs(binaries);
    return binaries;
  } catch (error) {
    if (binaries.origin !== "embedded") throw error;
    // A project under a 0700 folder, or a read-only one whose links are missing.
    const copy = await copyBinaries(binaries, home);
    await runs(copy);
    return copy;
  }
}

/** What every process of PostgreSQL is started with; nothing of our environment leaks in. */
function child(account: Account, home: string) {
  const environment = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
  return { ...account, cwd: home, env: environment };
}

async function initialise(
  { binaries, account, home }: Installation,
  password: string,
): Promise<void> {
  const passwordFile = join(home, "password");
  await writeOwned(passwordFile, `${password}\n`, account);
  // prettier-ignore
  const options = ["-D", join(home, "data"), "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--no-locale", "--no-sync"];
  await run(join(binaries.folder, "initdb"), options, child(account, home));
  await rm(passwordFile);
}

async function writeOwned(path: string, text: string, account: Account): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600 });
  if (account.uid !== undefined) await chown(path, account.uid, account.gid!);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

/** A running server on 127.0.0.1 whose superuser is `postgres`; made by `startPostgres`. */
export class PostgresServer {
  readonly host = "127.0.0.1";
  readonly username = "postgres";
  readonly password: string;
  readonly #place: Installation;
  readonly #watchdog: Watchdog;
  readonly #settings: Readonly<Record<string, string>>;
  #port = 0;
  #log = "";
  #process: ChildProcess | undefined;

  constructor(
    place: Installation,
    watchdog: Watchdog,
    password: string,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#place = place;
    this.#watchdog = watchdog;
    this.password = password;
    this.#settings = settings;
  }

  get dataFolder(): string {
    return join(this.#place.home, "data");
  }

  get port(): number {
    return this.#port;
  }

  /** Id of the main server process; another one after `halt` and `start`. */
  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error("the server is not running");
    return this.#process.pid;
  }

  /** The URL of a database. */
  url(database = "postgres"): string {
    return `postgres://${this.username}:${encodeURIComponent(this.password)}@${this.host}:${this.#port}/${encodeURIComponent(database)}`;
  }

  /** The end of the server's log, at most 64 Ki characters. */
  log(): string {
    return this.#log;
  }

  async startOnFreePort(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port = await freePort();
      try {
        await this.start();
        return;
      } catch (error) {
        const isTaken = this.#log.includes("could not bind");
        if (!isTaken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  /** Starts a halted server again, on the same port and data. */
  async start(): Promise<void> {
    if (this.#process) throw new Error("the server is running already");
    const { binaries, account, home } = this.#place;
    const settings = Object.entries(this.#settings).flatMap(([key, value]) => [
      "-c",
      `${key}=${value}`,
    ]);
    const server = spawn(
      join(binaries.folder, "postgres"),
      ["-D", this.dataFolder, "-p", String(this.#port), ...settings],
      {
        ...child(account, home),
        stdio: ["ignore", "ignore", "pipe"],
        detached: true, // Ctrl-C is for us: we stop the server when its users are done
      },
    );
    this.#watchdog.watch(server.pid);
    await this.#ready(server);
    this.#process = server;
    server.unref();
    (server.stderr as unknown as { unref(): void }).unref();
  }

  async #ready(server: ChildProcess): Promise<void> {
    this.#log = "";
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.once("exit", (code) =>
        reject(new Error(`postgres exited with status ${code}\n${this.#log}`)),
      );
      server.stderr!.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_TAIL_CHARS);
        // A standby says "read-only connections".
        if (/ready to accept (read.only )?connections/.test(this.#log)) resolve();
      });
    });
  }

  /** Stops the server but keeps its data and port, for `start`. */
  async halt(mode: StopMode = "fast"): Promise<void> {
    const server = this.#process;
    if (!server) return;
    this.#process = undefined;
    server.ref();
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, "exit");
      server.kill(STOP_SIGNALS[mode]);
      await exited;
    }
    this.#watchdog.watch(undefined);
  }

  /** Lets the server go on without us, until somebody ends its process; then its folder goes as well. */
  keep(): void {
    this.#watchdog.keep();
  }

  /** Stops the server and removes its folder. Calling it again does nothing. */
  async stop(mode: StopMode = "fast"): Promise<void> {
    await this.halt(mode);
    await rm(this.#place.home, { recursive: true, force: true });
    this.#watchdog.dismiss();
  }
}
