import { quoteLiteral, type Sql } from "../../postgres/sql.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { ownTable } from "../plan/own-schema.ts";
import type { Owner } from "../plan/owner.ts";

/**
 * Takes the next fence of a connection. One row, or one for each session of a writer before it that
 * is still there.
 */
export function takeFence({ project, connection }: Owner): Sql {
  return {
    text: `
      with before as (
        select writer_pid, writer_started_at from ${ownTable("connection")}
         where connection = $2 and project in ($1, '')
      ), taken as (
        insert into ${ownTable("connection")} as c
               (project, connection, fence, writer_pid, writer_started_at)
        values ($1, $2, 1, pg_catalog.pg_backend_pid(),
                (select backend_start from pg_catalog.pg_stat_activity
                  where pid = pg_catalog.pg_backend_pid()))
        on conflict (project, connection) do update
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
    values: [project, connection],
  };
}

/** Ends a session of the same user. */
export function endSession(pid: string): Sql {
  return { text: "select pg_catalog.pg_terminate_backend($1::integer)", values: [pid] };
}

/** Marks a session as one of the connection's, for as long as it lives. */
export function joinConnection(owner: Owner): Sql {
  return {
    text: "select pg_catalog.pg_advisory_lock_shared(pg_catalog.hashtextextended($1, 0))",
    values: [sessionsName(owner)],
  };
}

/** Ends the sessions that `joinConnection` marked: of a writer that has lost the fence. */
export function endJoinedSessions(owner: Owner): Sql {
  return {
    text: `
      select pg_catalog.pg_terminate_backend(pid)
        from pg_catalog.pg_locks
       where locktype = 'advisory' and objsubid = 1 and pid <> pg_catalog.pg_backend_pid()
         and database = (select oid from pg_catalog.pg_database where datname = current_database())
         and ((classid::bigint << 32) | objid::bigint) = pg_catalog.hashtextextended($1, 0)`,
    values: [sessionsName(owner)],
  };
}

function sessionsName({ project, connection }: Owner): string {
  return JSON.stringify(["syncline lanes", project, connection]);
}

/**
 * Fails, and the transaction with it, unless `fence` is still the newest of its connection. The row stays
 * locked until the transaction ends, so a new writer waits for a commit that has begun.
 */
export function holdFence({ project, connection }: Owner, fence: string): Sql {
  return {
    text: `select 1 / count(*) as held
             from (select from ${ownTable("connection")}
                    where project = $1 and connection = $2 and fence = $3 for update) c`,
    values: [project, connection, fence],
  };
}

/**
 * One row for each session of ours that holds the fence (`holdFence`) and has said nothing since, not
 * even COMMIT. Those that have been silent for longer than `seconds` are ended.
 */
export function endSilentCommits({ project, connection }: Owner, seconds: number): Sql {
  return {
    text: `
      select case when a.state_change < clock_timestamp() - $3::float8 * interval '1 second'
                  then pg_catalog.pg_terminate_backend(a.pid) end
        from ${ownTable("connection")} c
        join pg_catalog.pg_locks l
          on l.locktype = 'transactionid' and l.granted and l.transactionid = c.xmax
        join pg_catalog.pg_stat_activity a on a.pid = l.pid
       where c.connection = $2 and c.project in ($1, '') and a.state = 'idle in transaction'
         and a.usename = current_user
         and a.application_name = pg_catalog.current_setting('application_name')`,
    values: [project, connection, String(seconds)],
  };
}

/** Waits for a commit that has begun, and keeps others from beginning until the transaction ends. */
export function holdCommits({ project, connection }: Owner): Sql {
  return {
    text: `select 1 from ${ownTable("connection")}
            where connection = $2 and project in ($1, '') for share`,
    values: [project, connection],
  };
}

/** Everything kept for a connection; what was kept before it had a project only where nothing else is. */
export function readCheckpoints({ project, connection }: Owner): Sql {
  return {
    text: `
      select distinct on (stream_namespace, stream_name)
             stream_namespace, stream_name, state, generation, is_complete, is_finished, number
        from ${ownTable("checkpoint")}
       where connection = $2 and project in ($1, '')
       order by stream_namespace, stream_name, project = ''`,
    values: [project, connection],
  };
}

/** Gives a project what was kept of its streams before anybody named projects. */
export function claimCheckpoints(
  { project, connection }: Owner,
  streams: readonly StreamDescriptor[],
): Sql {
  const keys = streams.map(({ name, namespace }) => ({ name, namespace: namespace || "" }));
  return {
    text: `
      update ${ownTable("checkpoint")} c set project = $1
       where c.project = '' and c.connection = $2
         and (c.stream_namespace, c.stream_name) in (
               select namespace, name
                 from pg_catalog.json_to_recordset($3::json) as t (namespace text, name text))
         and not exists (
               select from ${ownTable("checkpoint")} o
                where o.project = $1 and o.connection = $2
                  and o.stream_namespace = c.stream_namespace and o.stream_name = c.stream_name)`,
    values: [project, connection, JSON.stringify(keys)],
  };
}

/**
 * Keeps a STATE line; null when the source erased the state. Staging tables of the stream note the
 * number it gets: it covers the rows they have now.
 */
export function saveCheckpoint(
  { project, connection }: Owner,
  stream: StreamDescriptor,
  state: string | null,
  generation: number | undefined,
): Sql {
  return {
    text: `
      with kept as (
        insert into ${ownTable("checkpoint")} as c
               (project, connection, stream_namespace, stream_name, number, state, generation)
        values ($1, $2, $3, $4, 1, $5, $6)
        on conflict (project, connection, stream_namespace, stream_name) do update
           set number = c.number + 1, state = excluded.state, generation = excluded.generation,
               updated_at = now(),
               is_complete = c.is_complete and c.generation is not distinct from excluded.generation
        returning number
      )
      update ${ownTable("staging")} s set checkpoint = kept.number, updated_at = now()
        from kept
       where s.project = $1 and s.connection = $2
         and s.stream_namespace = $3 and s.stream_name = $4`,
    values: [
      project,
      connection,
      stream.namespace || "",
      stream.name,
      state,
      generation === undefined ? null : String(generation),
    ],
  };
}

/** Notes that staging tables of a stream have rows that no checkpoint covers. */
export function uncoverStaging({ project, connection }: Owner, stream: StreamDescriptor): Sql {
  return {
    text: `
      update ${ownTable("staging")} set checkpoint = null, updated_at = now()
       where project = $1 and connection = $2 and stream_namespace = $3 and stream_name = $4`,
    values: [project, connection, stream.namespace || "", stream.name],
  };
}

/** Notes that a generation has taken its place: a later attempt of it adds to the table itself. */
export function completeGeneration(
  { project, connection }: Owner,
  stream: StreamDescriptor,
  generation: number | undefined,
): Sql {
  return {
    text: `
      insert into ${ownTable("checkpoint")} as c
             (project, connection, stream_namespace, stream_name, number, generation, is_complete)
      values ($1, $2, $3, $4, 1, $5, true)
      on conflict (project, connection, stream_namespace, stream_name) do update
         set number = c.number + 1, is_complete = true, is_finished = false, updated_at = now(),
             state = case when c.generation is not distinct from excluded.generation then c.state end,
             generation = excluded.generation`,
    values: [
      project,
      connection,
      stream.namespace || "",
      stream.name,
      generation === undefined ? null : String(generation),
    ],
  };
}

/**
 * Notes of streams whose generation is in place that the run which wrote it has ended: a sync of that
 * generation which overwrites is another one then. Or that somebody goes on with it.
 */
export function markFinished(
  { project, connection }: Owner,
  streams: readonly StreamDescriptor[],
  isFinished: boolean,
): Sql {
  const keys = streams.map(({ name, namespace }) => ({ name, namespace: namespace || "" }));
  return {
    text: `
      update ${ownTable("checkpoint")} set is_finished = ${isFinished}
       where project = $1 and connection = $2 and is_complete and is_finished <> ${isFinished}
         and (stream_namespace, stream_name) in (
               select namespace, name
                 from pg_catalog.json_to_recordset($3::json) as t (namespace text, name text))`,
    values: [project, connection, JSON.stringify(keys)],
  };
}

/** Forgets the state of all streams at once, before one of the other kind is kept. */
export function forgetStates({ project, connection }: Owner, kind: "global" | "streams"): Sql {
  return {
    text: `
      update ${ownTable("checkpoint")} set state = null, number = number + 1
       where project = $1 and connection = $2
         and state is not null and (stream_name = '') = ($3 = 'global')`,
    values: [project, connection, kind],
  };
}

/** Forgets what is kept of streams. */
export function forgetStreams(
  { project, connection }: Owner,
  streams: readonly StreamDescriptor[],
): Sql {
  const keys = streams.map(({ name, namespace }) => ({ name, namespace: namespace || "" }));
  return {
    text: `
      update ${ownTable("checkpoint")}
         set state = null, generation = null, is_complete = false, number = number + 1,
             updated_at = now()
       where project = $1 and connection = $2
         and (stream_namespace, stream_name) in (
               select namespace, name
                 from pg_catalog.json_to_recordset($3::json) as t (namespace text, name text))`,
    values: [project, connection, JSON.stringify(keys)],
  };
}

/** The streams that have, or had, a table of a connection. */
export function writtenStreams({ project, connection }: Owner): Sql {
  return {
    text: `
      select distinct stream_namespace as namespace, stream_name as name
        from ${ownTable("written_table")}
       where project in ($1, '') and connection = $2`,
    values: [project, connection],
  };
}

/**
 * Statements that give `owner` what another one knows of streams. Where both know something of one,
 * that of the other counts: the table was its.
 */
export function handOverStreams(
  former: Owner,
  owner: Owner,
  streams: readonly StreamDescriptor[],
): Sql[] {
  const keys = streams.map(({ name, namespace }) => ({ name, namespace: namespace || "" }));
  const values = [
    former.project,
    former.connection,
    owner.project,
    owner.connection,
    JSON.stringify(keys),
  ];
  const isOfThem = `(stream_namespace, stream_name) in (
                 select namespace, name
                   from pg_catalog.json_to_recordset($5::json) as t (namespace text, name text))`;
  return [
    {
      text: `
        delete from ${ownTable("checkpoint")} c
         where c.project = $3 and c.connection = $4 and ${isOfThem}
           and exists (select from ${ownTable("checkpoint")} o
                        where o.project = $1 and o.connection = $2
                          and o.stream_namespace = c.stream_namespace
                          and o.stream_name = c.stream_name)`,
      values,
    },
    ...["checkpoint", "staging"].map((table) => ({
      text: `update ${ownTable(table)} set project = $3, connection = $4
              where project = $1 and connection = $2 and ${isOfThem}`,
      values,
    })),
  ];
}

/** Whether anything is kept of a connection, besides that it once ran. */
export function lookForHoldings({ project, connection }: Owner): Sql {
  return {
    text: `
      select exists (select from ${ownTable("written_table")} where project = $1 and connection = $2)
          or exists (select from ${ownTable("staging")} where project = $1 and connection = $2)
          or exists (select from ${ownTable("checkpoint")}
                      where project = $1 and connection = $2
                        and (state is not null or is_complete)) as found`,
    values: [project, connection],
  };
}

/** Statements that make everything that is kept of `former` that of `owner`, of whom nothing is. */
export function handOverAll(former: Owner, owner: Owner): string[] {
  const is = ({ project, connection }: Owner, separator: string) =>
    `project = ${quoteLiteral(project)}${separator}connection = ${quoteLiteral(connection)}`;
  return [
    ...["connection", "checkpoint"].map(
      (table) => `delete from ${ownTable(table)} where ${is(owner, " and ")}`,
    ),
    ...["connection", "checkpoint", "written_table", "staging"].map(
      (table) => `update ${ownTable(table)} set ${is(owner, ", ")} where ${is(former, " and ")}`,
    ),
  ];
}
