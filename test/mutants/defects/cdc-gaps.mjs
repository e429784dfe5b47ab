const CDC = "connectors/source-postgres/cdc";
const TESTS = "test/connectors/source-postgres/cdc";
const PUBLICATIONS = `${TESTS}/publication-changes.test.ts`;
const LOST = `${TESTS}/lost-changes.test.ts`;
const VISIBLE = `${TESTS}/visible-transactions.test.ts`;

/** What would be missing without a word. @type {import("../mutant.mjs").Mutant[]} */
export const CDC_GAPS = [
  {
    name: "cdc gaps: a table that was out of the publication goes on",
    file: `${CDC}/stream-starts.ts`,
    find: "part.entry !== undefined && !haveOneInCommon(part.entry, entry)",
    replace: "part.entry === entry && part.isMissing",
    tests: [
      `${PUBLICATIONS} > loads a table again that was taken out of the publication and put back between two reads`,
    ],
  },
  {
    name: "cdc gaps: a publication that was made again goes on",
    file: `${CDC}/slot/judge-slot.ts`,
    find: "isOther(saved.publicationOid, facts.publication.oid)",
    replace: "isOther(saved.publicationOid, saved.publicationOid ?? '')",
    tests: [`${TESTS}/judge-slot.test.ts > stops at a publication that was made again`],
  },
  {
    name: "cdc gaps: the publication that is made anew is empty",
    file: `${CDC}/open-log.ts`,
    find: "const isLost = verdict.anew !== undefined;",
    replace: "const isLost = verdict.anew === method.method;",
    tests: [
      `${PUBLICATIONS} > puts the tables it followed into the publication that it makes anew`,
    ],
  },
  {
    name: "cdc gaps: a table that was made anew stays out of the publication",
    file: `${CDC}/slot/publication.ts`,
    find: "followedOids.get(label(table)) !== table.oid",
    replace: "followedOids.get(label(table)) === undefined",
    tests: [
      `${PUBLICATIONS} > publishes a table again that was dropped and made anew, and no table that somebody took out`,
    ],
  },
  {
    name: "cdc gaps: a table that somebody took out of the publication is put back",
    file: `${CDC}/slot/publication.ts`,
    find: "followedOids.get(label(table)) !== table.oid",
    replace: "table.oid > 0",
    tests: [
      `${PUBLICATIONS} > publishes a table again that was dropped and made anew, and no table that somebody took out`,
    ],
  },
  {
    name: "cdc gaps: a publication that left out changes for a time goes on",
    file: `${CDC}/slot/publication-gap.ts`,
    find: "then.altered !== now.as.altered &&",
    replace: "then.altered > `${now.as.altered}` &&",
    tests: [
      `${LOST} > is noticed of a publication that it left out deletions for a time between two reads: every table is loaded anew`,
    ],
  },
  {
    name: "cdc gaps: a publication that left out changes so far goes on",
    file: `${CDC}/slot/publication-gap.ts`,
    find: "if (ended.length > 0)",
    replace: "if (ended.length > 4)",
    tests: [
      `${LOST} > is noticed of a publication that it left out deletions from the start until now: every table is loaded anew`,
    ],
  },
  {
    name: "cdc gaps: a table is loaded anew though it was published all the time",
    file: `${CDC}/stream-starts.ts`,
    find: 'then.split(",").some((entry) => entries.includes(entry))',
    replace: "then === now && entries.length > 0",
    tests: [
      `${LOST} > goes on where a table is published by its schema instead of itself, and was all the time`,
    ],
  },
  {
    name: "cdc gaps: a change may be of any size",
    file: `${CDC}/read-log.ts`,
    find: "ROWS_OF_A_CHANGE * options.maxRowBytes",
    replace: "2000 * options.maxRowBytes",
    tests: [
      `${TESTS}/values.test.ts > refuses a change of more than two of the largest rows, and says how large it is`,
    ],
  },
  {
    name: "cdc gaps: a standby that took over goes on behind what it lacks",
    file: `${CDC}/slot/judge-slot.ts`,
    find: "if (past.end < saved.lsn)",
    replace: "if (past.end < saved.lsn && slot === undefined)",
    tests: [
      `${TESTS}/standby.test.ts > when a standby takes over that has the slot > refuses to go on where it lacks what was taken, or the slot`,
    ],
  },
  {
    name: "cdc gaps: standbys do not get the slot",
    file: `${CDC}/slot/make-slot.ts`,
    find: "facts.version >= 170000 && !facts.isStandby",
    replace: "facts.version >= 990000 && !facts.isStandby",
    tests: [
      `${TESTS}/standby.test.ts > when a standby takes over that has the slot > goes on with the change behind the last one that was taken, and loses and repeats none`,
    ],
  },
  {
    name: "cdc gaps: partitions are thought to have their table's replica identity",
    file: `${CDC}/slot/followable.ts`,
    find: "facts.hasMutePartitions && !facts.isPublished",
    replace: "facts.hasMutePartitions && facts.isPublished",
    tests: [
      `${PUBLICATIONS} > publishes no table with partitions whose updates the server would then refuse`,
    ],
  },
  {
    name: "cdc gaps: a row stays under the old value of a key that somebody chose",
    file: `${CDC}/followed-stream.ts`,
    find: "...chosenKeyOf(plan.configured)",
    replace: "",
    tests: [
      `${PUBLICATIONS} > tells a row that moves from its old key where the key is one that somebody chose`,
    ],
  },
  {
    name: "cdc gaps: an altered publication is followed on",
    file: `${CDC}/slot/slot-watch.ts`,
    find: "JSON.stringify(this.facts.publication) !== this.#publication",
    replace: "this.#publication === undefined",
    tests: [`${TESTS}/slot.test.ts > is watched: a publication that is altered is told`],
  },
  {
    name: "cdc gaps: a row is looked up before its transaction can be seen",
    file: `${CDC}/current-rows.ts`,
    find: "    await this.#transactions.sees(xid);\n",
    replace: "    void xid;\n",
    tests: [
      `${VISIBLE} > looks up values of a row under another key when the transaction can be seen, which is later than in the log`,
    ],
  },
  {
    name: "cdc gaps: a table is looked up before what changed it can be seen",
    file: `${CDC}/follow-log.ts`,
    find: "    await transactions.sees(xid);\n",
    replace: "    void xid;\n",
    tests: [
      `${VISIBLE} > looks up a table that was made anew when the transaction can be seen, which is later than in the log`,
    ],
  },
  {
    name: "cdc gaps: what the server did to rows of a changed table is not said",
    file: `${CDC}/untold-values.ts`,
    find: "filled.length + retyped.length === 0",
    replace: "filled.length * retyped.length >= 0",
    tests: [
      `${TESTS}/schema-changes.test.ts > reads what was logged before a table was changed as rows of the table as it is now`,
    ],
  },
  {
    name: "cdc: a read that waits within a transaction ends behind it",
    file: "connectors/source-postgres/cdc/follow-log.ts",
    find: "!reader.endBetween()",
    replace: "(reader.endSoon(), false)",
    tests: [
      "test/connectors/source-postgres/cdc/silent-log.test.ts > waits for the rest of a transaction",
    ],
  },
  {
    name: "cdc: a read that ends before the end of the log does not warn",
    file: "connectors/source-postgres/cdc/follow-log.ts",
    find: '"WARN",\n      `nothing came of the log',
    replace: '"DEBUG",\n      `nothing came of the log',
    tests: [
      "test/connectors/source-postgres/cdc/silent-log.test.ts > says that a read ends before",
    ],
  },
];
