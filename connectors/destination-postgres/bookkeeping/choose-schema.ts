import { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { MAX_NAME_BYTES, shortenName } from "../../postgres/sql.ts";
import { FIRST_OWN_SCHEMA, ownSchemaOf, useOwnSchema } from "../plan/own-schema.ts";
import type { DestinationConfig } from "../spec.ts";
import { lookForOwnSchemas } from "./layout-queries.ts";

/**
 * Settles in which schema our own tables are, before anything else of a run: the configured one; or the
 * first, `_syncline`; or, for a user who is kept out of that by whoever made it, one of the user's own,
 * so that roles of one database neither need nor have anything of each other's.
 *
 * Throws `config.invalid` for a name that cannot be.
 */
export async function chooseOwnSchema(
  session: Session,
  { bookkeeping_schema: configured, username }: DestinationConfig,
): Promise<void> {
  if (configured !== undefined) {
    if (shortenName(configured) !== configured)
      throw new Failure(
        "config.invalid",
        `bookkeeping_schema is longer than PostgreSQL's ${MAX_NAME_BYTES} bytes`,
      );
    useOwnSchema(configured);
    return;
  }
  const own = ownSchemaOf(username);
  const [found] = await session.query("look for our schema", lookForOwnSchemas(own));
  const isKeptOut = found!["may_use_first"] !== "t";
  useOwnSchema(found!["has_own"] === "t" || isKeptOut ? own : FIRST_OWN_SCHEMA);
}
