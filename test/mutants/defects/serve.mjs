const TIMETABLE = "orchestrator/serve/timetable.ts";
const CONDUCTOR = "orchestrator/serve/conductor.ts";
const MODEL = "test/orchestrator/serve/timetable.test.ts";
const RUNNER = "test/orchestrator/serve/runner.test.ts";

/** What runs by itself. @type {import("../mutant.mjs").Mutant[]} */
export const SERVE = [
  {
    name: "timetable: what was missed is forgotten",
    file: TIMETABLE,
    find: "return nextAfter(trigger, Math.max(since, lastStart ?? since));",
    replace: "return nextAfter(trigger, Math.max(since, lastEnd ?? since));",
    tests: [MODEL],
  },
  {
    name: "timetable: a clock that was set back is never believed",
    file: TIMETABLE,
    find: "if (Math.max(since, lastStart, lastEnd) <= now) return entry;",
    replace: "if (now > 0) return entry;",
    tests: [MODEL],
  },
  {
    name: "timetable: a clock that was set back is always believed",
    file: TIMETABLE,
    find: "const latest = now + disbeliefIn(trigger, Math.max(since, lastStart));",
    replace: "const latest = now;",
    tests: [MODEL],
  },
  {
    name: "timetable: what did not begin counts as run",
    file: TIMETABLE,
    find: '...(outcome === "refused" && { lastStart: entry.startBefore }),',
    replace: "",
    tests: [MODEL],
  },
  {
    name: "timetable: what was interrupted is not picked up",
    file: TIMETABLE,
    find: "const isToPickUp = kept.unfinished !== null;",
    replace: "const isToPickUp = false;",
    tests: [MODEL],
  },
  {
    name: "timetable: failed runs storm",
    file: TIMETABLE,
    find: "if (failures === 0 || lastEnd === undefined) return at;",
    replace: "if (failures >= 0 || lastEnd === undefined) return at;",
    tests: [MODEL],
  },
  {
    name: "cron: a time that a change of the clock leaves out never comes",
    file: "orchestrator/config/cron.ts",
    find: 'fixedTimeRule: "no-wildcard",',
    replace: 'fixedTimeRule: "single-value",',
    tests: [MODEL],
  },
  {
    name: "conductor: a connection runs twice at a time",
    file: CONDUCTOR,
    find: "    if (running) {",
    replace: "    if (running && isAsked) {",
    tests: [RUNNER],
  },
  {
    name: "conductor: what was stopped by the end is not picked up",
    file: CONDUCTOR,
    find: 'this.#isStopping && outcome !== "succeeded"',
    replace: "false",
    tests: [RUNNER],
  },
  {
    name: "serve: a file that cannot be looked at ends it",
    file: "orchestrator/serve/watched-config.ts",
    find: "return String((error as NodeJS.ErrnoException).code);",
    replace: "throw error;",
    tests: [`${RUNNER} > goes on when its file can be looked at no more`],
  },
  {
    name: "serve: what a request calls a database may name files",
    file: "orchestrator/api/new-connection.ts",
    find: "if (file !== undefined)",
    replace: "if (file === ends[role])",
    tests: ["test/e2e/serve-runner.test.ts > makes a connection of two databases"],
  },
  {
    name: "serve: what was taken out of the file can be stopped no more",
    file: "orchestrator/serve/runner.ts",
    find: "if (!isRunning) this.#named(name);",
    replace: "this.#named(name);",
    tests: [`${RUNNER} > lets vanished connections end`],
  },
  {
    name: "serve: a connection is added to a file with mistakes",
    file: "orchestrator/api/new-connection.ts",
    find: "if (isThere) loadConfig(configPath, known);",
    replace: "",
    tests: [`${RUNNER} > says what is wrong with its file to whoever adds`],
  },
];
