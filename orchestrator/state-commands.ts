import type { Command } from "commander";
import { collect, examples, STREAM, type Act } from "./command-parts.ts";

/** Adds `syncline state …`. */
export function addStateCommands(program: Command, act: Act): void {
  const state = program
    .command("state")
    .description("show or change where streams stand")
    .addHelpText(
      "after",
      examples(
        "syncline state show",
        "syncline state clear orders --stream public.items",
        "syncline state export orders > orders.json",
        "syncline state import orders orders.json",
        `syncline state set orders '{"cursor":"5"}' --stream public.items`,
      ),
    );
  state
    .command("show [connection...]")
    .description("print the positions")
    .option("--stream <name>", STREAM, collect)
    .addHelpText("after", examples("syncline state show", "syncline state show orders --json"))
    .action(
      act(async (session, args, options) =>
        (await import("./commands/state.ts")).showState(session, args, options),
      ),
    );
  state
    .command("set <connection> <json>")
    .description("set the position of one stream")
    .requiredOption("--stream <name>", "the stream", collect)
    .addHelpText(
      "after",
      examples(`syncline state set orders '{"cursor":"5"}' --stream public.items`),
    )
    .action(
      act(async (session, args, options) =>
        (await import("./commands/change-state.ts")).setState(session, args, options),
      ),
    );
  state
    .command("clear <connection>")
    .description("forget positions; the tables stay, the next sync reads everything")
    .option("--stream <name>", STREAM, collect)
    .addHelpText(
      "after",
      examples("syncline state clear orders", "syncline state clear orders --stream public.items"),
    )
    .action(
      act(async (session, args, options) =>
        (await import("./commands/change-state.ts")).clearState(session, args, options),
      ),
    );
  state
    .command("export <connection>")
    .description("print the state as a file for `read --state`")
    .addHelpText("after", examples("syncline state export orders > orders.json"))
    .action(
      act(async (session, args) =>
        (await import("./commands/state.ts")).exportState(session, args),
      ),
    );
  state
    .command("import <connection> <file>")
    .description("take over such a file, or a destination's output; - is stdin")
    .addHelpText(
      "after",
      examples(
        "syncline state import orders orders.json",
        "syncline state export old | syncline state import new -",
      ),
    )
    .action(
      act(async (session, args) =>
        (await import("./commands/change-state.ts")).importState(session, args),
      ),
    );
}
