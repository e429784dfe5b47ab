const COPY = "test/e2e/copy.test.ts";

/** How a sync is set up from little, and asked for in part. @type {import("../mutant.mjs").Mutant[]} */
export const SETUP = [
  {
    name: "setup: .env counts more than the environment",
    file: "orchestrator/config/env-file.ts",
    find: "{ ...(parseEnv(text) as Env), ...env }",
    replace: "{ ...env, ...(parseEnv(text) as Env) }",
    tests: [
      "test/orchestrator/env-file.test.ts > fills in variables from .env, the environment first",
    ],
  },
  {
    name: "setup: a password is saved",
    file: "orchestrator/setup/draft.ts",
    find: "password: put(passwordVariable, password)",
    replace:
      'password: passwordVariable === "PGPASSWORD" ? put(passwordVariable, password) : password',
    tests: [`${COPY} > writes the file it amounts to, without a password`],
  },
  {
    name: "setup: a number that is the key is taken for a cursor of what changes",
    file: "orchestrator/setup/proposal.ts",
    find: 'time !== undefined || mode !== "append" || ownKey.length !== 1',
    replace: "time !== undefined || ownKey.length !== 1",
    tests: [`${COPY} > refuses what cannot be guessed`],
  },
  {
    name: "setup: a copy that is repeated is another one",
    file: "orchestrator/setup/draft.ts",
    find: 'createHash("sha256").update(both)',
    replace: 'createHash("sha256").update(`${both} ${process.pid}`)',
    tests: [`${COPY} > goes on where the last copy stood`],
  },
  {
    name: "setup: a sync of one stream forgets where the others stand",
    file: "orchestrator/sync/attempt-plan.ts",
    find: "adoptDestinationState(keeper.state, concerned, ready.streams, committed, log)",
    replace: "adoptDestinationState(keeper.state, ready.streams, ready.streams, committed, log)",
    tests: ["test/e2e/seeing-a-sync.test.ts > syncs some streams alone"],
  },
  {
    name: "copy: an empty password is asked for again and again",
    file: "orchestrator/commands/copy-tables.ts",
    find: "if (login.password === undefined) throw error;",
    replace: "",
    tests: ["test/e2e/copy.test.ts > gives up where none is given"],
  },
];
