const RESUME = "test/orchestrator/full-refresh-resume.test.ts";
const RELAY_FILE = "orchestrator/sync/relay/source-relay.ts";
const RECORDS = "orchestrator/sync/relay/record-relay.ts";
const STATES = "orchestrator/sync/relay/state-relay.ts";
const GIVEN_UP = "orchestrator/sync/relay/given-up.ts";
const ACKNOWLEDGEMENTS = "orchestrator/sync/relay/acknowledgements.ts";
const INPUT = "orchestrator/sync/relay/destination-input.ts";
const ATTEMPT = "test/orchestrator/attempt.test.ts";
const JUDGEMENT = "test/orchestrator/judgement.test.ts";
const ACKNOWLEDGED = "test/orchestrator/acknowledgements.test.ts";
const SHARED = "test/orchestrator/shared-state.test.ts";
const RELAY_TEST = "test/orchestrator/relay.test.ts";
const INPUT_TEST = "test/orchestrator/destination-input.test.ts";
const IN_ORDER = `${RELAY_TEST} > reaches the destination in its order, and nothing else does`;
const VOUCHED = `${RELAY_TEST} > is vouched for by an acknowledged STATE as far as it came before it`;

/** From the source's output to the destination's input, and what comes back. @type {import("../mutant.mjs").Mutant[]} */
export const RELAY = [
  {
    name: "relay: a record behind its stream's COMPLETE passes",
    file: RECORDS,
    find: "if (stats.isFinished)",
    replace: "if (false)",
    tests: [`${ATTEMPT} > sends a record after COMPLETE`],
  },
  {
    name: "relay: the head is not looked at again after a status",
    file: RELAY_FILE,
    find: 'this.#records.forgetHead();\n    if (status !== "STARTED")',
    replace: 'if (status !== "STARTED")',
    tests: [`${JUDGEMENT} > a record follows its COMPLETE`],
  },
  {
    name: "relay: the source's count before a STATE is not compared",
    file: STATES,
    find: "line.sourceRecordCount !== emitted)",
    replace: "false)",
    tests: [`${ATTEMPT} > says it sent more records than arrived`],
  },
  {
    name: "relay: a STATE does not begin a new count of what was read",
    file: STATES,
    find: "stream.emittedAtState = stream.emitted;",
    replace: "",
    tests: [`${ATTEMPT} > takes the acknowledgement of the last state for those before it`],
  },
  {
    name: "relay: a STATE does not begin a new count of what was forwarded",
    file: STATES,
    find: "stream.forwardedAtState = stream.forwarded;",
    replace: "",
    tests: [IN_ORDER],
  },
  {
    name: "relay: a STATE vouches for the records behind it, too",
    file: STATES,
    find: "({ stream, forwarded: stream.forwarded })",
    replace: "({ stream, get forwarded() { return stream.forwarded; } })",
    tests: [VOUCHED],
  },
  {
    name: "relay: a record cut in the middle is forwarded",
    file: RECORDS,
    find: "if (isFast && (bytes[end - 1] !== CLOSE_BRACE || bytes[end - 2] !== CLOSE_BRACE))",
    replace: "if (false)",
    tests: [`${ATTEMPT} > cuts a record short and goes on`],
  },
  {
    name: "relay: a last line without newline is dropped",
    file: RELAY_FILE,
    find: "if (isWholeJson(bytes, start, end)) return this.#onLine(bytes, start, end);",
    replace: "if (isWholeJson(bytes, start, end)) return;",
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
    file: RECORDS,
    find: "if (edited === undefined) return;",
    replace: "if (edited === undefined) return void stream.forwarded++;",
    tests: [IN_ORDER],
  },
  {
    name: "relay: COMPLETE makes up for an earlier INCOMPLETE",
    file: RELAY_FILE,
    find: 'if (stream === undefined || !stream.isAsked || stream.status === "INCOMPLETE") return;',
    replace: "if (stream === undefined || !stream.isAsked) return;",
    tests: [`${JUDGEMENT} > its source said INCOMPLETE first`],
  },
  {
    name: "relay: a full refresh without any STATE gets none of its own",
    file: STATES,
    find: "stream.states === 0 || (",
    replace: "(",
    tests: [`${ATTEMPT} > gives a full refresh without any state one of its own`],
  },
  {
    name: "relay: the last STATE of a full refresh does not wait for what follows",
    file: STATES,
    find: "this.#held.set(first!, ownCopy(line));",
    replace: "this.#send(line, streams, { isLast: false, isOurs: false });",
    tests: [`${RESUME} > is not gone on from there`],
  },
  {
    name: "relay: the last STATE of an added refresh is not marked",
    file: STATES,
    find: '...(line.type === "STREAM" && streams[0]!.isAdded && { isLast }),',
    replace: "",
    tests: [`${RESUME} > is only finished by the next job when it was whole`],
  },
  {
    name: "relay: the STATEs of what is replaced are marked like those of an added refresh",
    file: STATES,
    find: "streams[0]!.isAdded && { isLast }",
    replace: "{ isLast }",
    tests: ["test/orchestrator/lost-home.test.ts > are not taken for those that are there"],
  },
  {
    name: "relay: a STATE of nobody's stream passes",
    file: STATES,
    find: "return this.#unasked(line);",
    replace: "{ this.#unasked(line); this.#input.pieces(editState(line, {})); return; }",
    tests: [`${ATTEMPT} > sends a STATE of a stream nobody asked for is warned`],
  },
  {
    name: "relay: a STATE of a stream that was given up passes",
    file: STATES,
    find: "if (this.#givenUp.isOf(line, streams)) return;",
    replace: "",
    tests: [`${ATTEMPT} > does not move on by a state that comes behind`],
  },
  {
    name: "relay: INCOMPLETE is not passed on",
    file: RELAY_FILE,
    find: 'if (status === "INCOMPLETE") this.#givenUp.take(stream, said, message);',
    replace: "",
    tests: [`${ATTEMPT} > is told to the destination at once, in its names`],
  },
  {
    name: "relay: bytes between two records of a chunk are forwarded with them",
    file: INPUT,
    find: "this.#run === bytes && this.#runEnd === start",
    replace: "this.#run === bytes",
    tests: [IN_ORDER],
  },
  {
    name: "relay: a STATE overtakes the records before it",
    file: INPUT,
    find: "} else if (this.#run) this.#endRun();",
    replace: "}",
    tests: [INPUT_TEST],
  },
  {
    name: "relay: a long line of several pieces overtakes what was added before it",
    file: INPUT,
    find: "if (length > MOST_COPIED_BYTES) {\n      this.#endRun();",
    replace: "if (length > MOST_COPIED_BYTES) {",
    tests: [INPUT_TEST],
  },
  {
    name: "relay: a run of records is lost when another one begins",
    file: INPUT,
    find: "this.#endRun();\n    if (end < bytes.length)",
    replace: "if (end < bytes.length)",
    tests: [IN_ORDER],
  },
  {
    name: "relay: the source is not held up by a destination that does not read",
    file: INPUT,
    find: "while (!this.#isBroken && ",
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
    find: "return this.pending().find(",
    replace: "return this.pending().findLast(",
    tests: [`${RELAY_TEST} > takes the first of equal STATEs`],
  },
  {
    name: "acknowledgements: one that came back for another stream is accepted",
    file: ACKNOWLEDGEMENTS,
    find: "if (!this.#sameStreams(sent.line, back))",
    replace: "if (false)",
    tests: ["test/orchestrator/acknowledgements.test.ts"],
  },
  {
    name: "acknowledgements: kinds of STATE are mixed in one sync",
    file: ACKNOWLEDGEMENTS,
    find: "this.#type !== type)",
    replace: "false)",
    tests: [`${ATTEMPT} > mixes kinds of state`],
  },
  {
    name: "acknowledgements: one without a number stands for any stream with that content",
    file: ACKNOWLEDGEMENTS,
    find: "sameBlobs(line, back) && this.#sameStreams(line, back)",
    replace: "sameBlobs(line, back)",
    tests: [`${ACKNOWLEDGED} > without a number is the oldest of its own stream`],
  },
  {
    name: "relay: INCOMPLETE waits for the end of the output",
    file: GIVEN_UP,
    find: 'if (type === undefined || type === "STREAM") this.#giveUp(stream, line);',
    replace: "if (false) return;",
    tests: [`${ATTEMPT} > is told to the destination at once, in its names`],
  },
  {
    name: "relay: INCOMPLETE goes on under the source's name",
    file: GIVEN_UP,
    find: "const status = { ...said, stream_descriptor: stream.plan.destination };",
    replace: "const status = said;",
    tests: [`${ATTEMPT} > is told to the destination at once, in its names`],
  },
  {
    name: "relay: what one state for all streams covers is taken back before it comes",
    file: GIVEN_UP,
    find: 'if (type === undefined || type === "STREAM") this.#giveUp(stream, line);',
    replace: "if (true) this.#giveUp(stream, line);",
    tests: [`${SHARED} > moves on with what it sent of that one`],
  },
  {
    name: "relay: a state for all streams covers rows that were taken back",
    file: GIVEN_UP,
    find: "if (lost.length === 0) return false;",
    replace: "return false;",
    tests: [`${SHARED} > does so from its second attempt on`],
  },
  {
    name: "relay: rows of a stream that was not asked for pass",
    file: RECORDS,
    find: "if (stats === undefined || !stats.isAsked)",
    replace: "if (stats === undefined)",
    tests: [
      "test/orchestrator/full-refresh-resume.test.ts > is not taken from a source that was not asked for it",
    ],
  },
  {
    name: "relay: a record whose keys are spelled with escapes keeps its name",
    file: "protocol/record-line.ts",
    find: "if (isKey(bytes, innerStart, innerEnd, KEY.stream))",
    replace: "if (isSame(bytes, innerStart, innerEnd, KEY.stream))",
    tests: ["test/protocol/record-line.test.ts > renaming RECORD lines"],
  },
];
