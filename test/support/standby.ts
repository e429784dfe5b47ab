import { execFile } from "node:child_process";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  postgresAccount,
  type PostgresServer,
  startPostgres,
  type TestPostgresOptions,
} from "./postgres-server.ts";

/**
 * A server that follows another one from a copy of its files, and answers who reads; to be stopped before
 * it. The primary is restarted for it.
 */
export async function standbyOf(
  primary: PostgresServer,
  { settings, binaries }: Pick<TestPostgresOptions, "settings" | "binaries"> = {},
): Promise<PostgresServer> {
  const { host, port, username, password } = primary;
  const standby = await startPostgres({
    password,
    ...(binaries && { binaries }),
    settings: {
      primary_conninfo: `host=${host} port=${port} user=${username} password=${password} dbname=postgres`,
      ...settings,
    },
  });
  await Promise.all([primary.halt(), standby.halt()]);
  await rm(standby.dataFolder, { recursive: true });
  await cp(primary.dataFolder, standby.dataFolder, { recursive: true });
  // A standby starts with no slots but those that it makes itself.
  await rm(join(standby.dataFolder, "pg_replslot"), { recursive: true });
  await mkdir(join(standby.dataFolder, "pg_replslot"), { mode: 0o700 });
  await writeFile(join(standby.dataFolder, "standby.signal"), "");
  const { uid, gid } = await postgresAccount();
  if (uid !== undefined)
    await promisify(execFile)("chown", ["-R", `${uid}:${gid!}`, standby.dataFolder]);
  await primary.start();
  await standby.start();
  return standby;
}
