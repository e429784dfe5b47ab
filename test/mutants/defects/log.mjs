const CDC = "connectors/source-postgres/cdc";
const CHANGES = `${CDC}/changes.ts`;
const TESTS = "test/connectors/source-postgres/cdc";
const HAND_OVER = `${TESTS}/hand-over.test.ts`;
const ACKNOWLEDGED = `${TESTS}/acknowledged.test.ts`;
const VALUES = `${TESTS}/values.test.ts`;
const RESUMED = `${TESTS}/resumed-loads.test.ts`;
const LOST = `${TESTS}/lost-changes.test.ts`;
const PRINTED = `${TESTS}/change-printer.test.ts`;
const FOLLOWED = "test/e2e/followed-tables.test.ts";
const RESHAPED = `${TESTS}/schema-changes.test.ts`;

/** From a table to the log, and on. @type {import("../mutant.mjs").Mutant[]} */
export const LOGS = [
  {
    name: "log: changes come again that came with the first load",
    file: CHANGES,
    find: "this.#commitLsn < rows.stream.from ? undefined : rows",
    replace: "rows",
    tests: [`${RESUMED} > loads tables that are added later, while they and others are written to`],
  },
  {
    name: "log: a value that a change of the key does not carry is read later",
    file: CHANGES,
    find: "this.#options.supportsChangeRecords && !this.#isNew(rows)",
    replace: "this.#options.supportsChangeRecords && !isMoved && !this.#isNew(rows)",
    tests: [
      `${VALUES} > names values that the log does not carry, or reads them once more`,
      `${FOLLOWED} > keeps values that a change of the key does not carry`,
    ],
  },
  {
    name: "log: a value that did not change is kept of a row that never came",
    file: CHANGES,
    find: "this.#options.supportsChangeRecords && !this.#isNew(rows)",
    replace: "this.#options.supportsChangeRecords",
    tests: [`${RESUMED} > goes on with a first load where it was interrupted, exactly once`],
  },
  {
    name: "log: an interrupted load brings rows that were written since",
    file: `${CDC}/first-loads.ts`,
    find: "`ctid > '${ctid}'::tid and not ${notDelivered(seen, { xmax })}`",
    replace: "`ctid > '${ctid}'::tid`",
    tests: [`${RESUMED} > goes on with a first load where it was interrupted, exactly once`],
  },
  {
    name: "log: a STATE says more than was printed before it",
    file: `${CDC}/change-printer.ts`,
    find: "    this.#waiting.push(...this.#blocks.takeAll(), record);\n    this.#blocks.unmark();",
    replace: "    this.#waiting.push(...this.#blocks.takeAll(), record);",
    tests: [
      `${VALUES} > prints no STATE in the middle of a transaction whose values are read later`,
      `${PRINTED} > prints every record once and in order`,
    ],
  },
  {
    name: "log: a STATE at the end says where the log was read up to, and not what was printed",
    file: `${CDC}/change-printer.ts`,
    find: "    if (this.#blocks.isMarked) await this.#checkpoint();",
    replace: "    await this.#checkpoint();",
    tests: [`${PRINTED} > prints every record once and in order`],
  },
  {
    name: "log: the slot moves behind what was printed",
    file: `${CDC}/change-printer.ts`,
    find: "    this.#global.position = { ...position, lsn };",
    replace: "    this.#global.position = { ...position, lsn: lsn + 1000n };",
    tests: [`${HAND_OVER} > tells the same story from wherever it goes on`],
  },
  {
    name: "log: a read ends without hearing that its last state is committed",
    file: `${CDC}/follow-log.ts`,
    find: "      await acknowledgements.upTo(global.position!.lsn, context.limits.acknowledgedSeconds);\n",
    replace: "",
    tests: [
      `${ACKNOWLEDGED} > moves the slot to what the destination has committed, and never beyond`,
    ],
  },
  {
    name: "log: a table of another shape is read as it was",
    file: `${CDC}/log-relations.ts`,
    find: "    if (isLikeNow && isOther(now, stream)) throw changed(stream, relation);\n",
    replace: "",
    tests: [`${RESHAPED} > ends before the first change of another shape when a column is added`],
  },
  {
    name: "log: changes that were missed are forgotten",
    file: `${CDC}/stream-starts.ts`,
    find: "  if (part.isMissing)",
    replace: "  if (part.isMissing && false)",
    tests: [
      `${RESHAPED} > loads a table again that was out of sight, and takes back what was there`,
    ],
  },
  {
    name: "log: a stream that the log was read without goes on where it stood",
    file: `${CDC}/read-changes.ts`,
    find: "if (!isFollowed && typeof",
    replace: "if (isFollowed && typeof",
    tests: [
      `${LOST} > loads a stream anew that others were read without`,
      `${LOST} > does not go on with a stream that was to be read whole`,
    ],
  },
  {
    name: "log: a stream that the log was read without is forgotten",
    file: `${CDC}/read-changes.ts`,
    find: "this.#misses(stream);\n      else this",
    replace: "continue;\n      else this",
    tests: [`${LOST} > loads a stream anew that others were read without`],
  },
  {
    name: "log: what nobody needs of the log is read",
    file: `${CDC}/read-changes.ts`,
    find: "loads.length === young.length &&",
    replace: "loads.length < young.length &&",
    tests: [`${LOST} > is loaded anew when it was not published for a time`],
  },
  {
    name: "log: what was read whole before is not taken back when it is followed",
    file: `${CDC}/stream-starts.ts`,
    find: 'is: "new", replaces: true, why: "it was not followed before, but read"',
    replace: 'is: "new", replaces: false',
    tests: [`${LOST} > loads a stream anew that was read whole for a while`],
  },
];
