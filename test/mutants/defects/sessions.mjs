const KIT = "connectors/kit/session.ts";
const CONNECTOR = "orchestrator/connector/connector.ts";
const IN_KIT = "test/connectors/kit/session.test.ts";
const IN_SYNC = "test/orchestrator/sessions.test.ts";

/** Several commands in one process. @type {import("../mutant.mjs").Mutant[]} */
export const SESSIONS = [
  {
    name: "one process: what follows a command in the same piece is lost",
    file: KIT,
    find: "if (end + 1 < chunk.length) stdin.unshift(chunk.subarray(end + 1));",
    replace: "",
    tests: [`${IN_KIT} > hands what follows \`write\` to it`],
  },
  {
    name: "one process: goes on after a command that failed",
    file: KIT,
    find: "if (status !== EXIT.done || LAST.has(args[0])) return status;",
    replace: "if (LAST.has(args[0])) return status;",
    tests: [`${IN_KIT} > ends with the status of a command that fails`],
  },
  {
    name: "one process: every command has a process of its own all the same",
    file: CONNECTOR,
    find: "if (heard.goesOn) this.#session = session;",
    replace: "",
    tests: [`${IN_SYNC} > has one process in a sync`],
  },
  {
    name: "one process: the destination does something before the source has answered",
    file: CONNECTOR,
    find: "sessions.add(this.#session);",
    replace: `sessions.add(this.#session);
    const move = ["move", "--config", await this.#config(), "--from", "another"];
    if (this.role === "destination") this.#takeSession(move);`,
    tests: [`${IN_SYNC} > changes nothing at the destination`],
  },
  {
    name: "one process: who waits for a command is left behind",
    file: "orchestrator/connector/sessions.ts",
    find: "setTimeout(() => process.stop(), PATIENCE_MS)",
    replace: "setTimeout(() => {}, PATIENCE_MS)",
    tests: [`${IN_SYNC} > and does not end when nothing more is asked`],
  },
];
