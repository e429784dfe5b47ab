import { streamKey, type Catalog } from "../../../protocol/catalog.ts";
import type { WriteContext } from "../../kit/contract.ts";
import { estimate } from "../../kit/trace.ts";
import type { DatabaseDescription } from "./describe-database.ts";
import { estimatedSize } from "./relation.ts";

/** Prints how large the streams of a catalog are, where the planner knows. */
export async function printEstimates(
  { streams }: Catalog,
  { relations }: DatabaseDescription,
  { output, now }: WriteContext,
): Promise<void> {
  const offered = new Set(streams.map(streamKey));
  for (const relation of relations) {
    const { schema: namespace, name } = relation;
    const known = estimatedSize(relation);
    if (known === undefined || !offered.has(streamKey({ name, namespace }))) continue;
    const size = { row_estimate: Math.round(known.rows), byte_estimate: known.bytes };
    await output.message(estimate({ type: "STREAM", name, namespace, ...size }, now()));
  }
}
