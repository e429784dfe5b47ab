const POSITION = "connectors/source-postgres/position";
const TESTS = "test/connectors/source-postgres";

/** What the PostgreSQL source promises of late rows and other people's servers. @type {import("../mutant.mjs").Mutant[]} */
export const SOURCE = [
  {
    name: "source: what is no state of its own begins at the beginning",
    file: "connectors/source-postgres/position/stream-position.ts",
    find: "saysNothing(blob) ? undefined : unknown(blob)",
    replace: "undefined",
    tests: ["test/connectors/source-postgres/airbyte-states.test.ts"],
  },
  {
    name: "source: how large tables are is asked of those that are not locked, too",
    file: "connectors/source-postgres/read/read-tables.ts",
    find: "isRelationReadable(one) && hasStoredOrder(one)",
    replace: "hasStoredOrder(one)",
    tests: [
      "test/connectors/source-postgres/locks.test.ts > does not wait for a table that it may not read",
    ],
  },
  {
    name: "source: a savepoint that is released counts as ended",
    file: `${POSITION}/snapshot.ts`,
    find: "running.map(({ id }) => BigInt(id!)),",
    replace: "[],",
    tests: [`${TESTS}/open-transactions.test.ts > delivers the rows of a released savepoint`],
  },
  {
    name: "source: a row dated in the future is the measure of late rows",
    file: `${POSITION}/late-rows.ts`,
    find: "earlier(`least(${cursor.literal(last)}, ${clock})`, cursor, milliseconds)",
    replace: "earlier(clock && cursor.literal(last), cursor, milliseconds)",
    tests: [`${TESTS}/late-rows.test.ts > delivers what was written since a row ahead`],
  },
  {
    name: "source: a clock that was set back does not count",
    file: `${POSITION}/late-rows.ts`,
    find: "return `least(${cursor.literal(saved)}, ${window})`;",
    replace: "return window && cursor.literal(saved);",
    tests: [`${TESTS}/late-rows.test.ts > after the server's clock was set back`],
  },
  {
    name: "source: another timeline is the same history",
    file: `${POSITION}/row-versions.ts`,
    find: "timeline !== table.timeline",
    replace: 'timeline === ""',
    tests: [`${TESTS}/failover.test.ts > delivers what it writes under ids of lost transactions`],
  },
  {
    name: "source: another row in the same place proves that nothing was lost",
    file: `${POSITION}/witness.ts`,
    find: 'row["digest"] === digest',
    replace: 'digest !== ""',
    tests: [`${TESTS}/failover.test.ts > delivers what it writes under ids of lost transactions`],
  },
  {
    name: "source: its settings stay on a pooled session",
    file: "connectors/source-postgres/source.ts",
    find: 'pin: "nothing",',
    replace: "",
    tests: [`${TESTS}/pooler.test.ts > sets nothing on a session`],
  },
  {
    name: "source: a column that may not be read any more is taken for gone",
    file: "orchestrator/sync/streams/schema-changes.ts",
    find: "unreadable.has(column)",
    replace: 'unreadable.has("") && column === ""',
    tests: ["test/e2e/schema-changes.test.ts > fails its stream under `propagate`"],
  },
  {
    name: "row security: rows are hidden though nobody asked for it",
    file: "connectors/source-postgres/source.ts",
    find: 'rowSecurity: withDefaults(config).row_security === "on",',
    replace: "rowSecurity: true,",
    tests: [
      "test/connectors/source-postgres/relations.test.ts > names row-level security as the reason",
    ],
  },
  {
    name: "position: ids of aborted transactions count as ended although a crash may take that back",
    file: "connectors/source-postgres/position/delivered-ids.ts",
    find: "xmax: durable,",
    replace: "xmax: snapshot.xmax,",
    tests: [
      "test/connectors/source-postgres/crash.test.ts > loses no row that is written under their ids",
      "test/connectors/source-postgres/crash.test.ts > repeats no row although",
    ],
  },
];
