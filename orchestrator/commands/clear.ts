import { STREAM, type Command } from "./command.ts";
import { YES } from "./consent.ts";
import type { RemovalOptions } from "./remove-rows.ts";

export const clear: Command<RemovalOptions> = {
  name: "clear",
  arguments: "<connection>",
  description: "empty its tables and forget its positions; nothing is read",
  options: [STREAM, YES],
  examples: ["syncline clear orders", "syncline clear orders --stream public.items --yes"],
  run: async (invocation, names, options) =>
    (await import("./remove-rows.ts")).removeRows(invocation, names, "clear", options),
};
