const MEMORY = "orchestrator/sync/positions/destination-memory.ts";
const STATES = "orchestrator/sync/positions/stream-states.ts";
const KEEPER = "orchestrator/sync/positions/state-keeper.ts";
const STATE = "test/orchestrator/state.test.ts";
const RESUME = "test/orchestrator/full-refresh-resume.test.ts";

/** Where streams stand, and in which generation. @type {import("../mutant.mjs").Mutant[]} */
export const POSITIONS = [
  {
    name: "positions: the local file outranks what the destination committed",
    file: MEMORY,
    find: "if (theirs) entry.blob = theirs;",
    replace: "if (theirs) continue;",
    tests: ["test/orchestrator/plan.test.ts > asks the destination for its word, as a sync does"],
  },
  {
    name: "positions: what the destination has lost is gone on from",
    file: MEMORY,
    find: "else delete entry.blob;",
    replace: "",
    tests: [`${RESUME} > is read again when the destination has lost it`],
  },
  {
    name: "positions: the destination outranks a position set by hand",
    file: MEMORY,
    find: "if (entry.set_by_user && theirs === undefined) continue;",
    replace: "",
    tests: ["test/orchestrator/positions.test.ts > is gone on from"],
  },
  {
    name: "positions: a refresh that starts again keeps its generation",
    file: STATES,
    find: 'if (beginning === "anew" || beginning === "again") startAnew(state, entry);',
    replace: 'if (beginning === "anew") startAnew(state, entry);',
    tests: [`${RESUME} > starts again under a destination that does not say what it keeps`],
  },
  {
    name: "positions: a refresh goes on although the destination keeps nothing",
    file: STATES,
    find: "const isKept = circumstances.destinationRemembers && canContinue;",
    replace: "const isKept = canContinue;",
    tests: [`${RESUME} > starts again under a destination that does not say what it keeps`],
  },
  {
    name: "positions: an unfinished refresh that adds its rows is topped up by the next job",
    file: STATES,
    find: "if (isLeftUnfinished(stream, entry) && !superseded.has(key)) {",
    replace: "if (begun.has(key) && isLeftUnfinished(stream, entry) && !superseded.has(key)) {",
    tests: [`${RESUME} > is finished by the next job, in its generation`],
  },
  {
    name: "positions: what was read whole is added again",
    file: STATES,
    find: 'if (entry.is_whole) return "delivered";',
    replace: "",
    tests: [`${RESUME} > is never added again once it was read whole`],
  },
  {
    name: "positions: rows of a stream that begins from nothing are progress",
    file: "orchestrator/sync/sync-work.ts",
    find: "return isDone || (hasMoved && goesOn(",
    replace: "return isDone || hasMoved || (hasMoved && goesOn(",
    tests: [`${STATE} > are no progress of a full refresh that begins from nothing each time`],
  },
  {
    name: "positions: a full refresh's state is one of an incremental sync",
    file: STATES,
    find: 'if (entry.sync_mode === "full_refresh") startAnew(state, entry);',
    replace: "",
    tests: [`${STATE} > never take a full refresh's state for that of an incremental sync`],
  },
  {
    name: "positions: another cursor goes on from the old one's position",
    file: STATES,
    find: 'if (entry.cursor_field && cursor && entry.cursor_field.join(".") !== cursor.join("."))',
    replace: "if (false)",
    tests: [`${STATE} > refuse a position taken with another cursor`],
  },
  {
    name: "positions: generations may come twice",
    file: STATES,
    find: "Math.max(entry.generation + 1, state.generation_base)",
    replace: "entry.generation + 1",
    tests: ["test/orchestrator/shared-state.test.ts > never come twice"],
  },
  {
    name: "positions: a refresh that is done is carried on",
    file: KEEPER,
    find: "delete entry.truncating;",
    replace: "",
    tests: [`${STATE} > rise with a refresh of an incremental stream`],
  },
  {
    name: "positions: the state in memory is not saved",
    file: KEEPER,
    find: "writeState(this.#path, this.#connection, this.#state);",
    replace: "",
    tests: [`test/orchestrator/attempt.test.ts > keeps a state blob byte for byte`],
  },
  {
    name: "positions: a cursor beyond its type is set",
    file: "orchestrator/sync/positions/fitting-state.ts",
    find: "if (range !== undefined)",
    replace: "if (range === undefined)",
    tests: ["test/e2e/set-position.test.ts > is gone on from"],
  },
  {
    name: "positions: a file of other streams takes those away that are there",
    file: "orchestrator/api/known-streams.ts",
    find: "if (streams.length === 0 || streams.some(isOurs)) return;",
    replace: "if (streams.length >= 0 || streams.some(isOurs)) return;",
    tests: ["test/orchestrator/state.test.ts > import nothing that would only take positions away"],
  },
];
