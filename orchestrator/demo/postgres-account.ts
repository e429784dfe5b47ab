import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The account to start PostgreSQL as; empty: our own. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
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
