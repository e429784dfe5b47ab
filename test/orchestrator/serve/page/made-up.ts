import type { KnownJob } from "../../../../orchestrator/store/job-history.ts";

/** A job that ended, a second for each number before it. */
export function madeUpJob(id: number, connection: string, more: Partial<KnownJob> = {}): KnownJob {
  const start = Date.UTC(2026, 10, 20) + id * 60_000;
  const at = (milliseconds: number) => new Date(start + milliseconds).toISOString();
  const length = 800 + ((id * 7919) % 5000);
  return {
    id,
    type: "sync",
    connection,
    status: "succeeded",
    created_at: at(0),
    ended_at: at(length),
    attempts: [
      {
        attempt: 0,
        status: "succeeded",
        started_at: at(0),
        ended_at: at(length),
        streams: [
          {
            name: "orders",
            namespace: "public",
            status: "complete",
            emitted: (id * 37) % 1000,
            committed: (id * 37) % 1000,
            bytes: id * 1000,
            seconds: length / 1000,
          },
        ],
      },
    ],
    ...more,
  };
}

/** A job that failed with a way out. */
export function failedJob(id: number, connection: string): KnownJob {
  const job = madeUpJob(id, connection, { status: "failed" });
  const failures = [
    {
      origin: "source",
      code: "stream.cursor_invalid",
      kind: "config_error",
      message: "public.orders: the cursor updated_at has NULL in some rows",
      hint: "give the column a default and fill the rows that lack it, or choose another cursor",
      stream: "public.orders",
    },
  ] as const;
  return { ...job, attempts: [{ ...job.attempts[0]!, status: "failed", failures }] };
}

/** A log as a sync writes it, with SQL. */
export const LOG = `2026-11-27T04:55:00.299Z INFO  syncline: sync of connection orders: job 1, attempt 0
2026-11-27T04:55:00.299Z INFO  source shop: public.orders: 2 records
2026-11-27T04:55:00.349Z WARN  source shop: public.orders: read without an index on its cursor
2026-11-27T04:55:00.349Z INFO  destination warehouse: create table "public"."orders" ("id" bigint)
2026-11-27T04:55:00.349Z INFO  destination warehouse: insert into "public"."orders" ("id")
2026-11-27T04:55:00.349Z INFO  destination warehouse:        select s."id" from "pg_temp"."stage_1" s
2026-11-27T04:55:00.360Z INFO  syncline: attempt 0 succeeded
`;
