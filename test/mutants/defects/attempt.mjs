const ATTEMPT_FILE = "orchestrator/sync/attempt.ts";
const JUDGEMENT_FILE = "orchestrator/sync/judgement.ts";
const TESTS = "test/orchestrator/attempt.test.ts";
const JUDGED = "test/orchestrator/judgement.test.ts";
const RESUME = "test/orchestrator/full-refresh-resume.test.ts";
const MODEL = "test/orchestrator/judgement-model.test.ts";

/** How an attempt runs, ends and is judged. @type {import("../mutant.mjs").Mutant[]} */
export const ATTEMPT = [
  {
    name: "attempt: a STATE is saved before it is acknowledged",
    file: ATTEMPT_FILE,
    find: "relay.push(chunk);",
    replace: `relay.push(chunk);
      for (const { line } of this.#states.pending()) this.#setup.keeper.accept(line);`,
    tests: [`${JUDGED} > is none while nothing was acknowledged`],
  },
  {
    name: "attempt: COMPLETE is announced before the source exited",
    file: ATTEMPT_FILE,
    find: "const exit = await source.exit;\n    this.#sourceIsOver = true;",
    replace: `for (const stats of this.#stats.streams) if (stats.status === "COMPLETE") relay.finish(stats);
    await input.flush();
    const exit = await source.exit;
    this.#sourceIsOver = true;`,
    tests: [`${TESTS} > says COMPLETE and exits with status 1`],
  },
  {
    name: "attempt: a source that nobody reads is not stopped",
    file: ATTEMPT_FILE,
    find: "new DestinationInput(destination.stdin, () => this.#stopSource(source));",
    replace: "new DestinationInput(destination.stdin, () => {});",
    tests: [`${JUDGED} > is stopped although it has nothing to say`],
  },
  {
    name: "attempt: a destination is believed after it gave back what it was not sent",
    file: ATTEMPT_FILE,
    find: "this.#destinationFaults.push(error);\n      running.destination.kill();",
    replace: "",
    tests: [`${TESTS} > changes a state`, `${TESTS} > invents a state`],
  },
  {
    name: "judgement: a status of the source that is not 0 is passed over",
    file: JUDGEMENT_FILE,
    find: "return (exit.code === 0 && reported.length === 0) ||",
    replace: "return reported.length === 0 ||",
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: an error that the source reports does not keep its streams from completion",
    file: JUDGEMENT_FILE,
    find: "return (exit.code === 0 && reported.length === 0) ||",
    replace: "return exit.code === 0 ||",
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: a source that was told to stop ended in order",
    file: JUDGEMENT_FILE,
    find: 'if (exit.kind !== "exited" || exit.weAsked) return false;\n  return (exit.code',
    replace: 'if (exit.kind !== "exited") return false;\n  return (exit.code',
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: an output that was not read to its end is whole",
    file: JUDGEMENT_FILE,
    find: "if (faults.length > 0 || torn || !wasReadToEnd) return false;",
    replace: "if (faults.length > 0 || torn) return false;",
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: a stream is complete without its last acknowledgement",
    file: JUDGEMENT_FILE,
    find: "if (!stream.isAnnounced || !stream.isAcknowledged || !tookAll) return false;",
    replace: "if (!stream.isAnnounced || !tookAll) return false;",
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: a stream is complete that the destination was not told of",
    file: JUDGEMENT_FILE,
    find: "if (!stream.isAnnounced || !stream.isAcknowledged || !tookAll) return false;",
    replace: "if (!stream.isAcknowledged || !tookAll) return false;",
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: a stream is complete although the destination failed",
    file: JUDGEMENT_FILE,
    find: "complete.has(stream) && !hasFailed && isDelivered(stream, destination)",
    replace: "complete.has(stream)",
    tests: [`${JUDGED} > when the destination acknowledged all of it and`],
  },
  {
    name: "judgement: a destination that was killed counts as ended",
    file: JUDGEMENT_FILE,
    find: 'if (exit.kind !== "exited" || exit.weAsked) return false;\n  if (exit.code',
    replace: 'if (exit.kind === "signaled") return true;\n  if (exit.code',
    tests: [MODEL],
  },
  {
    name: "judgement: a destination is excused whatever it complains of",
    file: JUDGEMENT_FILE,
    find: 'reported.length > 0 && reported.every(({ code }) => code === "stream.incomplete");\n  return',
    replace: "reported.length > 0;\n  return",
    tests: [`${JUDGED} > when another one failed and the destination complains of more than that`],
  },
  {
    name: "judgement: lost acknowledgements are not reported",
    file: JUDGEMENT_FILE,
    find: "if (!complete.has(stream) || !stream.isAnnounced || stream.isAcknowledged) return [];",
    replace: "return [];",
    tests: [`${TESTS} > swallows the states`],
  },
  {
    name: "judgement: of two equal STATEs the last one is taken for the one committed",
    file: JUDGEMENT_FILE,
    find: "(isComplete || wasCutOff) && !isAmbiguous",
    replace: "(isComplete || wasCutOff)",
    tests: [
      `${RESUME} > is read again when nobody can tell which of two equal states was committed`,
    ],
  },
  {
    name: "judgement: a source that ended badly is believed its COMPLETE",
    file: JUDGEMENT_FILE,
    find: "(isComplete || wasCutOff) && !isAmbiguous",
    replace: "!isAmbiguous",
    tests: [`${RESUME} > is read again when the source ended badly without saying why`],
  },
];
