import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { countServer } from "./measure.mjs";
import { startPostgres } from "../../dist/orchestrator/demo/postgres-server.js";

/** Both servers get what a small real one has; commits are not waited for on disk by anybody. */
const SETTINGS = { shared_buffers: "256MB", max_wal_size: "4GB", checkpoint_timeout: "30min" };

const fromRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Two servers, a folder for configs, and the commands of everything that is measured. */
export class Stage {
  static async open() {
    const [source, destination] = await Promise.all([
      startPostgres({ settings: SETTINGS }),
      startPostgres({ settings: SETTINGS }),
    ]);
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
    await this.query(
      "destination",
      "drop schema public cascade; drop schema if exists _syncline cascade; create schema public; checkpoint",
    );
  }

  /** Runs statements in one session with psql, or with our stand-in where there is no psql. */
  sql(where, ...statements) {
    const url = this.servers[where].url();
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

  /** Writes a file of the folder and returns its path. */
  async file(name, value) {
    const path = join(this.folder, name);
    await writeFile(path, JSON.stringify(value));
    return path;
  }
}

async function connect(url) {
  const client = new Client(url);
  client.on("error", () => {}); // its server is stopped under it at the end
  await client.connect();
  return client;
}
