import { Failure, type FailureCode } from "../../../protocol/errors.ts";
import { postgresFailure, type Quoting, sqlStateOf } from "../errors.ts";
import { NO_PUBLICATION_HINT } from "./log-stream.ts";

interface Meaning {
  readonly sqlState: RegExp;
  readonly said: RegExp;
  readonly code: FailureCode;
  readonly hint: string;
}

/** What a server says when it does not send a log, or ends it, and what it means. */
const MEANINGS: readonly Meaning[] = [
  {
    sqlState: /^55006$/,
    said: /is active/,
    code: "cdc.slot_in_use",
    hint: "a slot serves one reader at a time: wait for the other, or give each its own slot",
  },
  {
    sqlState: /^42704$/,
    said: /^replication slot /,
    code: "cdc.position_lost",
    hint: "the slot was dropped while it was needed: load the streams anew, with a new slot",
  },
  {
    sqlState: /^42704$/,
    said: /^publication /,
    code: "cdc.not_set_up",
    hint: NO_PUBLICATION_HINT,
  },
  {
    sqlState: /^(?:55000|58P01)$/,
    said: /invalidated|no longer|already been removed|lost/,
    code: "cdc.position_lost",
    hint: "the server has removed what the slot needed (max_slot_wal_keep_size): drop the slot and load the streams anew",
  },
];

/** What to throw for `error`, met while the log of a slot was read. */
export function logFailure(
  error: unknown,
  {
    slot,
    publication,
    quoting,
  }: {
    readonly slot: string;
    readonly publication: string;
    readonly quoting?: Quoting | undefined;
  },
): Failure {
  const action = `read the log of the slot ${slot} for the publication ${publication}`;
  const sqlState = sqlStateOf(error);
  const said = error instanceof Error ? error.message : "";
  const meaning =
    sqlState === undefined
      ? undefined
      : MEANINGS.find((one) => one.sqlState.test(sqlState) && one.said.test(said));
  if (meaning === undefined) return postgresFailure(action, error, quoting);
  const { message, facts } = postgresFailure(action, error, "always"); // of none of these with rows
  return new Failure(meaning.code, message, { hint: meaning.hint, facts, cause: error });
}
