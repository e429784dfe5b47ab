const CDC = "connectors/source-postgres/cdc";
const TESTS = "test/connectors/source-postgres/cdc";
const PUBLICATIONS = `${TESTS}/publication-changes.test.ts`;
const VISIBLE = `${TESTS}/visible-transactions.test.ts`;

/** What would be missing without a word. @type {import("../mutant.mjs").Mutant[]} */
export const CDC_GAPS = [
  {
    name: "cdc gaps: a table that was out of the publication goes on",
    file: `${CDC}/stream-starts.ts`,
    find: "part.entry !== undefined && part.entry !== entry",
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
    find: "verdict.anew === undefined ? request.newTables : request.tables",
    replace: "request.newTables",
    tests: [
      `${PUBLICATIONS} > puts the tables it followed into the publication that it makes anew`,
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
];
