const ATOMIC = "orchestrator/store/atomic-file.ts";
const STATE_FILE = "orchestrator/store/state-file.ts";
const FAULTS = "test/orchestrator/state-file-faults.test.ts";
const STATE = "test/orchestrator/state.test.ts";
const DURABLE = "test/orchestrator/atomic-file.test.ts";
const LOG = "test/orchestrator/attempt-log.test.ts";
const LOCK = "test/orchestrator/lock.test.ts";
const HISTORY = "test/orchestrator/job-history.test.ts";
const FOLDER = "test/orchestrator/private-folder.test.ts";
const WHOLE = `${FAULTS} > is the old one or the new one, whole`;

/** What is kept on disk. @type {import("../mutant.mjs").Mutant[]} */
export const STORE = [
  {
    name: "job history: whoever holds the lock runs the job",
    file: "orchestrator/store/job-history.ts",
    find: "({ since }) => since <= created_at,",
    replace: "() => true,",
    tests: [HISTORY],
  },
  {
    name: "job history: a process out of sight is gone",
    file: "orchestrator/store/job-history.ts",
    find: "if (runner) return",
    replace: "if (runner && !runner.last_sign_at) return",
    tests: [HISTORY],
  },
  {
    name: "retention: the last job of a connection goes, too",
    file: "orchestrator/store/retention.ts",
    find: "all.slice(0, -1)",
    replace: "all.slice()",
    tests: [HISTORY],
  },
  {
    name: "atomic file: no fsync of the file",
    file: ATOMIC,
    find: "if (durable) fsyncSync(file);",
    replace: "",
    tests: [DURABLE],
  },
  {
    name: "atomic file: no fsync of the folder",
    file: ATOMIC,
    find: "if (durable) syncFolder(dirname(path));",
    replace: "",
    tests: [DURABLE],
  },
  {
    name: "atomic file: fsync before anything is written",
    file: ATOMIC,
    find: `for (const part of typeof content === "string" ? [Buffer.from(content)] : content)
        writeWhole(file, part);
      if (durable) fsyncSync(file);`,
    replace: `if (durable) fsyncSync(file);
      for (const part of typeof content === "string" ? [Buffer.from(content)] : content)
        writeWhole(file, part);`,
    tests: [DURABLE],
  },
  {
    name: "atomic file: written in place",
    file: ATOMIC,
    find: "renameSync(draft, path);",
    replace: `const target = openSync(path, "w", 0o600);
    for (const part of typeof content === "string" ? [Buffer.from(content)] : content)
      writeWhole(target, part);
    if (durable) fsyncSync(target);
    closeSync(target);
    rmSync(draft);`,
    tests: [WHOLE],
  },
  {
    name: "atomic file: a short write is taken for a whole one",
    file: ATOMIC,
    find: "while (at < bytes.length) at += writeSync(file, bytes, at);",
    replace: "writeSync(file, bytes, at);",
    tests: [WHOLE],
  },
  {
    name: "atomic file: a failed draft stays",
    file: ATOMIC,
    find: "rmSync(draft, { force: true });",
    replace: "",
    tests: [WHOLE],
  },
  {
    name: "state file: the checksum is not compared",
    file: STATE_FILE,
    find: 'if (head["sha256"] !== digest(body))',
    replace: "if (false)",
    tests: [`${STATE} > is refused when any byte of it was changed`],
  },
  {
    name: "state file: another connection's is taken",
    file: STATE_FILE,
    find: 'if (head["connection"] !== connection)',
    replace: "if (false)",
    tests: [`${STATE} > is refused when it belongs to another connection`],
  },
  {
    name: "state file: the one before is not kept",
    file: STATE_FILE,
    find: "keepPrevious(path);\n    replaceFile",
    replace: "replaceFile",
    tests: [`${STATE} > is readable by its owner only, and keeps the generation before it`],
  },
  {
    name: "state file: a broken one is an empty one",
    file: STATE_FILE,
    find: 'throw error instanceof Failure ? error : refuse("is damaged", error);',
    replace: "return emptyState();",
    tests: [`${STATE} > is refused when it was cut short`],
  },
  {
    name: "lock: a living holder is passed over",
    file: "orchestrator/store/lock.ts",
    find: 'if (sighting !== "gone") return { path, holder, isInSight: sighting === "alive" };',
    replace: 'if (sighting !== "gone") continue;',
    tests: [`${LOCK} > goes to exactly one of many that want it at once`],
  },
  {
    name: "lock: one that a dead process left is kept",
    file: "orchestrator/store/process-identity.ts",
    find: 'if (!isRunning(wanted.pid)) return "gone";',
    replace: "void isRunning;",
    tests: [`${LOCK} > of a process that is gone is taken over`],
  },
  {
    name: "lock: a number that another process has now is taken for the holder",
    file: "orchestrator/store/process-identity.ts",
    find: "if (startTime === wanted.startTime)",
    replace: "if (startTime)",
    tests: [`${LOCK} > of a process whose number another one has now is taken over`],
  },
  {
    name: "lock: the file of a dead process stays",
    file: "orchestrator/store/lock.ts",
    find: 'isInSight: sighting === "alive" };\n    rmSync(path, { force: true });',
    replace: 'isInSight: sighting === "alive" };',
    tests: [`${LOCK} > of a process that is gone is taken over`],
  },
  {
    name: "lock: a pid of another container is taken for one of ours",
    file: "orchestrator/store/process-identity.ts",
    find: "wanted.pidNamespace === here.pidNamespace",
    replace: "true",
    tests: [LOCK, FOLDER],
  },
  {
    name: "lock: a silent holder elsewhere keeps it for ever",
    file: "orchestrator/store/sign-of-life.ts",
    find: 'return "gone";',
    replace: 'return "alive";',
    tests: [LOCK],
  },
  {
    name: "lock: who holds it shows no signs of life",
    file: "orchestrator/store/sign-of-life.ts",
    find: "utimesSync(path, now, now);",
    replace: "void now;",
    tests: [LOCK],
  },
  {
    name: "lock: who lost it writes the state",
    file: "orchestrator/sync/positions/state-keeper.ts",
    find: "this.#lost?.throwIfAborted();",
    replace: "",
    tests: [LOCK],
  },
  {
    name: "private folder: a relative TMPDIR is handed to connectors as it is",
    file: "orchestrator/store/temporary-folder.ts",
    find: "return resolve(tmpdir());",
    replace: "void resolve;\n  return tmpdir();",
    tests: [FOLDER],
  },
  {
    name: "private folder: signals that leave it behind",
    file: "orchestrator/commands/stop-signals.ts",
    find: '["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"]',
    replace: '["SIGINT", "SIGTERM"]',
    tests: ["test/orchestrator/signals.test.ts > a sync that is asked to end"],
  },
  {
    name: "log: what a connector prints is written as it is",
    file: "orchestrator/store/attempt-log.ts",
    find: "escapeControls(line).slice(",
    replace: "line.slice(",
    tests: [`${LOG} > shows a terminal's title`],
  },
  {
    name: "log: one that cannot be written fails the sync",
    file: "orchestrator/store/attempt-log.ts",
    find: "    } catch {\n      // A full disk: the sync goes on without its log.\n    }",
    replace: "    } finally {\n      // A full disk: the sync goes on without its log.\n    }",
    tests: [`${LOG} > costs no sync anything when it cannot be written`],
  },
  {
    name: "lock: a killed process that nobody looked after counts as alive",
    file: "orchestrator/store/process-identity.ts",
    find: 'if (isOver) return "gone";',
    replace: "void isOver;",
    tests: ["test/orchestrator/lock.test.ts > of a process that was killed is taken over"],
  },
];
