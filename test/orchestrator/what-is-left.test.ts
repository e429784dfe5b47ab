import { expect, it } from "vitest";
import { whatIsLeft } from "../../orchestrator/output/what-is-left.ts";
import type { JobReport } from "../../orchestrator/store/jobs.ts";

const STREAM = { name: "t", status: "incomplete", emitted: 9, bytes: 1, seconds: 1 } as const;

/** A job that was stopped in the middle of a stream of which so many rows are committed. */
function stopped(committed: number, apart: boolean): JobReport {
  return {
    id: 1,
    type: "sync",
    connection: "c",
    status: "cancelled",
    created_at: "2026-01-01T00:00:00Z",
    attempts: [
      {
        attempt: 0,
        status: "cancelled",
        started_at: "2026-01-01T00:00:00Z",
        streams: [{ ...STREAM, committed, next: "goes_on", ...(apart && { apart }) }],
      },
    ],
  };
}

it.for([
  [4, false, false, "t: 4 rows are committed; "],
  [4, true, false, "t: its table is as before; 4 rows are committed for the new one; "],
  [0, true, false, "t: nothing was committed: its table is as before; "],
  // Nobody waited for the destination: it may have replaced the table in this moment.
  [4, true, true, "t: at least 4 rows are committed; "],
  [0, true, true, "t: nothing is known to be committed; "],
] as const)(
  "says of %i committed rows, beside the table: %j, killed: %j, what is true of them",
  ([committed, apart, isKilled, words]) => {
    const [line] = whatIsLeft(stopped(committed, apart), isKilled);

    expect(line).toBe(`${words}the next \`syncline sync c\` goes on from its last state`);
  },
);
