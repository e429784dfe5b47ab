const SESSION = "connectors/postgres/session.ts";
const CHECKPOINT = "connectors/destination-postgres/checkpoint/checkpoint.ts";
const QUERIES = "connectors/destination-postgres/checkpoint/queries.ts";
const SAVED = "connectors/destination-postgres/checkpoint/saved-states.ts";
const BOOKKEEPING = "connectors/destination-postgres/bookkeeping";
const TABLES = "test/connectors/destination-postgres/written-tables.test.ts";
const CHANGED = "test/connectors/destination-postgres/changed-tables.test.ts";
const GENERATIONS = "test/connectors/destination-postgres/generations.test.ts";
const OWN_SCHEMA = "test/connectors/destination-postgres/own-schema.test.ts";
const OWNERS = "test/connectors/destination-postgres/ownership.test.ts";
const ONCE = "test/connectors/destination-postgres/exactly-once.test.ts";
const SILENT_COMMITS = "connectors/destination-postgres/checkpoint/silent-commits.ts";
const OUTCOME = "test/connectors/destination-postgres/commit-outcome.test.ts";
const ACKNOWLEDGED = "test/connectors/postgres/acknowledgement.test.ts";
const TROUBLE = "test/e2e/one-streams-trouble.test.ts";
const STAGING = "test/connectors/destination-postgres/staging.test.ts";

/** Commits, fences and checkpoints of destination-postgres. @type {import("../mutant.mjs").Mutant[]} */
export const DESTINATION = [
  {
    name: "commit: a lost answer is taken for a failure",
    file: SESSION,
    find: "if (!(await this.#outcome(xid))) throw lost;",
    replace: "throw lost;",
    tests: [`${ONCE} > finds out what became of a commit whose answer was lost`],
  },
  {
    name: "commit: one that never left its dead sender is waited for",
    file: SILENT_COMMITS,
    find: "LONGEST_SILENCE = 5",
    replace: "LONGEST_SILENCE = 5_000_000",
    tests: [`${OUTCOME} > is not waited for when it never left`],
  },
  {
    name: "commit: nobody looks for a silent one before telling states",
    file: "connectors/destination-postgres/checkpoint/committed-states.ts",
    find: "await settleCommits(session, owner, signal);",
    replace: "",
    tests: [`${OUTCOME} > is not waited for when it never left`],
  },
  {
    name: "commit: a lost answer is taken for success",
    file: SESSION,
    find: "if (!(await this.#outcome(xid))) throw lost;",
    replace: "",
    tests: [`${OUTCOME} > is none when the server never heard of it`],
  },
  {
    name: "commit: one that is still in progress is taken for a failure",
    file: SESSION,
    find: 'if (status !== "in progress") return',
    replace: "return",
    tests: [`${OUTCOME} > is waited for while the server is still at it`],
  },
  {
    name: "checkpoint: the fence is not checked",
    file: CHECKPOINT,
    find: `        action: "check the fence",
        sql: queries.holdFence(this.#owner, this.#fence),`,
    replace: `        action: "check the fence",
        sql: { text: "select 1", values: [] },`,
    tests: [`${OUTCOME} > a writer whose session outlives the start of another one`],
  },
  {
    name: "checkpoint: two writers have the same fence",
    file: QUERIES,
    find: "fence = c.fence + 1",
    replace: "fence = c.fence",
    tests: [`${OUTCOME} > a writer whose session outlives the start of another one`],
  },
  {
    name: "checkpoint: a commit that has begun is not waited for",
    file: QUERIES,
    find: "and project in ($1, '') for share",
    replace: "and project in ($1, '')",
    tests: [`${STAGING} > tells the state of a commit that is under way only once it is known`],
  },
  {
    name: "checkpoint: the state of an older generation is printed",
    file: SAVED,
    find: "const isWanted = plan.generation === undefined || isOf(plan, saved?.generation);",
    replace: "const isWanted = true;",
    tests: [`${ONCE} > prints no state of a stream not asked for`],
  },
  {
    name: "checkpoint: the state of a replacement whose rows are gone is printed",
    file: SAVED,
    find: "const counts = isAside ? beginning.continues : hasRows;",
    replace: "const counts = isAside || hasRows;",
    tests: [`${STAGING} > forgets the state of a replacement whose rows are gone`],
  },
  {
    name: "checkpoint: a position counts whatever became of its table",
    file: SAVED,
    find: "const counts = isAside ? beginning.continues : hasRows;",
    replace: "const counts = isAside ? beginning.continues : true;",
    tests: [`${TABLES} > counts a position only while its table is there`],
  },
  {
    name: "checkpoint: a position that does not count is not forgotten",
    file: CHECKPOINT,
    find: "const gone = voids.map(({ stream }) => stream);",
    replace: "const gone = voids.map(({ stream }) => stream).slice(voids.length);",
    tests: [`${TABLES} > counts a position only while its table is there`],
  },
  {
    name: "checkpoint: rows that no STATE covers are not noted of staging tables",
    file: CHECKPOINT,
    find: "...uncovered.map(({ stream }) => ({",
    replace: "...uncovered.slice(uncovered.length).map(({ stream }) => ({",
    tests: [
      `${TABLES} > goes on with a replacement only where the kept state covers all of its rows`,
    ],
  },
  {
    name: "bookkeeping: nobody asks whose a table is",
    file: `${BOOKKEEPING}/written-tables.ts`,
    find: "if (foreign.length === 0) return;",
    replace: "if (foreign.length >= 0) return;",
    tests: [`${OWNERS} > refuses the tables of another connection before anything changes`],
  },
  {
    name: "bookkeeping: connections of one name are one, whatever their projects",
    file: "connectors/destination-postgres/plan/owner.ts",
    find: "return owner.connection === other.connection && isSameProject;",
    replace: "return owner.connection === other.connection && (isSameProject || true);",
    tests: [`${OWNERS} > tells two projects apart whose connections have one name`],
  },
  {
    name: "bookkeeping: a table is told by its name",
    file: `${BOOKKEEPING}/queries.ts`,
    find: 'left join ${ownTable("written_table")} t on t.table_oid = c.oid',
    replace:
      'left join ${ownTable("written_table")} t on t.schema_name = wanted.schema and t.table_name = wanted.name',
    tests: [`${TABLES} > knows a table that was moved with all its rows`],
  },
  {
    name: "bookkeeping: nobody notes that a table took another's place",
    file: "connectors/destination-postgres/publish/swap.ts",
    find: "...statements, ...noteReplaced(replacement)",
    replace: "...statements, ...noteReplaced(replacement).slice(2)",
    tests: [`${OWNERS} > keeps what it replaces`],
  },
  {
    name: "bookkeeping: a table that is left out is not noted to lack rows",
    file: `${BOOKKEEPING}/written-tables.ts`,
    find: "owner: theirs && owner, lacksRows: true, generation }",
    replace: "owner: theirs && owner, lacksRows: false }",
    tests: [`${TABLES} > does not take a typed table for whole that was left out`],
  },
  {
    name: "bookkeeping: staging tables with other columns are gone on with",
    file: `${BOOKKEEPING}/staging.ts`,
    find: "return isWanted && isSameSet(note.columns, columns.get(target)!);",
    replace: "return isWanted && columns.get(target)!.length >= 0;",
    tests: [`${TABLES} > starts a replacement again when its columns are others`],
  },
  {
    name: "bookkeeping: a copy of the database is taken for the one it was made of",
    file: `${BOOKKEEPING}/bookkeeping.ts`,
    find: 'row!["is_copy"] === "t" ? "copied"',
    replace: 'row!["is_copy"] === "never" ? "copied"',
    tests: [`${TABLES} > knows its tables in a copy of the database`],
  },
  {
    name: "rebuild: a raw table that never had all rows is taken for whole",
    file: "connectors/destination-postgres/rebuild/rebuild.ts",
    find: "if (written.of(final).exists || !written.of(raw).lacksRows) return;",
    replace: "if (written.of(final).exists || written.of(raw).exists) return;",
    tests: [`${TABLES} > does not rebuild a typed table that is gone from a raw one`],
  },
  {
    name: "session: what waits for a lock outlives a stop",
    file: SESSION,
    find: "this.#endWaitsAfter(options.signal);",
    replace: "",
    tests: [
      "test/connectors/destination-postgres/commits.test.ts > stops soon after SIGTERM, with what it has committed",
    ],
  },
  {
    name: "socket: bytes that nobody acknowledges are waited for",
    file: "connectors/postgres/socket.ts",
    find: "expectAcknowledgements(socket, tcp, patience);",
    replace: "void expectAcknowledgements;",
    tests: [ACKNOWLEDGED],
  },
  {
    name: "socket: a server that is busy is given up",
    file: "connectors/postgres/acknowledgement.ts",
    find: "n > 0 && n >= ",
    replace: "n >= ",
    tests: [ACKNOWLEDGED],
  },
  {
    name: "bookkeeping: a table that was emptied keeps its position",
    file: `${BOOKKEEPING}/written-tables.ts`,
    find: "isEmptied: !hasRows && isMoved(row)",
    replace: "isEmptied: false",
    tests: [`${CHANGED} > is read again: with its raw table`],
  },
  {
    name: "bookkeeping: a table whose rows were deleted is taken for one that was emptied",
    file: `${BOOKKEEPING}/queries.ts`,
    find: "t.files is not null and t.files <> now.files as has_other_files",
    replace: "t.files is not null as has_other_files",
    tests: [`${CHANGED} > is none whose rows were deleted`],
  },
  {
    name: "bookkeeping: a table that was emptied is noted before it has rows again",
    file: `${BOOKKEEPING}/written-tables.ts`,
    find: "if (!exists || isEmptied) continue;\n      const { generation }",
    replace: "if (!exists) continue;\n      const { generation }",
    tests: [`${CHANGED} > is read again where one state speaks of all streams`],
  },
  {
    name: "bookkeeping: a column that was dropped is added again, empty",
    file: `${BOOKKEEPING}/mending.ts`,
    find: "if ((isLost || isHistoryGone) && isWhole",
    replace: "if ((isFinalEmptied || isHistoryGone) && isWhole",
    tests: [`${CHANGED} > is made again from the raw table: its column name is gone`],
  },
  {
    name: "bookkeeping: a column that was changed is adapted to, where nothing can make it again",
    file: `${BOOKKEEPING}/mending.ts`,
    find: "(isForUser || (isLost && !isWhole))",
    replace: "isForUser",
    tests: [`${CHANGED} > is refused where there is no raw table`],
  },
  {
    name: "bookkeeping: what we change of a table ourselves is not noted",
    file: "connectors/destination-postgres/prepare.ts",
    find: "if (adapted.isChanged)",
    replace: "if (adapted.isChanged && owner === undefined)",
    tests: [`${CHANGED} > is told also when we added it`],
  },
  {
    name: "lane: a table that was emptied between two commits is loaded on",
    file: "connectors/destination-postgres/lane/hold-tables.ts",
    find: 'if (looked["found"] === "t") continue;',
    replace: "if (looked !== undefined) continue;",
    tests: [`${CHANGED} > is not loaded on`],
  },
  {
    name: "generations: rows of the generation that is asked for are replaced",
    file: SAVED,
    find: "const left = { generation: there, isInPlace: isThere,",
    replace: "const left = { generation: there, isInPlace: false,",
    tests: [
      `${GENERATIONS} > nobody's generation that is asked for with every sync > keeps its rows`,
    ],
  },
  {
    name: "generations: a sync that overwrites adds to what the last one brought",
    file: "connectors/kit/destination/generations.ts",
    find: "plan.resumes && remembered?.isFinished === false",
    replace: "remembered !== undefined",
    tests: [
      `${GENERATIONS} > a connection's generation that is asked for with every sync > is replaced`,
    ],
  },
  {
    name: "generations: an attempt that did not end is replaced by the next",
    file: "connectors/kit/destination/generations.ts",
    find: "isSame && plan.resumes && remembered?.isFinished === false",
    replace: "false",
    tests: [`${GENERATIONS} > goes on with an overwrite that was put in place`],
  },
  {
    name: "generations: who asks for the state of a run that ended does not go on from it",
    file: "connectors/destination-postgres/checkpoint/committed-states.ts",
    find: "if (left.length > 0)",
    replace: "if (left.length < 0)",
    tests: [`${GENERATIONS} > goes on with an overwrite that was put in place`],
  },
  {
    name: "generations: rows that are made again lose theirs",
    file: `${BOOKKEEPING}/queries.ts`,
    find: '${isRebuilt ? "w.generation" : "excluded.generation"}',
    replace: "excluded.generation",
    tests: [`${GENERATIONS} > keeps the generation of a table that is rebuilt`],
  },
  {
    name: "generations: a position is lost to who has lost count of them",
    file: SAVED,
    find: "(isLater && !plan.overwrites)",
    replace: "(isLater && plan.overwrites)",
    tests: ["test/orchestrator/lost-home.test.ts > goes on with what is there after"],
  },
  {
    name: "bookkeeping: users who are kept out of the first schema get none of their own",
    file: `${BOOKKEEPING}/choose-schema.ts`,
    find: '=== "t" || isKeptOut ? own',
    replace: '=== "t" ? own',
    tests: [`${OWN_SCHEMA} > gives each user of a database a schema of ours`],
  },
  {
    name: "bookkeeping: who is let into the first schema later leaves what is in another",
    file: `${BOOKKEEPING}/choose-schema.ts`,
    find: 'found!["has_own"] === "t" || isKeptOut',
    replace: "isKeptOut",
    tests: [`${OWN_SCHEMA} > gives each user of a database a schema of ours`],
  },
  {
    name: "streams: what the server refuses of one each time is a failure of all",
    file: "connectors/destination-postgres/refused-stream.ts",
    find: '!ANSWERED_ALIKE.test(sqlStateOf(thrown.cause) ?? "")',
    replace: 'ANSWERED_ALIKE.test(sqlStateOf(thrown.cause) ?? "")',
    tests: [`${TROUBLE} > in the way at the destination: an index of an expression`],
  },
  {
    name: "streams: what the server calls its own fault is a failure of one",
    file: "connectors/destination-postgres/refused-stream.ts",
    find: "|54|55000|P0)/",
    replace: "|54|5|P0|XX)/",
    tests: ["test/connectors/destination-postgres/refused-stream.test.ts"],
  },
  {
    name: "streams: a deferred constraint is nobody's",
    file: "connectors/destination-postgres/lane/postgres-lane.ts",
    find: "throw stream === undefined ? error : refusedStream(error, stream.stream);",
    replace: "throw error;",
    tests: [`${TROUBLE} > in the way at the destination: a deferred constraint`],
  },
  {
    name: "generations: rows of a later one go, where counting began again",
    file: "connectors/kit/destination/generations.ts",
    find: "former >= wanted!",
    replace: "former === wanted!",
    tests: [
      `${GENERATIONS} > a connection's generation that is asked for with every sync keeps rows of a later`,
    ],
  },
  {
    name: "generations: a table's later one is not told to be so",
    file: SAVED,
    find: "there >= plan.generation!",
    replace: "there === plan.generation!",
    tests: [
      `${GENERATIONS} > nobody's generation that is asked for with every sync keeps rows of a later`,
    ],
  },
  {
    name: "generations: rows of an older one that enter a table are not noted",
    file: `${BOOKKEEPING}/creation.ts`,
    find: "generation !== undefined && generation > wanted;",
    replace: "generation !== undefined && generation > Infinity;",
    tests: [
      `${GENERATIONS} > nobody's generation that is asked for with every sync keeps rows of a later`,
    ],
  },
  {
    name: "bookkeeping: a typed table that was exchanged beside its raw one is taken for whole",
    file: `${BOOKKEEPING}/mending.ts`,
    find: "const isLost = isFinalEmptied || isFinalExchanged || changed.length > 0;",
    replace: "const isLost = isFinalEmptied || changed.length > 0;",
    tests: [`${CHANGED} > one that is exchanged for one with half of its rows`],
  },
  {
    name: "bookkeeping: a history that was made again without its rows is taken for whole",
    file: `${BOOKKEEPING}/written-tables.ts`,
    find: 'const isMoved = (row: Row) => row["has_other_files"] === "t" || row["has_taken_name"] === "t";',
    replace: 'const isMoved = (row: Row) => row["has_other_files"] === "t";',
    tests: [`${CHANGED} > one that is merged into, its history made again`],
  },
  {
    name: "swap: our index takes a name that a renamed table's has",
    file: "connectors/destination-postgres/publish/swap.ts",
    find: 'target: row?.["name"] ?? index.target',
    replace: "target: row === null ? index.staging : index.target",
    tests: [`${CHANGED} > one that is renamed, and its index with its name stayed`],
  },
  {
    name: "bookkeeping: a raw table that was dropped is made again without a word",
    file: `${BOOKKEEPING}/mending.ts`,
    find: "if (isRawGone)",
    replace: "if (isRawGone === null)",
    tests: [`${CHANGED} > is told when it is the raw one that was dropped`],
  },
  {
    name: "bookkeeping: a raw table that is begun beside a typed one is taken for whole",
    file: `${BOOKKEEPING}/creation.ts`,
    find: 'lacksRows: kind === "raw" && hasRows,',
    replace: 'lacksRows: kind === "final" && hasRows,',
    tests: [`${CHANGED} > is told when it is the raw one that was dropped`],
  },
  {
    name: "bookkeeping: a column of ours that somebody dropped makes the table nobody's",
    file: "connectors/destination-postgres/schema/layout.ts",
    find: "!isNoted && ",
    replace: "",
    tests: [`${CHANGED} > is named, with the ways out, when it was ours`],
  },
  {
    name: "bookkeeping: a typed table is made again although nothing tells its rows",
    file: `${BOOKKEEPING}/mending.ts`,
    find: " || name === ROW_ID",
    replace: "",
    tests: [`${CHANGED} > is named, with the ways out, when it was ours`],
  },
  {
    name: "checkpoint: what was committed beside a table counts for the table",
    file: "connectors/destination-postgres/checkpoint/saved-states.ts",
    find: "!isOfStaging && hasItsRows",
    replace: "hasItsRows",
    tests: ["test/orchestrator/lost-home.test.ts > are not taken for those that are there"],
  },
];
