const STREAM = "connectors/postgres/replication/log-stream.ts";
const PINS = "connectors/postgres/pinned-settings.ts";
const JUDGE = "connectors/source-postgres/cdc/slot/judge-slot.ts";
const PUBLICATION = "connectors/source-postgres/cdc/slot/publication.ts";
const DROP = "connectors/source-postgres/cdc/slot/drop-slot.ts";
const READS = "test/connectors/postgres/replication/replication-connection.test.ts";
const JUDGED = "test/connectors/source-postgres/cdc/judge-slot.test.ts";
const SLOT = "test/connectors/source-postgres/cdc/slot.test.ts";

/** A server's log, and what keeps our place in it. @type {import("../mutant.mjs").Mutant[]} */
export const SLOTS = [
  {
    name: "slot: what the server has sent is confirmed",
    file: STREAM,
    find: "      this.#receiver.keepalive(walEnd);",
    replace: "      this.#receiver.keepalive(walEnd);\n      this.#confirmed = walEnd;",
    tests: [`${READS} > moves a slot to what was confirmed, and by nothing else`],
  },
  {
    name: "slot: nobody says that we live while nobody takes the log",
    file: STREAM,
    find: "setInterval(() => this.#ask(), this.#statusMs)",
    replace: "setInterval(() => {}, this.#statusMs)",
    tests: [`${READS} > says that it lives while the receiver holds the server back`],
  },
  {
    name: "slot: the server's impatience stays as it is",
    file: PINS,
    find: "setting::int between 1 and 59999",
    replace: "setting::int between 1 and 0",
    tests: [`${READS} > keeps the server's patience while the receiver works`],
  },
  {
    name: "slot: a server that shuts down waits for us for ever",
    file: STREAM,
    find: "else this.#fail(shuttingDown());",
    replace: "else setTimeout(() => this.#sendStatus(), SLOW_ANSWER_MS);",
    tests: [`${READS} > lets a server go that stops fast, and its slot stays where it was`],
  },
  {
    name: "slot: a publication that the server passes over is nothing",
    file: STREAM,
    find: "if (notice.code === SKIPS_PUBLICATION)",
    replace: "if (notice.code === undefined)",
    tests: [`${READS} > knows a slot that is not there from a publication that is not`],
  },
  {
    name: "slot: one beyond the state is read",
    file: JUDGE,
    find: "slot.confirmedLsn > saved.lsn",
    replace: "slot.confirmedLsn > saved.lsn + 1n",
    tests: [`${JUDGED} > stops at a slot beyond the state`],
  },
  {
    name: "slot: a standby that took over without everything is read",
    file: JUDGE,
    find: "past.end < saved.lsn",
    replace: "past.end < saved.lsn - 1n",
    tests: [`${JUDGED} > stops at a standby that took over without all the state has`],
  },
  {
    name: "slot: a publication that is gone is made again behind a state",
    file: JUDGE,
    find: "if (facts.publication === undefined)",
    replace: "if (facts.systemIdentifier === undefined)",
    tests: [`${JUDGED} > stops at a publication that is gone`],
  },
  {
    name: "slot: a table is published whose updates the server then refuses",
    file: PUBLICATION,
    find: "!isPublished && problem === undefined",
    replace: "!isPublished || problem === undefined",
    tests: [`${SLOT} > is made with its publication, which breaks no table, and taken away again`],
  },
  {
    name: "slot: the publication of others is dropped",
    file: DROP,
    find: "if (publication?.isOurs === true) {",
    replace: "if (publication !== undefined) {",
    tests: [`${SLOT} > leaves what others made, and refuses to drop what is read`],
  },
  {
    name: "cdc keys: rows are merged by columns that deletions do not have",
    file: "connectors/source-postgres/cdc/chosen-key.ts",
    find: "if (missing.length === 0) return undefined;",
    replace: "return undefined;",
    tests: [
      "test/connectors/source-postgres/cdc/merge-keys.test.ts > refuses to merge by columns that the log does not have of deleted rows",
    ],
  },
  {
    name: "change mappers: an unchanged column is named as the source does",
    file: "orchestrator/sync/relay/record-relay.ts",
    find: "stream.editor!.editMeta(bytes.subarray(metaStart, metaEnd))",
    replace: "bytes.subarray(metaStart, metaEnd)",
    tests: [
      "test/e2e/change-methods.test.ts > keeps unchanged values of renamed columns, and what says that a row is deleted",
    ],
  },
  {
    name: "change mappers: chosen fields leave out what says that a row is deleted",
    file: "orchestrator/sync/streams/change-streams.ts",
    find: "if (!areChanges(configured)) return fields;",
    replace: "return fields;",
    tests: [
      "test/e2e/change-methods.test.ts > keeps unchanged values of renamed columns, and what says that a row is deleted",
    ],
  },
  {
    name: "log: a server that answers nothing is waited for",
    file: "connectors/postgres/replication/log-stream.ts",
    find: "if (this.#unanswered > this.#mostUnanswered)",
    replace: "if (this.#unanswered < 0)",
    tests: [
      "test/connectors/postgres/replication/replication-connection.test.ts > gives a server up that answers nothing",
    ],
  },
];
