import { asFailure, failureText } from "../../protocol/errors.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { failureFacts } from "../output/console.ts";
import { statusOfFailure, worstOf } from "../output/exit-status.ts";
import type { Command } from "./command.ts";

export const plan: Command = {
  name: "plan",
  arguments: "[connection...]",
  description: "show what a sync would do to each table, and what would be refused",
  examples: ["syncline plan", "syncline plan orders --json | jq '.streams[].destination'"],
  run: showPlans,
};

/** Shows what a sync would do, and changes nothing: a table, or with `--json` an object, for each. */
async function showPlans(invocation: Invocation, names: readonly string[]): Promise<number> {
  const connections = await invocation.connections(names);
  const { console } = invocation;
  const [{ withStatus }, { plannedSync }] = await Promise.all([
    import("./ask-connectors.ts"),
    import("../api/plan.ts"),
  ]);
  return withStatus(invocation, async (asking) => {
    const statuses: number[] = [];
    for (const connection of connections) {
      try {
        const planned = await plannedSync(asking, connection);
        if (console.json) console.print(planned.json);
        else for (const line of planned.lines) console.print(line);
        statuses.push(planned.exit_status);
      } catch (error) {
        asking.signal.throwIfAborted();
        const failure = asFailure(error);
        if (console.json) {
          const facts = failureFacts(failure);
          console.print(JSON.stringify({ connection: connection.name, failure: facts }));
        }
        for (const line of failureText(failure).split("\n"))
          console.note(`${connection.name}: ${escapeControls(line)}`);
        statuses.push(statusOfFailure(failure.code, failure.kind));
      }
    }
    return worstOf(statuses);
  });
}
