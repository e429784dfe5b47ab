import { Failure } from "../../protocol/errors.ts";
import { STREAM, type Command } from "./command.ts";
import { YES } from "./consent.ts";
import { EXIT } from "../output/exit-status.ts";
import type { RemovalOptions } from "./remove-rows.ts";

interface Options extends RemovalOptions {
  readonly dropSlot?: boolean;
}

export const clear: Command<Options> = {
  name: "clear",
  arguments: "<connection>",
  description: "empty its tables and forget its positions; nothing is read",
  options: [
    STREAM,
    {
      flags: "--drop-slot",
      description: "also remove what the source made at its server to follow its log",
    },
    YES,
  ],
  examples: [
    "syncline clear orders",
    "syncline clear orders --stream public.items --yes",
    "syncline clear orders --drop-slot",
  ],
  async run(invocation, names, { dropSlot = false, ...options }) {
    const { removeRows } = await import("./remove-rows.ts");
    if (!dropSlot) return removeRows(invocation, names, "clear", options);
    if (options.stream && options.stream.length > 0)
      throw new Failure(
        "usage.invalid",
        "--drop-slot is for a whole connection: leave --stream out",
      );
    const { dropSlotOf, requireDropSlot } = await import("./drop-slot.ts");
    const steps = [
      () => requireDropSlot(invocation, names),
      () => removeRows(invocation, names, "clear", options),
      () => dropSlotOf(invocation, names),
    ];
    for (const step of steps) {
      const status = await step();
      if (status !== EXIT.done) return status;
    }
    return EXIT.done;
  },
};
