const SOURCE_INPUT = "orchestrator/sync/relay/source-input.ts";
const ATTEMPT_FILE = "orchestrator/sync/attempt.ts";
const SOURCE_OUTPUT = "orchestrator/sync/source-output.ts";
const WORK = "orchestrator/sync/sync-work.ts";
const MEMORY = "orchestrator/sync/positions/destination-memory.ts";
const STATES = "orchestrator/sync/positions/stream-states.ts";
const TOLD = "test/orchestrator/source-input.test.ts";
const TESTS = "test/orchestrator/following.test.ts";
const SHARED = "test/orchestrator/shared-state.test.ts";

/** What a source is told, and connections that follow. @type {import("../mutant.mjs").Mutant[]} */
export const FOLLOWING = [
  {
    name: "following: a source is told of a STATE before it is saved",
    file: SOURCE_INPUT,
    find: "if (!sent.isOurs) setLast(this.#unsaved, sent);",
    replace: `if (!sent.isOurs) setLast(this.#unsaved, sent);
    this.saved();`,
    tests: [`${TOLD} > is each committed state in its own bytes, when it is saved and not before`],
  },
  {
    name: "following: a source is told of STATEs that were only sent",
    file: ATTEMPT_FILE,
    find: "      onProgress,\n    });\n    const destinationOutput",
    replace: `      onProgress: (stats) => {
        for (const sent of states.pending()) sourceInput?.acknowledge(sent);
        sourceInput?.saved();
        onProgress(stats);
      },
    });
    const destinationOutput`,
    tests: [`${TESTS} > is told of its last state and nothing else where nothing comes back`],
  },
  {
    name: "following: a source that does not listen has all of it gathered",
    file: SOURCE_INPUT,
    find: "if (!this.#stream.writable || this.#stream.writableNeedDrain) return;",
    replace: "if (!this.#stream.writable) return;",
    tests: [`${TOLD} > is the last of each scope where it reads slowly`],
  },
  {
    name: "following: the destination waits for the end of a source that waits for it",
    file: SOURCE_OUTPUT,
    find: "acknowledges &&\n      states.type",
    replace: "false &&\n      states.type",
    tests: [
      `${TESTS} > is told of it also where the destination puts a refresh in place only at the end`,
    ],
  },
  {
    name: "following: all is said although the source said that something is wrong",
    file: SOURCE_OUTPUT,
    find: "seen.isSourceSound\n",
    replace: "true\n",
    tests: [`${TESTS} > is not taken at its word for what is whole when it reports a failure`],
  },
  {
    name: "following: another shape is asked for again and again although nothing changes",
    file: WORK,
    find: "return hasMoved || isNew;",
    replace: "return true;",
    tests: [`${TESTS} > does not do so for ever where nothing is different`],
  },
  {
    name: "following: a refresh that is not over is followed",
    file: WORK,
    find: "const follows = isFollowed && !replaces;",
    replace: "const follows = isFollowed;",
    tests: [`${TESTS} > ends in an unfinished refresh first`],
  },
  {
    name: "following: a refresh of one stream leaves the others of its state behind",
    file: "orchestrator/sync/attempt-plan.ts",
    find: "const wanted = progress.isOfAll ? all : named;",
    replace: "const wanted = named;",
    tests: [`${SHARED} > reads one stream anew when that is refreshed`],
  },
  {
    name: "following: a source is given what it said of a full refresh that is over",
    file: STATES,
    find: "state.global = withoutStreams(state.global!, [entry.stream]);",
    replace: "",
    tests: [`${SHARED} > is not given what it said of a full refresh that is over`],
  },
  {
    name: "following: what the destination has of such a refresh comes back in the second attempt",
    file: MEMORY,
    find: "return erased.length > 0 && left.equals(ours) ? left : theirs;",
    replace: "return theirs;",
    tests: [`${SHARED} > is not given what it said of a full refresh that is over`],
  },
  {
    name: "following: a source waits for a destination that has ended",
    file: "orchestrator/sync/destination-output.ts",
    find: "    sourceInput.end();\n",
    replace: "",
    tests: [
      "test/orchestrator/following.test.ts > does not wait for a destination that has ended without a word",
    ],
  },
];
