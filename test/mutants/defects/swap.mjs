const PUBLISH = "connectors/destination-postgres/publish";
const DEPENDENTS = "test/connectors/destination-postgres/dependents.test.ts";
const TOGETHER = "test/connectors/destination-postgres/overwrite.test.ts";
const RECONCILED = "test/connectors/destination-postgres/reconciled.test.ts";

/** Tables that others hang on, and their replacement. @type {import("../mutant.mjs").Mutant[]} */
export const SWAP = [
  {
    name: "swap: rows that stay are deleted and come again",
    file: `${PUBLISH}/refill.ts`,
    find: "const key = keyFor(refill);",
    replace: "const key = keyFor(refill)?.filter(() => false) && undefined;",
    tests: [`${DEPENDENTS} > keeps the rows of a table whose foreign key points to it`],
  },
  {
    name: "swap: rows of tables that inherit are its own",
    file: "connectors/destination-postgres/schema/queries.ts",
    find: 'return kind === "p" ? quoteTable(table)',
    replace: 'return kind !== "" ? quoteTable(table)',
    tests: [`${DEPENDENTS} > leaves the rows of a table that inherits from it`],
  },
  {
    name: "swap: nobody counts what is there",
    file: `${PUBLISH}/refill.ts`,
    find: "if (taken === sent && there === sent) return;",
    replace: "if (taken >= 0) return;",
    tests: [`${DEPENDENTS} > is refused when a trigger keeps rows out`],
  },
  {
    name: "swap: deletes that are swallowed are not noticed",
    file: `${PUBLISH}/refill.ts`,
    find: "if (taken === sent && there === sent) return;",
    replace: "if (taken === sent) return;",
    tests: [`${DEPENDENTS} > replaces nothing when deletes are swallowed`],
  },
  {
    name: "swap: triggers that wait for the commit are not waited for",
    file: `${PUBLISH}/queries.ts`,
    find: 'CHECK_NOW = "set constraints all immediate"',
    replace: 'CHECK_NOW = "set constraints all deferred"',
    tests: [`${DEPENDENTS} > replaces nothing when rows are removed at the commit`],
  },
  {
    name: "swap: a table is dropped whose row type others use",
    file: `${PUBLISH}/queries.ts`,
    find: "and d.deptype <> 'i') as uses_of_its_row_type",
    replace: "and d.deptype = 'x') as uses_of_its_row_type",
    tests: [`${DEPENDENTS} > keeps functions over its rows`],
  },
  {
    name: "swap: a table is dropped with whatever depends on it",
    file: `${PUBLISH}/queries.ts`,
    find: "and d.deptype <> 'i'\n                   and not coalesce",
    replace: "and d.deptype = 'x'\n                   and not coalesce",
    tests: [`${DEPENDENTS} > moves no table aside that owns a sequence`],
  },
  {
    name: "swap: rules that do something else instead are run",
    file: `${PUBLISH}/obstacles.ts`,
    find: "if (instead.length > 0)",
    replace: "if (instead.length < 0)",
    tests: [`${DEPENDENTS} > refuses a table with the rule`],
  },
  {
    name: "swap: published tables get no identity",
    file: `${PUBLISH}/replica-identity.ts`,
    find: 'kind !== "r") continue;',
    replace: 'kind !== "") continue;',
    tests: [`${DEPENDENTS} > merges and replaces what a publication took in later`],
  },
  {
    name: "swap: values that would not fit are made to, in rows that stay",
    file: "connectors/destination-postgres/schema/existing-types.ts",
    find: "commonType(kept, type, bases) === type",
    replace: "commonType(kept, type, bases) !== null",
    tests: [`${DEPENDENTS} > widens the type of a column whose rows stay`],
  },
  {
    name: "swap: tables are renamed together although something hangs on one of them",
    file: "connectors/destination-postgres/lane/postgres-lane.ts",
    find: "if (!outlooks.every(({ mayRename }) => mayRename)) return await this.#tryAlone();",
    replace: "",
    tests: [`${TOGETHER} > replaces several tables, each as it has to be, where one is`],
  },
  {
    name: "swap: a commit of several replacements that failed counts as one",
    file: "connectors/destination-postgres/lane/postgres-lane.ts",
    find: `return this.#tryAlone().catch(() => {
        throw error;
      });
    }`,
    replace: "}",
    tests: [`${TOGETHER} > replaces several tables, each as it has to be, where one is`],
  },
  {
    name: "merge: what was merged beside a refused stream is not taken back",
    file: "connectors/destination-postgres/lane/merging.ts",
    find: '"rollback to merges", "release merges"',
    replace: '"release merges"',
    tests: [
      "test/connectors/destination-postgres/unique-values.test.ts > merges streams beside one whose values",
    ],
  },
  {
    name: "load: rows that a trigger keeps out of a COPY are taken for loaded",
    file: "connectors/destination-postgres/lane/loader.ts",
    find: "if (count === batch.rows) return;",
    replace: "if (count >= 0) return;",
    tests: [`${RECONCILED} > takes all rows that are loaded`],
  },
  {
    name: "merge: rows that a trigger keeps out are taken for merged",
    file: `${PUBLISH}/run-merge.ts`,
    find: "({ asked, done }) => asked !== done",
    replace: "({ asked }) => asked < 0",
    tests: [`${RECONCILED} > merges all rows into`],
  },
  {
    name: "refit: rows that a trigger keeps as they were are taken for merged",
    file: "connectors/destination-postgres/rebuild/refit.ts",
    find: 'if (left!["found"] === "t" || older !== dropped) {',
    replace: 'if (left!["found"] === "never") {',
    tests: [`${RECONCILED} > begins to deduplicate all rows`],
  },
  {
    name: "load: fields that are lost are said to be in the raw table",
    file: "connectors/destination-postgres/lane/copy-batches.ts",
    find: "const hasRaw = this.#plan.raw !== undefined",
    replace: "const hasRaw = this.#plan.label !== undefined",
    tests: ["test/connectors/destination-postgres/append.test.ts > says what becomes of fields"],
  },
  {
    name: "types: what follows a type is none of its business",
    file: "connectors/destination-postgres/plan/type-name.ts",
    find: String.raw`(?:\[\])?)$`,
    replace: String.raw`(?:\[\])?)`,
    tests: ["test/connectors/destination-postgres/type-name.test.ts"],
  },
  {
    name: "types: an attribute's type is sent as the catalog has it",
    file: "connectors/destination-postgres/plan/type-bodies.ts",
    find: "const local = await typeName(type, here);",
    replace: "const local: string | undefined = type;",
    tests: [
      "test/connectors/destination-postgres/native-types.test.ts > runs nothing of a catalog as SQL",
    ],
  },
];
