import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findPostgresBinaries } from "../../orchestrator/demo/postgres-binaries.ts";
import { startPostgres } from "../../orchestrator/demo/postgres-server.ts";

/** A server the tests may create databases on. */
export interface TestServer {
  /** URL of a superuser, naming any database. */
  readonly url: string;
  /** Where it came from, for the line printed at the start of a run. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Docker image of the container rung. */
const IMAGE = "postgres:17";

type Rung = readonly [name: string, start: () => Promise<TestServer>];

/**
 * Starts one server by the first way that works: the URL in the environment variable
 * `urlVariable`, a container, the embedded binaries, the system's binaries. Only one of them is
 * tried when SYNCLINE_TEST_POSTGRES names it (`docker`, `embedded` or `system`).
 *
 * Throws an Error saying why each way failed; tests never run without a database.
 */
export async function startTestServer(urlVariable: string): Promise<TestServer> {
  const url = process.env[urlVariable];
  if (url) return { url, origin: urlVariable, stop: async () => {} };
  const wanted = process.env["SYNCLINE_TEST_POSTGRES"] ?? "auto";
  const rungs: Rung[] = [["docker", container], ...binaryRungs()];
  const failures: string[] = [];
  for (const [name, start] of rungs.filter(([name]) => wanted === "auto" || wanted === name)) {
    try {
      return await start();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `no PostgreSQL for the tests. Set ${urlVariable}, start Docker, or install PostgreSQL.\n${failures.join("\n")}`,
  );
}

function binaryRungs(): Rung[] {
  const found = findPostgresBinaries();
  return (["embedded", "system"] as const).map((origin) => [
    origin,
    async () => {
      const binaries = found.find((candidate) => candidate.origin === origin);
      if (!binaries) throw new Error("no binaries found");
      const server = await startPostgres({ binaries });
      return { url: server.url(), origin, stop: () => server.stop("immediate") };
    },
  ]);
}

async function container(): Promise<TestServer> {
  if (!dockerMayAnswer()) throw new Error("no Docker socket");
  // Imported late: 13 MB of code that most runs do not need.
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const settings = ["wal_level=logical", "max_connections=200", "fsync=off"];
  const started = await new PostgreSqlContainer(IMAGE)
    .withCommand(["postgres", ...settings.flatMap((setting) => ["-c", setting])])
    .start();
  return {
    url: started.getConnectionUri(),
    origin: `docker (${IMAGE})`,
    stop: async () => {
      await started.stop();
    },
  };
}

function dockerMayAnswer(): boolean {
  if (process.env["DOCKER_HOST"]) return true;
  const sockets = [
    "/var/run/docker.sock",
    join(homedir(), ".docker/run/docker.sock"),
    join(process.env["XDG_RUNTIME_DIR"] ?? "/nonexistent", "docker.sock"),
  ];
  return sockets.some((socket) => existsSync(socket));
}
