import { Failure } from "../../../protocol/errors.ts";
import { isLost } from "../../postgres/errors.ts";
import type { StreamStatus } from "../../../protocol/messages.ts";
import type { WriteContext } from "../../kit/contract.ts";
import { streamStatus } from "../../kit/trace.ts";
import type { TableSettings } from "../plan/plan.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import type { PreparedStream } from "../schema/prepare.ts";
import { rebuild, type RebuildSetup, type RebuildStats } from "./rebuild.ts";
import { BlockPool } from "../lane/block-pool.ts";
import { StreamTables } from "../lane/stream-tables.ts";

/** Refuses configs under which there are not both kinds of tables. */
export function checkRebuildable({ tables }: TableSettings): void {
  if (tables === "raw_and_final") return;
  throw new Failure(
    "config.invalid",
    tables === "raw_only"
      ? 'tables is "raw_only": there are no typed tables to rebuild'
      : 'tables is "final_only": there are no raw tables to rebuild the typed ones from',
    { hint: 'set tables to "raw_and_final"' },
  );
}

/**
 * Rebuilds the final and history tables of streams from their raw tables alone, with the encoder,
 * the types and the handling of misfits that records get.
 *
 * Each stream is one transaction: the new tables are filled beside the old ones and take their place
 * at the end, as a replacing sync's do, so a reader never sees less, and whatever ends this run
 * leaves everything as it was. Raw tables, states and generations are not touched.
 *
 * What a raw table cannot tell is kept from the old tables, for rows that are there: entries of
 * `_airbyte_meta` that the records brought along, and those of values jsonb cannot hold; the text of
 * `json` columns. Rows are stamped with a new `_airbyte_normalized_at`. Not kept: the sign of a
 * floating-point zero, which jsonb does not have.
 *
 * A stream that cannot be rebuilt is INCOMPLETE and the others go on; the first such failure is
 * thrown at the end.
 *
 * @param streams prepared to be rebuilt, by what a sync of them would be.
 */
export async function normalize(
  streams: ReadonlyMap<StreamPlan, PreparedStream>,
  setup: RebuildSetup & { readonly context: WriteContext },
): Promise<void> {
  const { session, context } = setup;
  const report = ({ stream }: StreamPlan, status: StreamStatus, stats?: RebuildStats) => {
    const trace = streamStatus(stream, status, context.now());
    if (stats !== undefined) trace.trace.stream_status!.stats = stats;
    return context.output.message(trace);
  };
  const pool = new BlockPool(context.limits.blockBytes);
  let first: Failure | undefined;
  for (const [plan, stream] of streams) {
    if (context.signal.aborted) break;
    await report(plan, "STARTED");
    try {
      const stats = await rebuild(new StreamTables(stream, pool), plan.raw!, setup);
      await report(plan, "COMPLETE", stats);
    } catch (error) {
      await report(plan, "INCOMPLETE");
      if (!(error instanceof Failure) || isLost(error)) throw error;
      await session.rollback();
      context.log("ERROR", `${plan.label}: ${error.message}`);
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
}
