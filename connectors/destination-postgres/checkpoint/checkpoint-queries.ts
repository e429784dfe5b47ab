import type { Sql } from "../../postgres/sql.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";

/** Where a connection's writers and their commits are kept, beside the data. */
export const CREATE_CHECKPOINT_TABLES: readonly string[] = [
  `create table if not exists _syncline.connection (
     connection text primary key,
     fence bigint not null,
     writer_pid integer,
     writer_started_at timestamp with time zone,
     updated_at timestamp with time zone not null default now()
   )`,
  `create table if not exists _syncline.checkpoint (
     connection text not null,
     stream_namespace text not null,
     stream_name text not null,
     state text,
     generation bigint,
     is_complete boolean not null default false,
     updated_at timestamp with time zone not null default now(),
     primary key (connection, stream_namespace, stream_name)
   )`,
  "comment on table _syncline.checkpoint is 'the last STATE committed together with the data, per connection and stream'",
];

/** Whether a checkpoint was ever kept in this database. */
export const HAS_CHECKPOINTS: Sql = {
  text: "select pg_catalog.to_regclass('_syncline.checkpoint') is not null as found",
  values: [],
};

/** Takes the next fence of a connection; names the session of the writer before, if it still runs. */
export function takeFence(connection: string): Sql {
  return {
    text: `
      with before as (
        select writer_pid, writer_started_at from _syncline.connection where connection = $1
      ), taken as (
        insert into _syncline.connection as c
               (connection, fence, writer_pid, writer_started_at)
        values ($1, 1, pg_catalog.pg_backend_pid(),
                (select backend_start from pg_catalog.pg_stat_activity
                  where pid = pg_catalog.pg_backend_pid()))
        on conflict (connection) do update
           set fence = c.fence + 1, writer_pid = excluded.writer_pid,
               writer_started_at = excluded.writer_started_at, updated_at = now()
        returning fence
      )
      select taken.fence, a.pid as former_pid
        from taken
        left join before on true
        left join pg_catalog.pg_stat_activity a
          on a.pid = before.writer_pid and a.backend_start = before.writer_started_at
         and a.pid <> pg_catalog.pg_backend_pid()`,
    values: [connection],
  };
}

/** Ends a session of the same user. */
export function endSession(pid: string): Sql {
  return { text: "select pg_catalog.pg_terminate_backend($1::integer)", values: [pid] };
}

/**
 * One row while `fence` is still the newest of its connection. The row stays locked until the
 * transaction ends, so a new writer waits for a commit that has begun.
 */
export function holdFence(connection: string, fence: string): Sql {
  return {
    text: `select 1 as held from _syncline.connection where connection = $1 and fence = $2 for update`,
    values: [connection, fence],
  };
}

/** Waits for a commit that has begun, and keeps others from beginning until the transaction ends. */
export function holdCommits(connection: string): Sql {
  return {
    text: "select 1 from _syncline.connection where connection = $1 for share",
    values: [connection],
  };
}

/** Everything kept for a connection. */
export function readCheckpoints(connection: string): Sql {
  return {
    text: `
      select stream_namespace, stream_name, state, generation, is_complete
        from _syncline.checkpoint
       where connection = $1
       order by stream_namespace, stream_name`,
    values: [connection],
  };
}

/** Keeps a STATE line; null when the source erased the state. */
export function saveCheckpoint(
  connection: string,
  stream: StreamDescriptor,
  state: string | null,
  generation: number | undefined,
): Sql {
  return {
    text: `
      insert into _syncline.checkpoint as c
             (connection, stream_namespace, stream_name, state, generation)
      values ($1, $2, $3, $4, $5)
      on conflict (connection, stream_namespace, stream_name) do update
         set state = excluded.state, generation = excluded.generation, updated_at = now(),
             is_complete = c.is_complete and c.generation is not distinct from excluded.generation`,
    values: [
      connection,
      stream.namespace || "",
      stream.name,
      state,
      generation === undefined ? null : String(generation),
    ],
  };
}

/** Notes that a generation has taken its place: a later attempt of it adds to the table itself. */
export function completeGeneration(
  connection: string,
  stream: StreamDescriptor,
  generation: number | undefined,
): Sql {
  return {
    text: `
      insert into _syncline.checkpoint as c
             (connection, stream_namespace, stream_name, generation, is_complete)
      values ($1, $2, $3, $4, true)
      on conflict (connection, stream_namespace, stream_name) do update
         set is_complete = true, updated_at = now(),
             state = case when c.generation is not distinct from excluded.generation then c.state end,
             generation = excluded.generation`,
    values: [
      connection,
      stream.namespace || "",
      stream.name,
      generation === undefined ? null : String(generation),
    ],
  };
}

/** Forgets the state of all streams at once, before one of the other kind is kept. */
export function forgetStates(connection: string, kind: "global" | "streams"): Sql {
  return {
    text: `
      update _syncline.checkpoint set state = null
       where connection = $1 and state is not null and (stream_name = '') = ($2 = 'global')`,
    values: [connection, kind],
  };
}
