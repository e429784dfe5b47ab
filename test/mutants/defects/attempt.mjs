const ATTEMPT_FILE = "orchestrator/sync/attempt.ts";
const SOURCE_OUTPUT = "orchestrator/sync/source-output.ts";
const JUDGEMENT = "orchestrator/sync/judgement.ts";
const FAILURES = "orchestrator/sync/failures.ts";
const JUDGED = "test/orchestrator/judgement.test.ts";
const MODEL = "test/orchestrator/judgement-model.test.ts";
const TESTS = "test/orchestrator/attempt.test.ts";
const RESUME = "test/orchestrator/full-refresh-resume.test.ts";
const RUN = "test/orchestrator/run-attempt.test.ts";
const COMPLETE = `${MODEL} > calls a stream complete exactly when nothing speaks against it`;
const CAUSES = `${MODEL} > names exactly what went wrong by itself as causes`;

/** How an attempt runs, ends and is judged. @type {import("../mutant.mjs").Mutant[]} */
export const ATTEMPT = [
  {
    name: "attempt: a STATE is saved before it is acknowledged",
    file: ATTEMPT_FILE,
    find: "      onProgress,\n    });\n    const destinationOutput",
    replace: `      onProgress: (stats) => {
        for (const { line } of states.pending()) keeper.accept(line);
        onProgress(stats);
      },
    });
    const destinationOutput`,
    tests: [`${JUDGED} > is none while nothing was acknowledged`],
  },
  {
    name: "attempt: COMPLETE is announced before the source exited",
    file: SOURCE_OUTPUT,
    find: "const exit = await process.exit;",
    replace: 'const exit = { kind: "exited", code: 0, weAsked: false } as const;',
    tests: [`${TESTS} > says COMPLETE and exits with status 1`],
  },
  {
    name: "attempt: a source that nobody reads is not stopped",
    file: ATTEMPT_FILE,
    find: "new DestinationInput(destination.stdin, () => stopping.stopSource())",
    replace: "new DestinationInput(destination.stdin, () => {})",
    tests: [`${JUDGED} > is stopped although it has nothing to say`],
  },
  {
    name: "attempt: the one that was started is not waited for when the other cannot be",
    file: ATTEMPT_FILE,
    find: "await destination.exit;\n      throw error;",
    replace: "throw error;",
    tests: [`${RUN} > also when the second of them cannot be started`],
  },
  {
    name: "attempt: the other side goes on behind a bug of ours",
    file: ATTEMPT_FILE,
    find: "stopping.killBoth();\n      }",
    replace: "}",
    tests: [`${RUN} > also when something of ours throws in between`],
  },
  {
    name: "attempt: a source's silence kills the destination, too",
    file: ATTEMPT_FILE,
    find: "stopping.killSource();",
    replace: "stopping.killBoth();",
    tests: [`${TESTS} > falls silent lets the destination commit what it was sent`],
  },
  {
    name: "attempt: a destination that did not take all of its input took it",
    file: ATTEMPT_FILE,
    find: "tookAll: input.wasTaken,",
    replace: "tookAll: true,",
    tests: [`${TESTS} > ends before its input does`],
  },
  {
    name: "judgement: no statuses count as COMPLETE however the source ended",
    file: JUDGEMENT,
    find: "if (!endedInOrder(source, streams))\n    return",
    replace: "if (!endedInOrder(source, streams) && source.sendsStatuses)\n    return",
    tests: [`${JUDGED} > that failed is not said to have ended with status 0`],
  },
  {
    name: "judgement: a source that prints its usage has read all streams",
    file: JUDGEMENT,
    find: "isAsked && (emitted > 0 || states > 0)",
    replace: "isAsked || (emitted > 0 || states > 0)",
    tests: [`${RESUME} > does not make the silence of a source an end of the others`],
  },
  {
    name: "judgement: a source without words empties what it sent nothing of",
    file: JUDGEMENT,
    find: 'return emitted > 0 || states > 0 ? undefined : "sent nothing of it";',
    replace: "return undefined;",
    tests: [`${MODEL} > announces exactly the streams that the source has finished`],
  },
  {
    name: "judgement: a source without words replaces rows although it logged an error",
    file: JUDGEMENT,
    find: 'if (errorLogs.length > 0) return "logged an error";',
    replace: "",
    tests: [`${MODEL} > announces exactly the streams that the source has finished`],
  },
  {
    name: "judgement: a stream is refused for what may pass with time",
    file: JUDGEMENT,
    find: '(cause) => cause.failure.kind === "config_error" && isOfStream(cause, stream)',
    replace: "(cause) => isOfStream(cause, stream)",
    tests: [`${MODEL} > goes on without a stream that is refused by name`],
  },
  {
    name: "attempt plan: a stream is left out although one state speaks of all",
    file: "orchestrator/sync/attempt-plan.ts",
    find: "if (out.length > 0 && (state.global || state.legacy)) throw allLeftOut(out);",
    replace: "",
    tests: [
      "test/orchestrator/schema-changes.test.ts > stops a sync with one state for all streams",
    ],
  },
  {
    name: "judgement: a status of the source that is not 0 is passed over",
    file: JUDGEMENT,
    find: "return (exit.code === 0 && reported.length === 0) || explainsItself(streams);",
    replace: "return reported.length === 0 || explainsItself(streams);",
    tests: [`${TESTS} > says COMPLETE and exits with status 1`],
  },
  {
    name: "judgement: an error that the source reports does not keep its streams from completion",
    file: JUDGEMENT,
    find: "return (exit.code === 0 && reported.length === 0) || explainsItself(streams);",
    replace: "return exit.code === 0 || explainsItself(streams);",
    tests: [`${TESTS} > reports an error and exits with status 0`],
  },
  {
    name: "judgement: an interrupted source ended well",
    file: JUDGEMENT,
    find: 'if (exit.kind !== "exited" || exit.weAsked) return false;\n  return (exit',
    replace: 'if (exit.kind !== "exited") return false;\n  return (exit',
    tests: [`${MODEL} > announces exactly the streams that the source has finished`],
  },
  {
    name: "judgement: a stream is complete without its last acknowledgement",
    file: JUDGEMENT,
    find: "if (!stream.isAnnounced || !stream.isAcknowledged) return false;",
    replace: "if (!stream.isAnnounced) return false;",
    tests: [`${MODEL} > calls a stream complete exactly when`],
  },
  {
    name: "judgement: a stream is complete although the destination failed",
    file: JUDGEMENT,
    find: "complete.has(stream) && !hasFailed && isDelivered(stream, destination)",
    replace: "complete.has(stream) && stream.isAcknowledged",
    tests: [`${JUDGED} > when the destination acknowledged all of it and`],
  },
  {
    name: "judgement: a stream that failed at the source hides a destination that was killed",
    file: JUDGEMENT,
    find: 'if (exit.kind === "signaled") return [finding(exitFailure(name, exit))];',
    replace:
      'if (exit.kind === "signaled") return [finding(exitFailure(name, exit), mayComplain)];',
    tests: [`${CAUSES}`, `${TESTS} > is nothing to hide behind for a destination that is killed`],
  },
  {
    name: "judgement: whatever a destination says of streams that are not whole is a complaint",
    file: JUDGEMENT,
    find: 'reported.every((error) => error.code === "stream.incomplete" || refusal(error) !== undefined)',
    replace: "reported.every(() => true)",
    tests: [COMPLETE],
  },
  {
    name: "judgement: a destination that does not remember may complain",
    file: JUDGEMENT,
    find: "return remembers && complains &&",
    replace: "return complains &&",
    tests: [COMPLETE],
  },
  {
    name: "judgement: rows behind the last STATE are in place under a complaint",
    file: JUDGEMENT,
    find: "complains && stream.forwarded === stream.committed",
    replace: "complains",
    tests: [COMPLETE],
  },
  {
    name: "judgement: a destination that ends early with status 0 ended well",
    file: JUDGEMENT,
    find: "if (tookAll) return [];",
    replace: "return [];",
    tests: [CAUSES],
  },
  {
    name: "judgement: an interruption hides what went wrong",
    file: JUDGEMENT,
    find: "if (causes.length === 0 && isInterrupted && wasAsked(source.exit)) return [];",
    replace: "if (isInterrupted) return [];",
    tests: [CAUSES],
  },
  {
    name: "judgement: of two equal STATEs the last one is taken for the one committed",
    file: JUDGEMENT,
    find: "(isComplete || wasCutOff) && !isAmbiguous",
    replace: "(isComplete || wasCutOff)",
    tests: [
      `${RESUME} > is read again when nobody can tell which of two equal states was committed`,
    ],
  },
  {
    name: "judgement: a source that ended badly is believed its COMPLETE",
    file: JUDGEMENT,
    find: "(isComplete || wasCutOff) && !isAmbiguous",
    replace: "!isAmbiguous",
    tests: [`${RESUME} > is read again when the source ended badly without saying why`],
  },
  {
    name: "failures: whether to try again hangs on the first one",
    file: FAILURES,
    find: 'return causesOf(failures).some(({ failure }) => failure.kind !== "config_error");',
    replace: 'return failures[0]?.failure.kind !== "config_error";',
    tests: [`${TESTS} > is repeated whatever came first`],
  },
  {
    name: "failures: what follows from a wrong configuration is tried again",
    file: FAILURES,
    find: "return causesOf(failures).some(",
    replace: "return failures.some(",
    tests: [`${TESTS} > is not repeated for what only follows from a wrong configuration`],
  },
  {
    name: "failures: those behind the ones kept are not looked at",
    file: FAILURES,
    find: "this.#kept.length >= MAX_KEPT && this.#seen.has(identity)",
    replace: "this.#kept.length >= MAX_KEPT",
    tests: [`${MODEL} > costs bounded memory, and changes no judgement`],
  },
  {
    name: "failures: those behind the ones shown are not looked at",
    file: FAILURES,
    find: "return failures.filter(({ isConsequence }) => !isConsequence);",
    replace: "return failures.slice(0, MAX_SHOWN).filter(({ isConsequence }) => !isConsequence);",
    tests: [`${TESTS} > is repeated when the last of many failures may pass with time`],
  },
  {
    name: "attempt: a destination is believed after it gave back what it was not sent",
    file: "orchestrator/sync/destination-output.ts",
    find: "seen.destinationFaults.push(error);\n      process.kill();",
    replace: "",
    tests: [`${TESTS} > changes a state`, `${TESTS} > invents a state`],
  },
  {
    name: "judgement: an output that was not read to its end is whole",
    file: JUDGEMENT,
    find: "if (faults.length > 0 || torn || !wasReadToEnd) return false;",
    replace: "if (faults.length > 0 || torn) return false;",
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: a stream is complete that the destination was not told of",
    file: JUDGEMENT,
    find: "if (!stream.isAnnounced || !stream.isAcknowledged) return false;",
    replace: "if (!stream.isAcknowledged) return false;",
    tests: [`${MODEL} > calls a stream complete exactly when nothing speaks against it`],
  },
  {
    name: "judgement: a destination that was killed counts as ended",
    file: JUDGEMENT,
    find: 'if (exit.kind !== "exited" || exit.weAsked) return false;\n  if (exit.code',
    replace: 'if (exit.kind === "signaled") return true;\n  if (exit.code',
    tests: [MODEL],
  },
  {
    name: "judgement: lost acknowledgements are not reported",
    file: JUDGEMENT,
    find: "if (!complete.has(stream) || !stream.isAnnounced || stream.isAcknowledged) return [];",
    replace: "return [];",
    tests: [`${TESTS} > swallows the states`],
  },
  {
    name: "attempt: a destination that does not end is waited for",
    file: "orchestrator/sync/stopping.ts",
    find: "if (!hasEnded.aborted) this.#destination.stop();",
    replace: "",
    tests: [
      "test/orchestrator/signals.test.ts > ends a destination that does not, after twice its time",
    ],
  },
  {
    name: "attempt: a job that waits for another attempt keeps its turn",
    file: "orchestrator/sync/job.ts",
    find: "turn.give();",
    replace: "",
    tests: [
      "test/orchestrator/several-connections.test.ts > comes back to the one that waited, which then is one of as many as may run",
    ],
  },
  {
    name: "failures: of many streams that are refused at once only the first is told",
    file: "protocol/errors.ts",
    find: "origin, stream, cause, also });",
    replace: "origin, stream, cause });",
    tests: ["test/e2e/many-refusals.test.ts"],
  },
  {
    name: "failures: of many streams whose states are refused only the first is heard",
    file: "orchestrator/connector/listen.ts",
    find: "errors.length < MAX_ERRORS && errors.push(error)",
    replace: "errors.length < 1 && errors.push(error)",
    tests: ["test/e2e/many-refusals.test.ts > tables of another connection, incremental"],
  },
];
