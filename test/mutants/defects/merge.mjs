const LANE = "connectors/destination-postgres/lane";
const PUBLISH = "connectors/destination-postgres/publish";
const PLAN = "connectors/destination-postgres/plan";
const ENCODE = "connectors/destination-postgres/encode";
const TESTS = "test/connectors/destination-postgres";

/** Which rows are one, which of them stays, and what of a value. @type {import("../mutant.mjs").Mutant[]} */
export const MERGED = [
  {
    name: "keys: a value of a key that its column cannot hold becomes NULL",
    file: `${LANE}/keys.ts`,
    find: 'if (dedup.key.includes(column)) roles.set(index, "key");',
    replace: 'if (dedup.key.includes(column)) roles.set(-1, "key");',
    tests: [`${TESTS}/keys.test.ts > gives a stream up over a key that is none of its type`],
  },
  {
    name: "keys: large numbers are not put in where their rows are merged",
    file: `${LANE}/wide-column-queries.ts`,
    find: "const value = `coalesce(${room}, ${quoteName(name)})`;",
    replace: "const value = quoteName(name);",
    tests: [`${TESTS}/keys.test.ts > that its integer column cannot hold, in one that can: of a`],
  },
  {
    name: "keys: a STATE behind a row that could not be loaded is true",
    file: "connectors/kit/destination/ledger.ts",
    find: 'account.status = "incomplete";\n    account.hasLost = true;\n  }\n\n  /**\n   * A STATE of',
    replace: "account.received--;\n  }\n\n  /**\n   * A STATE of",
    tests: [`${TESTS}/keys.test.ts > gives a stream up over a key that is none of its type`],
  },
  {
    name: "keys: a destination that gave one stream up has failed in all",
    file: "orchestrator/sync/judgement.ts",
    find: "if (!remembers || !tookAll) return new Set();",
    replace: "if (tookAll || !remembers) return new Set();",
    tests: [
      "test/orchestrator/judgement-model.test.ts > the destination gives a up and goes on with b",
    ],
  },
  {
    name: "keys: rows with NULL in their key become one without a word",
    file: `${LANE}/copy-batches.ts`,
    find: "if (this.#keyless > 0)",
    replace: "if (this.#keyless < 0)",
    tests: [`${TESTS}/keys.test.ts > says how many rows with NULL in their key became one, with`],
  },
  {
    name: "merge: a clock decides between versions with one cursor",
    file: `${PUBLISH}/merge-terms.ts`,
    find: 'return dedup.cursor ? `${byCursor}, arrival desc` : "arrival desc";',
    replace: 'return dedup.cursor ? `${byCursor}, emitted_at desc` : "emitted_at desc";',
    tests: [`${TESTS}/arrival.test.ts > source's clock went back: the cursor is a date`],
  },
  {
    name: "merge: the last of old versions with one cursor is not known",
    file: `${PUBLISH}/merge-history-queries.ts`,
    find: "old_active = 0 and old_end_at is not distinct from cursor)",
    replace: "old_active = 1)",
    tests: [
      `${TESTS}/arrival.test.ts > closes versions with one cursor where the next cursor begins`,
    ],
  },
  {
    name: "merge: a row is told by its place, whatever its partition",
    file: `${PUBLISH}/merge-terms.ts`,
    find: " and ${row}.tableoid = ${kept}.old_table`",
    replace: "`",
    tests: [
      `${TESTS}/partitioned.test.ts > and no other, of a partitioned table: final and history`,
    ],
  },
  {
    name: "merge: a hash does not tell where one value ends and the next begins",
    file: `${PLAN}/hashes.ts`,
    find: "|| '-' ||",
    replace: "||",
    tests: [`${TESTS}/hashes.test.ts > hashes the values as text`],
  },
  {
    name: "merge: values that rows exchange are not given up first",
    file: `${LANE}/merging.ts`,
    find: "if (plan.dedup === undefined || !isTaken(failure)) throw failure;",
    replace: "if (plan.dedup === undefined || isTaken(failure)) throw failure;",
    tests: [`${TESTS}/unique-values.test.ts > under a unique constraint, whatever the order`],
  },
  {
    name: "merge: rows of a first load with one key stay two",
    file: `${PUBLISH}/merge-way-queries.ts`,
    find: "select count(*) = count(distinct fingerprint)",
    replace: "select count(*) >= count(distinct fingerprint)",
    tests: [`${TESTS}/dedup.test.ts > keeps the last of two versions with one cursor and one time`],
  },
  {
    name: "merge: rows are moved into a table that has some, as into an empty one",
    file: `${PUBLISH}/merge-way-queries.ts`,
    find: "`not exists (select from ${quoteTable(table)})`",
    replace: "`${quoteTable(table)} is null`",
    tests: [`${TESTS}/merge-plans.test.ts > the table has rows`],
  },
  {
    name: "merge: few changes are compared with all the rows there are",
    file: `${PUBLISH}/merge-way.ts`,
    find: "const mayBeFew = rows <=",
    replace: "const mayBeFew = rows + MOST_ROWS <",
    tests: [`${TESTS}/merge-plans.test.ts > looks few changes up although nothing is known of`],
  },
  {
    name: "merge: rows of another key are found where a key is NULL",
    file: `${PUBLISH}/merge-way.ts`,
    find: "keyless === 0 && plainKey(dedup)",
    replace: "keyless >= 0 && plainKey(dedup)",
    tests: [`${TESTS}/merge-plans.test.ts > or a key is NULL`],
  },
  {
    name: "merge: without locks, rows that others change meanwhile are not noticed",
    file: `${PUBLISH}/run-merge.ts`,
    find: "(seen) => isWhole(own(seen))",
    replace: "(seen) => seen !== undefined || isWhole(own(seen))",
    tests: [
      `${TESTS}/row-locks.test.ts > merges a row that somebody changes in the middle of a merge`,
    ],
  },
  {
    name: "merge: without locks, rows that others hold are waited for",
    file: `${PUBLISH}/run-merge.ts`,
    find: "limitLockWait(NO_PATIENCE_MS)",
    replace: "limitLockWait(0)",
    tests: [`${TESTS}/row-locks.test.ts > that are many: final rows`],
  },
  {
    name: "merge: rows are looked up one by one without an index",
    file: `${PUBLISH}/merge-way.ts`,
    find: '=== "t");\n  if (mayBeFew',
    replace: '!== "x");\n  if (mayBeFew',
    tests: [`${TESTS}/merge-plans.test.ts > looks nothing up where the index of keys was dropped`],
  },
  {
    name: "merge: what follows a merge of few changes is planned as it was",
    file: `${PUBLISH}/merge.ts`,
    find: "...(isFew ? END_OF_LOOKING_UP : []),",
    replace: "",
    tests: [`${TESTS}/merge-plans.test.ts > merges few changes by the index`],
  },
  {
    name: "values: the time of the day is lost of a date without a word",
    file: `${ENCODE}/temporal.ts`,
    find: "if (byte >= 0x31 && byte <= 0x39) return true;",
    replace: "if (byte >= 0x31 && byte <= 0x39) return false;",
    tests: [`${TESTS}/misfits.test.ts > takes the date of a timestamp`],
  },
  {
    name: "values: years before 1 are counted without a year 0",
    file: `${ENCODE}/temporal.ts`,
    find: "String(Number(year) + 1)",
    replace: "String(Number(year))",
    tests: [`${TESTS}/binary.test.ts > sends date in binary`],
  },
  {
    name: "values: a member whose name jsonb cannot hold leaves its comma",
    file: `${ENCODE}/json/storable-json.ts`,
    find: "parts.push(part.subarray(0, part[end - 1] === COMMA ? end - 1 : end));",
    replace: "parts.push(part);",
    tests: [`${TESTS}/misfits.test.ts > costs a document that holds U+0000 that string alone`],
  },
];
