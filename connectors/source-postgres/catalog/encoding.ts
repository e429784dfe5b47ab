import type { Session } from "../../postgres/session.ts";
import { lookUpEncoding } from "./queries.ts";

/**
 * Whether the database says what the bytes of its texts mean. One of the encoding SQL_ASCII does not:
 * it takes any bytes and sends them as they are.
 */
export async function saysItsEncoding(session: Session): Promise<boolean> {
  const rows = await session.query("look up the encoding of the database", lookUpEncoding());
  return rows[0]?.["encoding"] !== "SQL_ASCII";
}
