import { asFailure, Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { EXIT, statusOfFailure, worstOf } from "../output/exit-status.ts";
import { planJson, planLines } from "../output/plan-report.ts";
import { previewSync, type Preview } from "../sync/preview.ts";
import { askConnectors, type Asking } from "./asking.ts";

/** What a sync would do. */
export interface PlannedSync {
  /** As JSON, with states in their own bytes: numbers in them may be larger than JavaScript's. */
  readonly json: string;
  /** For people. */
  readonly lines: readonly string[];
  /** What `syncline sync` would end with, as far as can be told: that it, or some of its streams, are refused. */
  readonly exit_status: number;
}

/** What `syncline plan --json` prints for a connection. */
export type PlanFacts = Readonly<Record<string, unknown>> & {
  readonly connection: string;
  /** What `syncline plan` prints, line by line. */
  readonly lines: readonly string[];
  /** Whether a sync would be refused, or some of its streams. */
  readonly exit_status: number;
};

/** Finds out what a sync would do, and writes nothing. Throws what would refuse all of it, without secrets. */
export function plannedSync(asking: Asking, connection: ConnectionConfig): Promise<PlannedSync> {
  return askConnectors(asking, async (surroundings) => {
    const around = surroundings();
    try {
      const preview = await previewSync(connection, asking.home, around);
      return {
        json: planJson(connection, preview),
        lines: planLines(connection, preview),
        exit_status: statusOf(preview),
      };
    } catch (error) {
      around.signal.throwIfAborted();
      const { code, message, kind, hint, facts, origin, stream } = asFailure(error);
      const details = { kind, hint, facts, origin, stream, cause: error };
      throw new Failure(code, around.log.redacted(message), details);
    }
  });
}

/** The same as a value. */
export function planFacts({ json, lines, exit_status }: PlannedSync): PlanFacts {
  return { ...(JSON.parse(json) as { connection: string }), lines, exit_status };
}

/** What a sync would end with, as far as can be told. */
function statusOf({ streams, leftOut }: Preview): number {
  if (leftOut.length > 0 && streams.length > 0) return EXIT.partial;
  return worstOf(leftOut.map(({ failure: { code, kind } }) => statusOfFailure(code, kind)));
}
