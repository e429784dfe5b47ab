const DESTINATION = "connectors/destination-postgres";
const TESTS = "test/connectors/destination-postgres";
const MANY = `${TESTS}/many-tables.test.ts`;
const OVERSIZED = `${TESTS}/oversized.test.ts`;

/** What becomes of values that a table has no room for. @type {import("../mutant.mjs").Mutant[]} */
export const VALUES = [
  {
    name: "oversized: the table behind the one that rows are loaded into is not looked at",
    file: `${DESTINATION}/publish/oversized.ts`,
    find: "mayBeTooWide: !surelyFits(target.map(({ type }) => type)),",
    replace: "mayBeTooWide: surelyFits(target.map(({ type }) => type)),",
    tests: [`${OVERSIZED} > gives up what fits the table a row is loaded into`],
  },
  {
    name: "oversized: rows that are not alike lose the same values",
    file: `${DESTINATION}/publish/oversized-queries.ts`,
    find: "if sizes = former_sizes and width = former_width then",
    replace: "if former_sizes is not null then",
    tests: [`${OVERSIZED} > gives up what fits the table a row is loaded into`],
  },
  {
    name: "oversized: a hash says what a row had before it lost a value",
    file: `${DESTINATION}/publish/oversized.ts`,
    find: "const hasHash = !isLoaded &&",
    replace: "const hasHash = isLoaded &&",
    tests: [`${OVERSIZED} > no other: overwrite in place`],
  },
  {
    name: "width: more values go than a row is too wide",
    file: `${DESTINATION}/lane/too-wide.ts`,
    find: "if (missing <= 0) break;",
    replace: "if (missing <= -PAGE_BYTES / 8) break;",
    tests: [`${OVERSIZED} > gives up as few values of a row`],
  },
  {
    name: "width: a stream whose rows might not fit gets the protocol's types all the same",
    file: `${DESTINATION}/plan/plan.ts`,
    find: "? wide : typed(narrowColumn)",
    replace: "? wide : typed(protocolColumn)",
    tests: [`${OVERSIZED} > keeps the types of a source`],
  },
  {
    name: "locks: the tables of all streams without rows are made in one transaction",
    file: `${DESTINATION}/lane/postgres-lane.ts`,
    find: "inGroups(missing, STREAMS_PER_TRANSACTION)",
    replace: "inGroups(missing, STREAMS_PER_TRANSACTION * 1_000)",
    tests: [MANY],
  },
  {
    name: "locks: a transaction takes rows of any number of streams",
    file: "connectors/kit/destination/writer.ts",
    find: "if (isHeld || !this.#hasManyStreams(open)) continue;",
    replace: "continue;",
    tests: [MANY],
  },
  {
    name: "times: what the server rounds is not said, and two keys become one",
    file: `${DESTINATION}/encode/temporal.ts`,
    find: "if (bytes[i] !== 0x30) return true;",
    replace: "if (bytes[i] !== 0x30) return false;",
    tests: [
      `${TESTS}/misfits.test.ts > notes what PostgreSQL rounds of a time`,
      `${TESTS}/keys.test.ts > gives a stream up over a key that its column would round`,
    ],
  },
  {
    name: "locks: a merge keeps its row locks while it waits for a user's",
    file: `${DESTINATION}/publish/run-merge.ts`,
    find: "const YIELDS = 30;",
    replace: "const YIELDS = 0;",
    tests: [`${TESTS}/row-locks.test.ts > deadlock with ours: final rows`],
  },
  {
    name: "locks: rows are replaced in place while somebody has locked one of them",
    file: `${DESTINATION}/publish/queries.ts`,
    find: "in exclusive mode`;",
    replace: "in share row exclusive mode`;",
    tests: [`${TESTS}/row-locks.test.ts > deadlock with ours: rows in place`],
  },
  {
    name: "session: a pooler is not noticed that gives each transaction another one",
    file: `${DESTINATION}/own-session.ts`,
    find: "if (!isShared) return;",
    replace: "if (isShared || !isShared) return;",
    tests: [`${TESTS}/pooler.test.ts`],
  },
  {
    name: "session: a pooler that tells the number of the server's process is none",
    file: `${DESTINATION}/own-session.ts`,
    find: " && port === session.localPort",
    replace: "",
    tests: [`${TESTS}/pooler.test.ts`],
  },
  {
    name: "session: two sessions that take turns are taken for one",
    file: `${DESTINATION}/own-session.ts`,
    find: "(await askServer(session)).process !== process ||",
    replace: "",
    tests: [`${TESTS}/pooler.test.ts`],
  },
  {
    name: "session: its settings are pinned before it is known whose it is",
    file: `${DESTINATION}/own-session.ts`,
    find: 'await connect(config, { ...options, pin: "nothing" });',
    replace: "await connect(config, options);",
    tests: [`${TESTS}/pooler.test.ts`],
  },
  {
    name: "types: a composite that grew is taken for another one",
    file: `${DESTINATION}/schema/native-definitions.ts`,
    find: "JSON.stringify(wanted.slice(0, found.length))",
    replace: "JSON.stringify(wanted)",
    tests: [`${TESTS}/native-types.test.ts > grows with the source's: its array`],
  },
  {
    name: "types: a domain is not compared by what is under it",
    file: `${DESTINATION}/schema/widen.ts`,
    find: "const bases = await basesOf(session, plan, relations);",
    replace: "const bases = new Map<string, string>();",
    tests: [`${TESTS}/native-types.test.ts > renamed and widened`],
  },
  {
    name: "domains: a narrower column beside one is not seen",
    file: `${DESTINATION}/schema/existing-types.ts`,
    find: "commonType(type, other, bases) === type ? other : type",
    replace: "commonType(type, other) === type ? other : type",
    tests: [`${TESTS}/changed-tables.test.ts > takes what a view on demo_scd lets it hold`],
  },
  {
    name: "widening: a column that is held fast in the history is narrower than its rows",
    file: `${DESTINATION}/schema/existing-types.ts`,
    find: "const kept = plan.history && relations.of(plan.history);",
    replace: "const kept = undefined as typeof existing | undefined;",
    tests: [`${TESTS}/changed-tables.test.ts > takes what a view on demo_scd lets it hold`],
  },
  {
    name: "widening: what somebody widened in a history alone stays narrow in its table",
    file: `${DESTINATION}/schema/widen.ts`,
    find: "typed.reduce((wanted, { columns }) => {",
    replace: "typed.slice(2).reduce((wanted, { columns }) => {",
    tests: [`${TESTS}/changed-tables.test.ts > may be widened in demo_scd alone`],
  },
];
