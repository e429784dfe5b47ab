const CHANGES = "connectors/destination-postgres/publish/changes";
const TESTS = "test/connectors/destination-postgres";

/** What becomes of the changes of a table. @type {import("../mutant.mjs").Mutant[]} */
export const CHANGED = [
  {
    name: "changes: a row that was deleted stays",
    file: `${CHANGES}/merge-queries.ts`,
    find: "removes: hasDeletes && !changes.keepsDeleted,",
    replace: "removes: false,",
    tests: [`${TESTS}/changes.test.ts > applies the deletions of sources that order their changes`],
  },
  {
    name: "changes: whoever keeps a row that was deleted is not found out",
    file: "connectors/destination-postgres/publish/merge.ts",
    find: 'removes ? " and not w.is_deleted" : ""',
    replace: '""',
    tests: [`${TESTS}/changes.test.ts > fails when something keeps a row that was deleted`],
  },
  {
    name: "changes: a value that did not change is NULL",
    file: `${CHANGES}/merge-queries.ts`,
    find: "unchanged.length > 0 ? completeStatements",
    replace: "unchanged.length > 9 ? completeStatements",
    tests: [`${TESTS}/changes.test.ts > keeps with an unchanged value what was said of it`],
  },
  {
    name: "changes: a value that did not change is that of another row, deleted right before",
    file: `${CHANGES}/unchanged-queries.ts`,
    find: "and not exists (select from pg_temp.bases b where b.life = l.life)",
    replace: "",
    tests: [`${TESTS}/changes.test.ts > takes no value of a row that was deleted right before`],
  },
  {
    name: "changes: a row that gets another key loses values",
    file: `${CHANGES}/unchanged-queries.ts`,
    find: "select m.life, r.root from moved m",
    replace: "select m.life, m.life from moved m",
    tests: [`${TESTS}/changes.test.ts > lets a row that gets another key keep its values`],
  },
  {
    name: "changes: a row that comes again has values of the one that was deleted",
    file: `${CHANGES}/unchanged-queries.ts`,
    find: "was_deleted is null or was_deleted and not is_deleted",
    replace: "was_deleted is null",
    tests: [`${TESTS}/changes-model.test.ts > 'Hard delete', 'one batch'`],
  },
  {
    name: "changes: what was there before a truncation stays",
    file: `${CHANGES}/merge-queries.ts`,
    find: "piece.after ? truncationStatements",
    replace: "piece.before ? truncationStatements",
    tests: [`${TESTS}/changes-model.test.ts > 'Hard delete', 'one batch'`],
  },
  {
    name: "changes: the version before a deletion does not end",
    file: `${CHANGES}/history-queries.ts`,
    find: "(new_place is not null or active = 0)",
    replace: "new_place is not null",
    tests: [`${TESTS}/changes-model.test.ts > 'Hard delete', 'one batch'`],
  },
  {
    name: "changes: a version begins after its end where the log is another",
    file: `${CHANGES}/truncate-queries.ts`,
    find: "greatest(h._airbyte_start_at, ${at})",
    replace: "${at}",
    tests: [`${TESTS}/changes.test.ts > goes on with the log of another server`],
  },
  {
    name: "changes: rows with a deletion among them are moved into an empty table as they lie",
    file: "connectors/destination-postgres/publish/merge-way.ts",
    find: "(seen.changes === undefined || arePlain(seen.changes))",
    replace: "true",
    tests: [`${TESTS}/changes.test.ts > adds no row that the first records say is deleted`],
  },
  {
    name: "changes: a deleted row that stays loses its values",
    file: `${CHANGES}/merge-queries.ts`,
    find: "hasDeletes && changes.keepsDeleted ? keepDeletedStatements",
    replace: "!changes.keepsDeleted ? keepDeletedStatements",
    tests: [`${TESTS}/changes.test.ts > marks rows that are gone where that is asked for`],
  },
  {
    name: "changes: a raw table does not say what was unchanged",
    file: "connectors/destination-postgres/encode/row-encoder.ts",
    find: "if (this.#areChanges) writeMeta(meta, this.#raw, raw);",
    replace: "if (this.#areChanges) this.#raw.writeNull(raw);",
    tests: [`${TESTS}/changes.test.ts > keeps every change of a stream that is appended`],
  },
];
