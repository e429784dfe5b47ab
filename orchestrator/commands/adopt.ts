import { STREAM, type Command, type StreamOptions } from "./command.ts";

export const adopt: Command<StreamOptions> = {
  name: "adopt",
  arguments: "<connection>",
  description: "make the tables it writes its own, whoever wrote them before",
  options: [STREAM],
  examples: ["syncline adopt orders", "syncline adopt orders --stream public.items"],
  run: async (invocation, args, options) =>
    (await import("./hand-over.ts")).adoptTables(invocation, args, options),
};
