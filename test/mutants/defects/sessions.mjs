const KIT = "connectors/kit/session.ts";
const CONNECTOR = "orchestrator/connector/connector.ts";
const IN_KIT = "test/connectors/kit/session.test.ts";
const KEPT = "connectors/postgres/kept-connection.ts";
const CONNECTIONS = "test/connectors/postgres/kept-connection.test.ts";
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
    find: "if (status !== EXIT.done || isLast) return status;",
    replace: "if (isLast) return status;",
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
  {
    name: "one process: the end of a command ends the next one",
    file: KIT,
    find: "if (isLast || code !== EXIT.done)",
    replace: "if (!shelf.isOpen || code !== EXIT.done)",
    tests: [`${IN_KIT} > lets a command take longer than the one before it lingers`],
  },
  {
    name: "kept connection: what a command set stays",
    file: KEPT,
    find: "session.rest(...reset);",
    replace: "session.rest();",
    tests: [`${CONNECTIONS} > is the same, and as it was at its start`],
  },
  {
    name: "kept connection: one that broke is the end of the next command",
    file: KEPT,
    find: "await kept.close();\n    return false;",
    replace: "return true;",
    tests: [`${CONNECTIONS} > is opened again when it broke`],
  },
  {
    name: "kept connection: another config's is taken",
    file: KEPT,
    find: "if (this.#config === JSON.stringify(config)) return",
    replace: "if (this.#config !== undefined) return",
    tests: [
      `${CONNECTIONS} > is closed when the command fails, or the next one has another config`,
    ],
  },
  {
    name: "kept connection: it is left although the command failed",
    file: KEPT,
    find: "if (!isLeft) await session.close();",
    replace: "if (!isLeft) shelf?.leave(new KeptConnection(session, config));",
    tests: [`${CONNECTIONS} > is closed when the command fails`],
  },
  {
    name: "kept connection: one that does not come to rest is waited for",
    file: "connectors/postgres/session.ts",
    find: "await Promise.race([this.#rested, late])",
    replace: "await this.#rested",
    tests: [`${CONNECTIONS} > is opened again when it does not come to rest`],
  },
  {
    name: "kept connection: others beside it go through a tunnel of their own",
    file: "connectors/postgres/session.ts",
    find: "return openSession(this.#config, this.#options);",
    replace: "return openSession(structuredClone(this.#config), this.#options);",
    tests: [
      "test/connectors/postgres/ssh/tunnel.test.ts > carries the connections of the next command",
    ],
  },
];
