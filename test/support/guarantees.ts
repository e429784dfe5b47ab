/** What users may rely on, and where that ends. Tests say `@guarantee <name>` of what they prove. */
export interface Guarantee {
  readonly name: string;
  readonly promise: string;
  readonly notCovered: string;
}

/** In the order of the page: from a row's way to what surrounds it. */
export const GUARANTEES: readonly Guarantee[] = [
  {
    name: "every-row-arrives",
    promise:
      "Every row that was committed at the source when a sync began, and that its mode is to bring, is in the destination when the sync has succeeded: also rows that share a cursor value, were committed late or inside savepoints, lie behind a row dated in the future, or were written after a failover.",
    notCovered:
      "Rows that are deleted before a sync sees them, unless it follows the log. Values of a cursor that do not grow with time, and rows that are committed later than `late_commit_window` after they got their value, where the source cannot see the transaction (a standby's primary, roles whose activity is hidden). Rows of a partition that is attached with its rows.",
  },
  {
    name: "added-once",
    promise:
      "A committed row is never added again, whatever is killed or cut off and however often: the checkpoint is committed in the transaction of its rows, and the next run asks for it.",
    notCovered:
      "Destinations that do not remember what they committed: rows may come twice after a failed attempt, and the report says so. Records of a source that itself sends them again. Positions set back by hand.",
  },
  {
    name: "state-behind-rows",
    promise:
      "A STATE is printed, and kept, only when every row before it in its stream is committed.",
    notCovered: "A server that confirms commits which it has not made durable (`fsync = off`).",
  },
  {
    name: "slot-behind-commits",
    promise:
      "A replication slot moves past what the destination has committed, and past nothing else, whoever asks the server for it and whatever is killed.",
    notCovered: "A slot that somebody else advances: that is noticed before anything is read.",
  },
  {
    name: "connection-loss",
    promise:
      "A connection that breaks, in the middle of a row or with the answer to a COMMIT, is an error and never the end of the data; what became of the COMMIT is asked for.",
    notCovered: "A proxy or server that alters rows and keeps the protocol.",
  },
  {
    name: "one-moment",
    promise:
      "All tables of a read are one moment, and a table that is emptied or rewritten meanwhile is never taken for an empty one.",
    notCovered:
      "`lock: per_stream`, where each table has a moment of its own; streams that resume in another attempt.",
  },
  {
    name: "replaced-whole",
    promise:
      "A table is replaced in one transaction, and only when all rows of its stream are durable and its source said COMPLETE: until then, and after any failure, readers see the old one, and nobody sees it missing, empty or half filled.",
    notCovered:
      "A reader with an older snapshot (REPEATABLE READ) that first touches a table after it was replaced by a rename: it sees the new table without its rows, as after TRUNCATE.",
  },
  {
    name: "complete-when-sure",
    promise:
      "A stream is complete only if its source said so and ended in order, the destination was told, gave every STATE back and ended in order, and the numbers of records agree.",
    notCovered:
      "Sources that speak of no stream are believed their end with status 0, unless they logged an error, or would empty a table that has rows.",
  },
  {
    name: "versions-in-order",
    promise:
      "A deduplicated table has the newest version of each key, its history every version between its true neighbours, and neither an older version that comes late nor a clock that goes back changes that.",
    notCovered:
      "A row whose cursor goes backwards keeps the version with the greater cursor. NULLs in a key are equal; each run says how many rows have one.",
  },
  {
    name: "no-key-lost",
    promise: "Rows of different keys never become one, also where a key does not fit its column.",
    notCovered: "Keys with NULL in them, which are equal and counted.",
  },
  {
    name: "exact-values",
    promise:
      "Every value of every type of PostgreSQL arrives as it left, by its text and its bytes; what a column cannot hold is NULL, noted with its row and counted, or an error.",
    notCovered:
      "Under protocol types, what [the type matrix](types.generated.md) says of them (−0 is 0). Line breaks between the tokens of `json`. A row-wide change that a user's own trigger makes.",
  },
  {
    name: "bytes-untouched",
    promise:
      "No record and no state is parsed and printed again on its way: numbers keep their digits and JSON its spelling.",
    notCovered: "Streams that get another name, or have mappers: there the changed parts are new.",
  },
  {
    name: "streams-fail-alone",
    promise:
      "What is wrong with one stream is that stream's failure: the others are synced, nothing of theirs is taken back, and the run ends with 3 and says why.",
    notCovered:
      "Streams that share one STATE, or alternate record by record and are more than there are sessions: theirs may be sent again, never lost or doubled. Configurations that mean nothing (exit 2).",
  },
  {
    name: "users-own-stays",
    promise:
      "What is the user's stays: tables we did not make, rows of tables that hang on ours, views, grants, indexes, triggers, columns and comments; what would harm them is refused before anything changes, with names.",
    notCovered: "Rows and values that a user writes into columns of ours.",
  },
  {
    name: "tables-owned",
    promise:
      "A table is written by one connection of one project, one run at a time; a run that was stopped and wakes up again commits nothing more.",
    notCovered:
      "Destinations other than ours, where only the lock beside the configuration keeps two runs apart.",
  },
  {
    name: "tables-known",
    promise:
      "A position counts only together with the table it was committed to: a table that is gone or was emptied is read again, columns that are gone or narrower are made again, and what cannot be mended is refused.",
    notCovered:
      "Rows that were deleted, and values that were changed, in a table that stays: they were their user's to change.",
  },
  {
    name: "kept-whole",
    promise:
      "The state file is the old one or the new one, whole and durable, whatever happens while it is written; a damaged one is refused and never taken for none.",
    notCovered: "Disks that lose what they confirmed.",
  },
  {
    name: "ends-in-time",
    promise:
      "Every run ends: silent connectors and peers are given up, a signal commits what was read and ends the run with its status, a second one ends it at once, and no connector outlives it.",
    notCovered: "What a server does with a statement that was cancelled.",
  },
  {
    name: "nothing-left",
    promise:
      "A run leaves no staging table, temporary file, lock or process behind; what a killed one left, the next one removes.",
    notCovered: "A run that is killed for good and never followed by another.",
  },
  {
    name: "bounded-memory",
    promise: "Memory does not grow with tables, lines, states or logs.",
    notCovered: "A single row may take as much as `max_row_bytes` allows.",
  },
  {
    name: "no-secrets",
    promise:
      "A secret of the configuration is in no command line, log, message or file that stays, and in no file that others can read.",
    notCovered:
      "Secrets of fewer than four characters, or equal to an ordinary word of the configuration. What a connector that is not ours does with its own.",
  },
  {
    name: "no-row-values",
    promise: "No message of a failure repeats the values of a row.",
    notCovered:
      "Names of tables, columns and constraints; places (line, row number, byte). What `--show-server-messages` asks for, and what other connectors write in their own logs.",
  },
  {
    name: "words-are-no-commands",
    promise:
      "Names, settings and catalogs, whoever wrote them, are quoted or parsed and never run as SQL; what connectors print is shown as text.",
    notCovered: "Connectors are programs, and trusted to run with their user's rights.",
  },
  {
    name: "source-unchanged",
    promise:
      "A source is only read, under settings of our own that end with the transaction; a session of a pooler is handed on as it was.",
    notCovered: "Locks that a read holds while it lasts (`lock` says how many at a time).",
  },
  {
    name: "tls-as-libpq",
    promise:
      "`ssl_mode` means what libpq means by it, and a password is never sent in the clear to a server that asks for it so.",
    notCovered: "`prefer`, the default, encrypts only where the server can.",
  },
  {
    name: "ssh-server-known",
    promise:
      "Through an SSH tunnel, nothing secret is sent to a server whose key is not one that the settings name, and every connection to the database goes through the tunnel.",
    notCovered: "`tunnel_host_key: any`. Host certificates, which are not looked at.",
  },
];
