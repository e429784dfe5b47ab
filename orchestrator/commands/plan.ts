import { asFailure, failureText } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import { failureFacts } from "../output/console.ts";
import { escapeControls } from "../escape.ts";
import type { Preview } from "../sync/preview.ts";
import type { Command } from "./command.ts";
import { EXIT, statusOfFailure, worstOf } from "./exit-status.ts";

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
  const home = await invocation.home();
  const { console } = invocation;
  const [{ withSurroundings }, { previewSync }, { planJson, planLines }] = await Promise.all([
    import("./ask-connectors.ts"),
    import("../sync/preview.ts"),
    import("../output/plan-report.ts"),
  ]);
  return withSurroundings(invocation, async (surroundings) => {
    const statuses: number[] = [];
    for (const connection of connections) {
      const around = surroundings();
      try {
        const preview = await previewSync(connection, home, around);
        if (console.json) console.print(planJson(connection, preview));
        else for (const line of planLines(connection, preview)) console.print(line);
        statuses.push(statusOf(preview));
      } catch (error) {
        around.signal.throwIfAborted();
        const failure = asFailure(error);
        const { code, kind, hint } = failure;
        const message = around.log.redacted(failure.message);
        if (console.json) {
          const facts = failureFacts({ code, kind, message, hint });
          console.print(JSON.stringify({ connection: connection.name, failure: facts }));
        }
        for (const line of failureText({ code, message, hint }).split("\n"))
          console.note(`${connection.name}: ${escapeControls(line)}`);
        statuses.push(statusOfFailure(code, kind));
      }
    }
    return worstOf(statuses);
  });
}

/** What a sync would end with, as far as can be told. */
function statusOf({ streams, leftOut }: Preview): number {
  if (leftOut.length > 0 && streams.length > 0) return EXIT.partial;
  return worstOf(leftOut.map(({ failure: { code, kind } }) => statusOfFailure(code, kind)));
}
