import { Failure } from "../../protocol/errors.ts";
import type { Row, Session } from "../postgres/session.ts";
import { quoteName } from "../postgres/sql.ts";
import { DESCRIBE_SERVER } from "./queries.ts";

/**
 * Looks at the server, and refuses one on which nothing can be written: a standby, or where the user's
 * transactions only read. Throws `postgres.permission_denied`.
 */
export async function askWritable(session: Session): Promise<Row> {
  const server = await session.askRow("look at the server", DESCRIBE_SERVER);
  const isStandby = server["standby"] === "t";
  if (isStandby || server["read_only"] === "on")
    throw new Failure(
      "postgres.permission_denied",
      isStandby
        ? "the server is a standby and takes no writes"
        : "the user's transactions are read-only",
      {
        hint: isStandby
          ? "connect to the primary"
          : "set default_transaction_read_only to off for the user or the database",
      },
    );
  return server;
}

/** Refuses a user without the right to temporary tables. Throws `postgres.permission_denied`. */
export function refuseWithoutTemporary(server: Row): void {
  if (server["may_temp"] === "t") return;
  const { username, database } = server;
  throw new Failure(
    "postgres.permission_denied",
    "the user may not create temporary tables, which deduplication needs",
    { hint: `run: GRANT TEMPORARY ON DATABASE ${quoteName(database!)} TO ${quoteName(username!)}` },
  );
}
