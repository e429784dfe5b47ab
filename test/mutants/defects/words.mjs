const SERVER_ERROR = "connectors/postgres/server-error.ts";
const ERRORS = "test/connectors/postgres/errors.test.ts > what the server reports";
const NO_ROW = `${ERRORS} > never repeats a row, whoever puts it`;
const CONFIG = "test/orchestrator/config.test.ts > the configuration file";
const AIRBYTE = "test/connectors/airbyte-configs.test.ts > a config made for Airbyte's connector";
const CANARY = "test/orchestrator/canary.test.ts > leaves no secret anywhere and no row outside";
const STATES = "test/connectors/kit/source/owned-states.test.ts > the state of a stream";

/** What is said, and what is taken of other tools. @type {import("../mutant.mjs").Mutant[]} */
export const WORDS = [
  {
    name: "words: what a function of a user's says is repeated",
    file: SERVER_ERROR,
    find: "if (internalQuery || (where && !OF_COPY.test(where))) return true;",
    replace: "if (internalQuery) return true;",
    tests: [NO_ROW],
  },
  {
    name: "words: a value taken for a name is repeated",
    file: SERVER_ERROR,
    find: "return !OF_OBJECTS.has(file) && (!position || where !== undefined);",
    replace: 'return !OF_OBJECTS.has(file) && !position && code !== "42883";',
    tests: [NO_ROW],
  },
  {
    name: "words: names that a function made up are given",
    file: SERVER_ERROR,
    find: " || OF_LANGUAGES.test(error.file)",
    replace: "",
    tests: [NO_ROW],
  },
  {
    name: "words: the variable in a secret is named",
    file: "orchestrator/config/document.ts",
    find: "looksSecret(path) && !isHarmless ? SOME_VARIABLE : problem",
    replace: "problem",
    tests: [`${CONFIG} > names the place of`],
  },
  {
    name: "words: an alias that leads nowhere is repeated",
    file: "orchestrator/config/document.ts",
    find: "report(alias, NO_ANCHOR);",
    replace: "report(alias, alias.source);",
    tests: [`${CONFIG} > names the place of`],
  },
  {
    name: "words: a missing file of settings is named whatever it is",
    file: "orchestrator/config/config-builder.ts",
    find: "LOOKS_LIKE_FILE.test(file)",
    replace: "file.length > 0",
    tests: [`${CONFIG} > names the missing file of settings hunter2`],
  },
  {
    name: "config: what is nested too deep is parsed",
    file: "protocol/json-text.ts",
    find: "if (nestingOf(Buffer.from(json)) > MAX_NESTING)",
    replace: "if (nestingOf(Buffer.from(json)) > 100_000)",
    tests: ["test/protocol/json-text.test.ts > refuses at once what is nested too deep"],
  },
  {
    name: "words: a connector's secrets are not hidden from its log",
    file: "orchestrator/connector/live-settings.ts",
    find: "this.#log.hide(redact);\n    return redact;",
    replace: "return redact;",
    tests: [CANARY],
  },
  {
    name: "words: an error of a connector is handed on with its secrets",
    file: "orchestrator/connector/messages.ts",
    find: "events.onError(reportedError({ ...error, message }, who));",
    replace: "events.onError(reportedError(error, who));",
    tests: [
      "test/orchestrator/secrets.test.ts > is masked by every command, however it shows the failure",
    ],
  },
  {
    name: "words: what a killed run was given stays",
    file: "orchestrator/connector/private-folder.ts",
    find: "if (isOurs && isAbandoned(path)) rmSync(path, { recursive: true, force: true });",
    replace: "void (isOurs && isAbandoned(path));",
    tests: [CANARY],
  },
  {
    name: "config: a setting of another tool that means something else is left aside",
    file: "connectors/postgres/airbyte-settings.ts",
    find: "problems.push({ path: [name], message: meaning.refused });",
    replace: "warnings.push(meaning.refused);",
    tests: [`${AIRBYTE} > is refused by the`],
  },
  {
    name: "state: one without a namespace counts for two streams",
    file: "connectors/kit/source/owned-states.ts",
    find: "if (without.length > 1) throw ambiguous(name, without);",
    replace: "",
    tests: [`${STATES} > is refused where it may be of two`],
  },
  {
    name: "plan: a rehearsal runs what it should keep",
    file: "connectors/postgres/session.ts",
    find: "if (this.#rehearsed) {",
    replace: "if (this.#rehearsed && action === action.toUpperCase()) {",
    tests: ["test/e2e/plan.test.ts > shows what would be created"],
  },
  {
    name: "plan: what the destination refuses is not",
    file: "orchestrator/sync/outlook.ts",
    find: "[theirs.error, source] : [ours?.error, destination];",
    replace: "[theirs.error, source] : [theirs?.error, destination];",
    tests: ["test/e2e/plan.test.ts > is refused where a sync would be"],
  },
  {
    name: "status: streams that are gone are forgotten with the next sync",
    file: "orchestrator/sync/streams/schema-changes.ts",
    find: "(known.gone ?? []).map(",
    replace: "(known.gone ?? []).slice(0, 0).map(",
    tests: ["test/e2e/vanished-streams.test.ts > is a warning in status until"],
  },
  {
    name: "grants: a schema without rights fails all streams",
    file: "connectors/destination-postgres/schema/schemas.ts",
    find: "streams.map((stream) => ofStream(failure, stream))",
    replace: "streams.map(() => failure)",
    tests: ["test/e2e/plan.test.ts > names the rights that are missing on both sides"],
  },
  {
    name: "completion: TAB runs what prints a secret",
    file: "orchestrator/completion/known.ts",
    find: ", [ALLOW_COMMANDS]: undefined }",
    replace: ", ...(ALLOW_COMMANDS === undefined && {}) }",
    tests: [
      "test/orchestrator/completion.test.ts > completion > knows commands, options and names",
    ],
  },
  {
    name: "live: lines that a narrower terminal folded are not erased",
    file: "orchestrator/output/live/view.ts",
    find: "Math.ceil(stripVTControlCharacters(line).length / columns)",
    replace: "Math.ceil(stripVTControlCharacters(line).length / (columns + 1000))",
    tests: ["test/e2e/seeing-a-sync.test.ts > leaves no ghost"],
  },
  {
    name: "live: nobody hears that a source waits for a lock",
    file: "orchestrator/sync/relay/stream-stats.ts",
    find: 'if (stats && activity.kind === "lock")',
    replace: 'if (stats && activity.kind === "lock" && !activity.waits)',
    tests: ["test/e2e/seeing-a-sync.test.ts > leaves no ghost"],
  },
  {
    name: "live: nobody hears that a destination waits for a lock",
    file: "connectors/destination-postgres/lane/lock-waits.ts",
    find: "return new LockNotice(session, tell);",
    replace: "return new LockNotice(session, () => void tell);",
    tests: ["test/e2e/seeing-a-sync.test.ts > waits for somebody's lock at the destination"],
  },
  {
    name: "state: an imported position without a namespace is kept beside its stream",
    file: "orchestrator/commands/bare-names.ts",
    find: "if (exact || owners.length === 0) return stream;",
    replace: "if (exact || owners.length > 0) return stream;",
    tests: ["test/orchestrator/state.test.ts > import a position without a namespace"],
  },
];
