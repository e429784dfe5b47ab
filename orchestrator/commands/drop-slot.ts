import { Failure } from "../../protocol/errors.ts";
import { Connector } from "../connector/connector.ts";
import type { Invocation } from "../invocation.ts";
import { AttemptLog } from "../store/attempt-log.ts";
import { withSurroundings } from "./ask-connectors.ts";
import { EXIT } from "../output/exit-status.ts";

/** Throws `usage.invalid` where the source of a connection has nothing at its server to remove. */
export function requireDropSlot(invocation: Invocation, names: readonly string[]): Promise<number> {
  return withSource(invocation, names, async (source) => {
    if ((await source.spec()).supports_drop_slot_command === true) return;
    throw new Failure("usage.invalid", `${source.label} makes nothing at its server to follow it`, {
      hint: "leave --drop-slot out",
    });
  });
}

/** Has the source of a connection remove it, and shows what it says it has removed. */
export function dropSlotOf(invocation: Invocation, names: readonly string[]): Promise<number> {
  return withSource(invocation, names, (source) => source.dropSlot());
}

async function withSource(
  invocation: Invocation,
  names: readonly string[],
  work: (source: Connector) => Promise<void>,
): Promise<number> {
  const [connection] = await invocation.connections(names);
  const { console } = invocation;
  return withSurroundings(invocation, async (surroundings) => {
    const log = new AttemptLog(undefined, ({ level, text }) => {
      const isSaid = level === "INFO" || level === "WARN";
      if (console.verbose || (isSaid && !console.quiet))
        console.note(`${connection!.name}: ${text}`);
    });
    const around = { ...surroundings(), log, limits: connection!.limits };
    const source = new Connector(connection!.source, around);
    await source.hideSecrets();
    await work(source);
    return EXIT.done;
  });
}
