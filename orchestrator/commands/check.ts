import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { EXIT, statusOfFailure } from "../output/exit-status.ts";
import type { Command } from "./command.ts";

export const check: Command = {
  name: "check",
  arguments: "[name...]",
  description: "try sources and destinations: the named ones, those of a connection, or all",
  examples: ["syncline check", "syncline check warehouse", "syncline check --json | jq .status"],
  run: checkConnectors,
};

/**
 * Asks each connector whether its configuration works, all at the same time; and whether destinations
 * can do what the connections want of them.
 */
async function checkConnectors(invocation: Invocation, names: readonly string[]): Promise<number> {
  const config = await invocation.config();
  const { console } = invocation;
  const [{ withStatus }, { checkFacts }] = await Promise.all([
    import("./ask-connectors.ts"),
    import("../api/check.ts"),
  ]);
  return withStatus(
    invocation,
    async (asking) => {
      let status: number = EXIT.done;
      for (const { kind, ...facts } of await checkFacts(asking, config, names)) {
        const { role, name, message = "" } = facts;
        if (kind) status = Math.max(status, statusOfFailure("", kind));
        if (console.json) console.print(JSON.stringify(facts));
        else if (facts.status === "FAILED")
          console.note(
            `${role} ${name}: FAILED: ${message.split("\n").map(escapeControls).join("\n")}`,
          );
        else if (!console.quiet) {
          console.print(`${role} ${name}: ok`);
          if (message !== "") console.note(`${role} ${name}: ${escapeControls(message)}`);
        }
      }
      return status;
    },
    { shows: ["WARN"] },
  );
}
