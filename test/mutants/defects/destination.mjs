const SESSION = "connectors/postgres/session.ts";
const CHECKPOINT = "connectors/destination-postgres/checkpoint/checkpoint.ts";
const SAVED = "connectors/destination-postgres/checkpoint/saved-states.ts";
const QUERIES = "connectors/destination-postgres/checkpoint/queries.ts";
const ONCE = "test/connectors/destination-postgres/exactly-once.test.ts";
const OUTCOME = "test/connectors/destination-postgres/commit-outcome.test.ts";
const STAGING = "test/connectors/destination-postgres/staging.test.ts";

/** Commits, fences and checkpoints of destination-postgres. @type {import("../mutant.mjs").Mutant[]} */
export const DESTINATION = [
  {
    name: "commit: a lost answer is taken for a failure",
    file: SESSION,
    find: 'if (!(await this.#outcome(row!["xid"]!))) throw lost;',
    replace: "throw lost;",
    tests: [`${ONCE} > finds out what became of a commit whose answer was lost`],
  },
  {
    name: "commit: a lost answer is taken for success",
    file: SESSION,
    find: 'if (!(await this.#outcome(row!["xid"]!))) throw lost;',
    replace: "",
    tests: [`${OUTCOME} > is none when the server never heard of it`],
  },
  {
    name: "commit: one that is still in progress is taken for a failure",
    file: SESSION,
    find: 'if (row!["status"] !== "in progress") return',
    replace: "return",
    tests: [`${OUTCOME} > is waited for while the server is still at it`],
  },
  {
    name: "checkpoint: the fence is not checked",
    file: CHECKPOINT,
    find: "if (held.length === 0)",
    replace: "if (false)",
    tests: [`${OUTCOME} > a writer whose session outlives the start of another one`],
  },
  {
    name: "checkpoint: two writers have the same fence",
    file: QUERIES,
    find: "fence = c.fence + 1",
    replace: "fence = c.fence",
    tests: [`${OUTCOME} > a writer whose session outlives the start of another one`],
  },
  {
    name: "checkpoint: a commit that has begun is not waited for",
    file: QUERIES,
    find: "in ($1, '') for share",
    replace: "in ($1, '')",
    tests: [`${STAGING} > tells the state of a commit that is under way only once it is known`],
  },
  {
    name: "checkpoint: the state of an older generation is printed",
    file: SAVED,
    find: "plan.generation === undefined || saved?.generation === plan.generation;",
    replace: "true;",
    tests: [`${ONCE} > prints no state of a stream not asked for`],
  },
  {
    name: "checkpoint: the state of a replacement whose rows are gone is printed",
    file: SAVED,
    find: "const counts = isAside ? beginning.continues : hasRows;",
    replace: "const counts = true;",
    tests: [`${STAGING} > forgets the state of a replacement whose rows are gone`],
  },
  {
    name: "checkpoint: staging that holds rows of no known checkpoint is gone on with",
    file: SAVED,
    find: "evidence.staging.hold(plan, evidence.owner, saved.number)",
    replace: "true",
    tests: [STAGING],
  },
];
