import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { countServer } from "./measure.mjs";
import { TABLE } from "./table.mjs";
import { startPostgres } from "../../dist/orchestrator/demo/postgres-server.js";

/** Both servers get what a small real one has, and everybody waits for the disk at a commit. */
const SETTINGS = {
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  shared_buffers: "256MB",
  max_wal_size: "4GB",
  checkpoint_timeout: "30min",
  // By which it is seen when a change arrived.
  track_commit_timestamp: "on",
};

const fromRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Two servers, a folder for configs, and the commands of everything that is measured. */
export class Stage {
  /** @param {string} [folder] the binaries of both servers; those of the demo when there is none */
  static async open(folder) {
    const binaries = folder === undefined ? {} : { binaries: { folder, origin: "system" } };
    const start = () => startPostgres({ settings: SETTINGS, ...binaries });
    const [source, destination] = await Promise.all([start(), start()]);
    const stage = new Stage();
    stage.folder = await mkdtemp(join(tmpdir(), "syncline-bench-"));
    stage.servers = { source, destination };
    countServer("source's server", source.pid);
    countServer("destination's server", destination.pid);
    stage.hasPsql = spawnSync("psql", ["--version"]).status === 0;
    stage.sessions = {
      source: await connect(source.url()),
      destination: await connect(destination.url()),
    };
    return stage;
  }

  async close() {
    await Promise.allSettled(Object.values(this.sessions).map((session) => session.end()));
    await Promise.all(Object.values(this.servers).map((server) => server.stop("immediate")));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @param {"source" | "destination"} where */
  async query(where, sql) {
    return (await this.sessions[where].query(sql)).rows;
  }

  /** Removes what the last run left, and its unwritten pages, so that every run starts alike. */
  async emptyDestination() {
    const schemas = await this.query(
      "destination",
      "select quote_ident(nspname) as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'",
    );
    const names = schemas.map(({ name }) => name).join(", ");
    if (names !== "") await this.query("destination", `drop schema ${names} cascade`);
    await this.query("destination", "create schema public");
    await this.query("destination", "checkpoint");
  }

  /** Removes every table of the source but the main one, so that no scenario is in another's way. */
  async tidySource() {
    const tables = await this.query(
      "source",
      `select quote_ident(relname) as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> '${TABLE}'`,
    );
    const names = tables.map(({ name }) => name).join(", ");
    if (names !== "") await this.query("source", `drop table ${names}`);
    await this.query("source", "checkpoint");
  }

  /** The URL of a server, or of the same at another port. */
  url(where, port = this.servers[where].port) {
    const url = new URL(this.servers[where].url());
    url.port = String(port);
    return url.href;
  }

  /** Runs statements in one session with psql, or with our stand-in where there is no psql. */
  sql(where, ...statements) {
    return this.sqlAt(this.url(where), ...statements);
  }

  /** The same at a URL. */
  sqlAt(url, ...statements) {
    return this.hasPsql
      ? { file: "psql", args: ["-X", "-q", url, ...statements.flatMap((sql) => ["-c", sql])] }
      : { file: process.execPath, args: [fromRoot("test/bench/copy.mjs"), url, ...statements] };
  }

  /** One of our executables. */
  node(name, ...args) {
    const path = name === "syncline" ? "orchestrator/bin.js" : `connectors/${name}/bin.js`;
    return {
      file: process.execPath,
      args: [fromRoot(path), ...args],
      cwd: this.folder,
    };
  }

  /** The connection properties of both connectors. */
  config(where) {
    const { host, port, username, password } = this.servers[where];
    return { host, port, username, password, database: "postgres" };
  }

  /** Writes a file of the folder, as JSON unless it is a text, and returns its path. */
  async file(name, value) {
    const path = join(this.folder, name);
    await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
    return path;
  }
}

async function connect(url) {
  const client = new Client(url);
  client.on("error", () => {}); // its server is stopped under it at the end
  await client.connect();
  return client;
}
