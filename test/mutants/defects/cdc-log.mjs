const CDC = "connectors/source-postgres/cdc";
const TESTS = "test/connectors/source-postgres/cdc";
const DECODER = `${TESTS}/pgoutput.test.ts`;
const VALUES = `${TESTS}/log-row-encoder.test.ts`;

/** What is read of the server's log, and what its values become. @type {import("../mutant.mjs").Mutant[]} */
export const CDC_LOG = [
  {
    name: "cdc log: a value that was not written again is not looked for in the old row",
    file: `${CDC}/pgoutput/pgoutput.ts`,
    find: "if (hasOld) this.#row.fillFrom(this.#old);",
    replace: "",
    tests: [`${VALUES} > takes a value that was not written again from the old row`],
  },
  {
    name: "cdc log: NULL stands in for a value that the old key does not have",
    file: `${CDC}/pgoutput/pgoutput.ts`,
    find: `old.kinds[column] !== TEXT_VALUE) continue;
      this.kinds[column] = TEXT_VALUE;`,
    replace: `false) continue;
      this.kinds[column] = old.kinds[column]!;`,
    tests: [`${VALUES} > takes a value that was not written again from the old row`],
  },
  {
    name: "cdc log: a table that changed its shape keeps the one it had first",
    file: `${CDC}/pgoutput/pgoutput.ts`,
    find: "this.#relations.set(oid, relation);",
    replace: "if (!this.#relations.has(oid)) this.#relations.set(oid, relation);",
    tests: [`${DECODER} > tells of no table that was not described`],
  },
  {
    name: "cdc log: what follows a message is not looked at",
    file: `${CDC}/pgoutput/message-reader.ts`,
    find: "if (this.at !== this.#end) throw",
    replace: "if (this.at > this.#end) throw",
    tests: [`${DECODER} > refuses a message that is cut`],
  },
  {
    name: "cdc log: a SQL NULL in a JSON column is JSON's null",
    file: `${CDC}/pgoutput/log-row-encoder.ts`,
    find: "if (write === WRITE.json) continue;",
    replace: "",
    tests: [`${VALUES} > gives the records that a COPY gives, of every type`],
  },
  {
    name: "cdc log: every array separates its elements by a comma",
    file: `${CDC}/pgoutput/array-writer.ts`,
    find: "delimiter.charCodeAt(0)",
    replace: "(delimiter && ',').charCodeAt(0)",
    tests: [`${VALUES} > gives the records that a COPY gives, of any array`],
  },
  {
    name: "cdc log: an address in an array has no mask of its own",
    file: `${CDC}/pgoutput/array-writer.ts`,
    find: 'element.schema === "pg_catalog" && element.name === "inet"',
    replace: 'element.schema === "pg_catalog" && element.name === "cidr"',
    tests: [`${VALUES} > gives the records that a COPY gives, of any array`],
  },
  {
    name: "cdc log: what is escaped in an array stays escaped",
    file: `${CDC}/pgoutput/array-writer.ts`,
    find: "from = ++i;",
    replace: "from = i++;",
    tests: [`${VALUES} > gives the records that a COPY gives, of any array`],
  },
];
