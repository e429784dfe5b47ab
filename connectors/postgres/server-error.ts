/** What of a server's error message is looked at; a pooler or another server may leave out any of it. */
export interface ServerError {
  /** The SQLSTATE. */
  readonly code: string;
  readonly detail?: string;
  /** What was being done when it happened: functions, triggers, the line of a COPY. */
  readonly where?: string;
  /** Where in the statement that was sent; only what is wrong with the statement itself has it. */
  readonly position?: string;
  /** The statement of a function in which it happened. */
  readonly internalQuery?: string;
  /** The file of the server's own sources that reports it, such as `aclchk.c`. */
  readonly file?: string;
}

/** Data exceptions, broken constraints, and what procedural languages raise. */
const OF_ROWS = /^(?:22|23|44|P0)/;

/** Files of PostgreSQL whose texts speak of the server alone: time-outs, locks, memory, disk, sizes. */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  "aset.c",
  "deadlock.c",
  "hio.c",
  "indextuple.c",
  "lock.c",
  "mcxt.c",
  "md.c",
  "nbtutils.c",
  "postgres.c",
  "proc.c",
]);

/**
 * Files whose texts speak of the objects that a statement names. No function that an expression can
 * call is in them, so that no name comes from a row as long as no function of a user's runs.
 */
const OF_OBJECTS: ReadonlySet<string> = new Set([
  "aclchk.c",
  "dependency.c",
  "execMain.c",
  "execReplication.c",
  "heap.c",
  "indexcmds.c",
  "parse_utilcmd.c",
  "rls.c",
  "tablecmds.c",
  "typecmds.c",
  "utility.c",
  "xact.c",
]);

/**
 * Whether a text may hold what stands in a row: a trigger's or a function's own text, or a value that
 * was taken for the name of something (`v::regclass`, `execute v`). The SQLSTATE does not tell: whoever
 * raises an error chooses it. What does is who reports it, and whether anything of a user's ran.
 */
export function mayQuoteRows(error: ServerError): boolean {
  const { code, file = "", where, internalQuery, position } = error;
  if (OF_ROWS.test(code)) return true;
  if (OF_THE_SERVER.has(file)) return false;
  if (internalQuery || (where && !OF_COPY.test(where))) return true;
  return !OF_OBJECTS.has(file) && (!position || where !== undefined);
}

/** Within a COPY of ours, and in nothing else. */
const OF_COPY = /^COPY [^\n]*$/;

const NAME_FIELDS = ["schema", "table", "column", "constraint", "dataType"] as const;

/** Files of procedural languages, `pl_exec.c` and `plpy_elog.c`: what they report, a user wrote. */
const OF_LANGUAGES = /^pl/;

/** The names a server gave with its error; none where a function could put anything there. */
export function namesOf(error: ServerError | null): Record<string, string> {
  const names: Record<string, string> = {};
  if (typeof error?.file !== "string" || OF_LANGUAGES.test(error.file)) return names;
  for (const field of NAME_FIELDS) {
    const name = (error as unknown as Record<string, unknown>)[field];
    if (typeof name === "string") names[field] = name;
  }
  return names;
}

/** The classes of SQLSTATEs, by their first two characters, as the manual of PostgreSQL calls them. */
const CLASSES: Readonly<Record<string, string>> = {
  "08": "a connection exception",
  "0A": "that a feature is not supported",
  "0L": "an invalid grantor",
  "0P": "an invalid role specification",
  "20": "a case not found",
  "21": "a cardinality violation",
  "24": "an invalid cursor state",
  "25": "an invalid transaction state",
  "26": "an invalid statement name",
  "27": "a triggered data change violation",
  "2B": "dependent privileges that still exist",
  "2D": "an invalid transaction termination",
  "2F": "an SQL routine exception",
  "34": "an invalid cursor name",
  "38": "an external routine exception",
  "39": "an external routine invocation exception",
  "3B": "a savepoint exception",
  "42": "a syntax error or access rule violation",
  "55": "an object not in prerequisite state",
  "57": "an operator's intervention",
  "58": "a system error",
  F0: "a configuration file error",
  HV: "a foreign data wrapper error",
  XX: "an internal error",
};

/** What kind of error an SQLSTATE is, to be put behind "the server reported". */
export function classOf(sqlState: string): string {
  return CLASSES[sqlState.slice(0, 2)] ?? "an error of its own";
}
