import { YES, type YesOption } from "./consent.ts";
import type { SetOptions } from "./edit-state.ts";
import { STREAM, type Command, type CommandGroup, type StreamOptions } from "./command.ts";

const show: Command<StreamOptions> = {
  name: "show",
  arguments: "[connection...]",
  description: "print the positions",
  options: [STREAM],
  examples: ["syncline state show", "syncline state show orders --json"],
  run: async (invocation, args, options) =>
    (await import("./show-state.ts")).showState(invocation, args, options),
};

const set: Command<SetOptions> = {
  name: "set",
  arguments: "<connection> [json]",
  description: "set the position of one stream",
  options: [
    { ...STREAM, description: "the stream", isRequired: true },
    { flags: "--cursor <value>", description: "go on behind this value of its cursor" },
    YES,
  ],
  examples: [
    "syncline state set orders --stream public.items --cursor 5",
    `syncline state set shop --stream items '{"cursor_field":["id"],"cursor":"5"}'`,
  ],
  run: async (invocation, args, options) =>
    (await import("./edit-state.ts")).setState(invocation, args, options),
};

const clear: Command<StreamOptions & YesOption> = {
  name: "clear",
  arguments: "<connection>",
  description: "forget positions; the tables stay, the next sync reads everything",
  options: [STREAM, YES],
  examples: ["syncline state clear orders", "syncline state clear orders --stream public.items"],
  run: async (invocation, args, options) =>
    (await import("./edit-state.ts")).clearState(invocation, args, options),
};

const exportAll: Command = {
  name: "export",
  arguments: "<connection>",
  description: "print the state as a file for `read --state`",
  examples: ["syncline state export orders > orders.json"],
  run: async (invocation, args) => (await import("./show-state.ts")).exportState(invocation, args),
};

const importAll: Command<YesOption> = {
  name: "import",
  arguments: "<connection> <file>",
  description: "take over such a file, or a destination's output; - is stdin",
  options: [YES],
  examples: [
    "syncline state import orders orders.json",
    "syncline state export old | syncline state import new -",
  ],
  run: async (invocation, args, options) =>
    (await import("./edit-state.ts")).importState(invocation, args, options),
};

const move: Command = {
  name: "move",
  arguments: "<old> <new>",
  description: "give a renamed connection the positions and tables it had under its old name",
  examples: ["syncline state move orders shop-orders"],
  run: async (invocation, args) => (await import("./hand-over.ts")).moveState(invocation, args),
};

export const state: CommandGroup = {
  name: "state",
  description: "show or change where streams stand",
  examples: [
    "syncline state show",
    "syncline state clear orders --stream public.items",
    "syncline state export orders > orders.json",
    "syncline state import orders orders.json",
    "syncline state set orders --stream public.items --cursor 5",
    "syncline state move orders shop-orders",
  ],
  commands: [show, set, clear, exportAll, importAll, move],
};
