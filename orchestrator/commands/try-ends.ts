import type { Catalog } from "../../protocol/catalog.ts";
import { tryOut } from "../api/try-out.ts";
import type { Config } from "../config/config.ts";
import type { Invocation } from "../invocation.ts";
import { withConnectors } from "./ask-connectors.ts";
import { EXIT } from "../output/exit-status.ts";

/**
 * Asks the one source of a configuration for its tables while its one destination is tried. Throws what
 * either reports, and returns another exit status than 0 when it was stopped.
 */
export function tryEnds(
  invocation: Invocation,
  { sources, destinations }: Config,
  onAnswer: (answer: { readonly catalog: Catalog }) => void,
): Promise<number> {
  const [source] = [...sources.values()];
  const [destination] = [...destinations.values()];
  return withConnectors(invocation, async (open) => {
    const ask = async () => (await open(source!)).connector.discover();
    // Both end before either counts: no process is left behind.
    const [found, tried] = await Promise.allSettled([ask(), tryOut(await open(destination!))]);
    if (found.status === "rejected") throw found.reason;
    if (tried.status === "rejected") throw tried.reason;
    onAnswer({ catalog: found.value });
    return EXIT.done;
  });
}
