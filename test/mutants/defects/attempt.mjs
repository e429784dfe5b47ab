const ATTEMPT_FILE = "orchestrator/sync/attempt.ts";
const JUDGEMENT = "orchestrator/sync/judgement.ts";
const JUDGED = "test/orchestrator/judgement.test.ts";
const TESTS = "test/orchestrator/attempt.test.ts";
const RESUME = "test/orchestrator/full-refresh-resume.test.ts";

/** How an attempt runs, ends and is judged. @type {import("../mutant.mjs").Mutant[]} */
export const ATTEMPT = [
  {
    name: "attempt: a STATE is saved before it is acknowledged",
    file: ATTEMPT_FILE,
    find: "await this.#input.write(this.#relay.push(chunk));",
    replace: `const out = this.#relay.push(chunk);
        for (const { line } of this.#states.pending()) this.#setup.keeper.accept(line);
        await this.#input.write(out);`,
    tests: [`${JUDGED} > is none while nothing was acknowledged`],
  },
  {
    name: "attempt: COMPLETE is announced before the source exited",
    file: ATTEMPT_FILE,
    find: "const exit = await this.#source.exit;",
    replace: "await this.#announceComplete();\n    const exit = await this.#source.exit;",
    tests: [`${TESTS} > says COMPLETE and exits with status 1`],
  },
  {
    name: "attempt: a source that nobody reads is not stopped",
    file: ATTEMPT_FILE,
    find: "if (!this.#sourceIsOver) this.#source.stop();",
    replace: "",
    tests: [`${JUDGED} > is stopped although it has nothing to say`],
  },
  {
    name: "attempt: no statuses count as COMPLETE however the source ended",
    file: ATTEMPT_FILE,
    find: "!this.#judgement.endedCleanly(exit)",
    replace: "false",
    tests: [`${JUDGED} > that failed is not said to have ended with status 0`],
  },
  {
    name: "judgement: a status of the source that is not 0 is passed over",
    file: JUDGEMENT,
    find: "return exit.code === 0 || this.#explainsItself;",
    replace: "return true;",
    tests: [`${TESTS} > says COMPLETE and exits with status 1`],
  },
  {
    name: "judgement: an error that the source reports does not keep its streams from completion",
    file: JUDGEMENT,
    find: "if (this.sourceErrors.length > 0 && !this.#explainsItself) return false;",
    replace: "",
    tests: [`${TESTS} > reports an error and exits with status 0`],
  },
  {
    name: "judgement: an interrupted source ended well",
    file: JUDGEMENT,
    find: "if (this.sourceBroke || isInputBroken() || isInterrupted()) return false;",
    replace: "if (this.sourceBroke || isInputBroken()) return false;",
    tests: [
      "test/orchestrator/signals.test.ts > stops the source, commits what was read, saves the state",
    ],
  },
  {
    name: "judgement: a stream is complete without its last acknowledgement",
    file: JUDGEMENT,
    find: "this.#judgeStream(account, !waiting.has(account),",
    replace: "this.#judgeStream(account, true,",
    tests: [`${TESTS} > swallows the states`],
  },
  {
    name: "judgement: a stream is complete although the destination failed",
    file: JUDGEMENT,
    find: "if (destinationFailed && !(isExcused && isCovered)) return;",
    replace: "",
    tests: [`${JUDGED} > when the destination acknowledged all of it and`],
  },
  {
    name: "judgement: of two equal STATEs the last one is taken for the one committed",
    file: JUDGEMENT,
    find: "this.#sourceIsTrusted && !isAmbiguous",
    replace: "this.#sourceIsTrusted",
    tests: [
      `${RESUME} > is read again when nobody can tell which of two equal states was committed`,
    ],
  },
  {
    name: "judgement: a source that ended badly is believed its COMPLETE",
    file: JUDGEMENT,
    find: "this.#sourceIsTrusted && !isAmbiguous",
    replace: "!isAmbiguous",
    tests: [`${RESUME} > is read again when the source ended badly without saying why`],
  },
];
