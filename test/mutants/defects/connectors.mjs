const KINDS = "test/orchestrator/connector-kinds.test.ts";
const ENDS = `${KINDS} > ends with us at`;

/** How programs of all kinds are run. @type {import("../mutant.mjs").Mutant[]} */
export const CONNECTORS = [
  {
    name: "container: goes on when its sync is stopped",
    file: "orchestrator/connector/process.ts",
    find: "if (removal && (signal !== null || weAsked)) remove(removal);",
    replace: "",
    tests: [ENDS],
  },
  {
    name: "container: goes on when its sync is killed",
    file: "orchestrator/connector/guard.ts",
    find: `[ $# -eq 0 ] || "$@"`,
    replace: "",
    tests: [ENDS],
  },
  {
    name: "Python environment: made where it is looked for",
    file: "orchestrator/connector/python-package.ts",
    find: 'const folder = `${link}.${randomBytes(4).toString("hex")}`;',
    replace: "const folder = link; void randomBytes;",
    tests: [`${KINDS} > never uses a Python environment`],
  },
  {
    name: "secrets: a file alone has commands run",
    file: "orchestrator/config/secret-stores.ts",
    find: 'if (env[ALLOW_COMMANDS] !== "1")',
    replace: 'if (env[ALLOW_COMMANDS] === "0")',
    tests: ["test/orchestrator/secret-stores.test.ts"],
  },
  {
    name: "add: an entry is written over",
    file: "orchestrator/commands/add-connector.ts",
    find: 'if (!(role === "source" ? sources : destinations).has(name)) return;',
    replace: "return;",
    tests: ["test/e2e/add.test.ts > the name is taken"],
  },
];
