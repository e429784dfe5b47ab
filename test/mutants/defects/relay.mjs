const RELAY_FILE = "orchestrator/sync/relay/source-relay.ts";
const ACKNOWLEDGEMENTS = "orchestrator/sync/relay/acknowledgements.ts";
const BUFFER = "orchestrator/sync/relay/forward-buffer.ts";
const ATTEMPT = "test/orchestrator/attempt.test.ts";
const JUDGEMENT = "test/orchestrator/judgement.test.ts";
const RELAY_TEST = "test/orchestrator/relay.test.ts";
const IN_ORDER = `${RELAY_TEST} > reaches the destination in its order, and nothing else does`;
const VOUCHED = `${RELAY_TEST} > is vouched for by an acknowledged STATE as far as it came before it`;

/** From the source's output to the destination's input, and what comes back. @type {import("../mutant.mjs").Mutant[]} */
export const RELAY = [
  {
    name: "relay: a record behind its stream's COMPLETE passes",
    file: RELAY_FILE,
    find: "if (account.isFinished)",
    replace: "if (false)",
    tests: [`${ATTEMPT} > sends a record after COMPLETE`],
  },
  {
    name: "relay: the head is not looked at again after a status",
    file: RELAY_FILE,
    find: "this.#stream = undefined;\n      this.#events.onStatus",
    replace: "this.#events.onStatus",
    tests: [`${JUDGEMENT} > a record follows its COMPLETE`],
  },
  {
    name: "relay: the source's count before a STATE is not compared",
    file: RELAY_FILE,
    find: "line.sourceRecordCount !== emitted)",
    replace: "false)",
    tests: [`${ATTEMPT} > says it sent more records than arrived`],
  },
  {
    name: "relay: a STATE does not begin a new count of what was read",
    file: RELAY_FILE,
    find: "account.emittedAtState = account.emitted;",
    replace: "",
    tests: [`${ATTEMPT} > takes the acknowledgement of the last state for those before it`],
  },
  {
    name: "relay: a STATE does not begin a new count of what was forwarded",
    file: RELAY_FILE,
    find: "account.forwardedAtState = account.forwarded;",
    replace: "",
    tests: [IN_ORDER],
  },
  {
    name: "relay: a STATE vouches for the records behind it, too",
    file: RELAY_FILE,
    find: "({ account, forwarded: account.forwarded })",
    replace: "({ account, get forwarded() { return account.forwarded; } })",
    tests: [VOUCHED],
  },
  {
    name: "relay: a record cut in the middle is forwarded",
    file: RELAY_FILE,
    find: "reader.locateData(bytes, start, end);",
    replace: "void 0;",
    tests: [`${ATTEMPT} > cuts a record short and goes on`],
  },
  {
    name: "relay: a last line without newline is dropped",
    file: RELAY_FILE,
    find: "if (isJson(bytes, start, end)) return this.#onLine(bytes, start, end);",
    replace: "if (isJson(bytes, start, end)) return;",
    tests: [`${ATTEMPT} > ends without a newline after a whole message loses nothing`],
  },
  {
    name: "relay: a torn last line is taken for noise",
    file: RELAY_FILE,
    find: "if (bytes[start] !== 0x7b)",
    replace: "if (true)",
    tests: [`${ATTEMPT} > stops in the middle of its last line`],
  },
  {
    name: "relay: a record that a filter dropped counts as forwarded",
    file: RELAY_FILE,
    find: "if (edited === undefined) return;",
    replace: "if (edited === undefined) return void account.forwarded++;",
    tests: [IN_ORDER],
  },
  {
    name: "relay: COMPLETE makes up for an earlier INCOMPLETE",
    file: RELAY_FILE,
    find: 'if (account === undefined || account.status === "INCOMPLETE") return;',
    replace: "if (account === undefined) return;",
    tests: [`${JUDGEMENT} > its source said INCOMPLETE first`],
  },
  {
    name: "relay: a full refresh without any STATE gets none of its own",
    file: RELAY_FILE,
    find: "account.states === 0 &&",
    replace: "false &&",
    tests: [`${ATTEMPT} > gives a full refresh without any state one of its own`],
  },
  {
    name: "relay: bytes between two records of a chunk are forwarded with them",
    file: BUFFER,
    find: "this.#run === bytes && this.#runEnd === start",
    replace: "this.#run === bytes",
    tests: [IN_ORDER],
  },
  {
    name: "relay: a STATE overtakes the records before it",
    file: BUFFER,
    find: "pieces(...pieces: Buffer[]): void {\n    this.#endRun();",
    replace: "pieces(...pieces: Buffer[]): void {",
    tests: [IN_ORDER],
  },
  {
    name: "relay: a run of records is lost when another one begins",
    file: BUFFER,
    find: "this.#endRun();\n    if (end < bytes.length)",
    replace: "if (end < bytes.length)",
    tests: [IN_ORDER],
  },
  {
    name: "relay: the source is not held up by a destination that does not read",
    file: "orchestrator/sync/relay/paced-writer.ts",
    find: "while (!this.isBroken && ",
    replace: "while (false && ",
    tests: ["test/e2e/memory.test.ts > no process of a sync takes more than 150 MB"],
  },
  {
    name: "acknowledgements: one that was changed is accepted",
    file: ACKNOWLEDGEMENTS,
    find: "if (!sameBlobs(sent.line, back))",
    replace: "if (false)",
    tests: [`${ATTEMPT} > changes a state`],
  },
  {
    name: "acknowledgements: one of a STATE that was never sent is passed over",
    file: ACKNOWLEDGEMENTS,
    find: '? "old"\n        : undefined;',
    replace: '? "old"\n        : "old";',
    tests: [`${ATTEMPT} > invents a state`],
  },
  {
    name: "acknowledgements: the destination's count is not compared",
    file: ACKNOWLEDGEMENTS,
    find: "if (said === undefined) return;",
    replace: "return;",
    tests: [`${ATTEMPT} > commits another number of records`],
  },
  {
    name: "acknowledgements: records that the destination rejected count as lost",
    file: ACKNOWLEDGEMENTS,
    find: "said + rejectedCount(back)",
    replace: "said",
    tests: [`${JUDGEMENT} > are not missing`],
  },
  {
    name: "acknowledgements: the STATEs before the last one stay unanswered",
    file: ACKNOWLEDGEMENTS,
    find: "for (const { id } of before) this.#waiting.delete(id);",
    replace: "",
    tests: [`${ATTEMPT} > takes the acknowledgement of the last state for those before it`],
  },
  {
    name: "acknowledgements: one of a stream stands for the others, too",
    file: ACKNOWLEDGEMENTS,
    find: "scope === sent.scope && id < sent.id",
    replace: "id < sent.id",
    tests: [VOUCHED],
  },
  {
    name: "acknowledgements: of equal STATEs the newest is taken for the one that came back",
    file: ACKNOWLEDGEMENTS,
    find: "this.pending().find(",
    replace: "this.pending().findLast(",
    tests: [`${RELAY_TEST} > takes the first of equal STATEs`],
  },
  {
    name: "acknowledgements: kinds of STATE are mixed in one sync",
    file: ACKNOWLEDGEMENTS,
    find: "this.#type !== line.type)",
    replace: "false)",
    tests: [`${ATTEMPT} > mixes kinds of state`],
  },
];
