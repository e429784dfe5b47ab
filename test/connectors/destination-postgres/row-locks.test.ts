import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { complete, errorOf, INTEGER, record, state, stream, TEXT, write } from "./drive.ts";

const versions = stream({
  name: "v",
  properties: { id: INTEGER, name: TEXT, at: INTEGER },
  mode: "append_dedup",
  incremental: true,
  key: ["id"],
  cursor: "at",
});

const rows = (at: number) => [1, 2].map((id) => record("v", { id, name: `n${id}`, at }));

/** Ends as soon as somebody waits for what this transaction holds. */
const UNTIL_AWAITED = `
  do $$ begin
    loop
      exit when exists (select from pg_locks l
                         where not l.granted and pg_backend_pid() = any (pg_blocking_pids(l.pid)));
      perform pg_sleep(0.01);
    end loop;
  end $$`;

/** How rows are merged: looked up one by one, with their locks, or compared with all there are, at first without. */
const WAYS = { few: "{}", many: JSON.stringify({ lookUpRows: 1 }) } as const;

const CONFLICTS: readonly (readonly [string, string, string, number | undefined])[] = [
  [
    "final rows",
    "update v set name = 'mine' where id = 2",
    "update v set name = 'mine' where id = 1",
    1,
  ],
  [
    "versions",
    "update v_scd set name = 'mine' where id = 2",
    "update v_scd set name = 'mine' where id = 1",
    1,
  ],
  [
    "rows of both",
    "update v set name = 'mine' where id = 1",
    "update v_scd set name = 'mine' where id = 1",
    1,
  ],
  [
    "rows in place",
    "select from v where id = 2 for update",
    "update v set name = 'mine' where id = 1",
    2,
  ],
];

it.for(
  CONFLICTS.flatMap(([what, ...rest]) =>
    (["few", "many"] as const).map((way) => [way, what, ...rest] as const),
  ),
)(
  "ends none of the user's statements because of a deadlock with ours that are %s: %s",
  async ([way, , first, second, generation], { destination, folder }) => {
    const initial = { ...versions, generation: 1, minimum: 0 };
    await write(destination, folder, [initial], [...rows(1), state("v", { at: 1 }), complete("v")]);
    await destination.exec("create view held as select * from v");
    // Looks for a deadlock long before the server would on its own.
    const updates = destination.exec(
      `set deadlock_timeout = '300ms'; begin; ${first}; ${UNTIL_AWAITED}; ${second}; commit`,
    );

    const wanted = { ...versions, generation: generation!, minimum: generation === 2 ? 2 : 0 };
    const run = await write(
      destination,
      folder,
      [wanted],
      [...rows(2), state("v", { at: 2 }), complete("v")],
      { env: { SYNCLINE_LIMITS: WAYS[way] } },
    );

    await expect(updates).resolves.toBeUndefined();
    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    expect(await destination.rows("select id, name, at from v order by id")).toEqual([
      ["1", "n1", "2"],
      ["2", "n2", "2"],
    ]);
  },
);

it("merges a row that somebody changes in the middle of a merge", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [versions], [...rows(1), state("v", { at: 1 }), complete("v")]);
  // Behind what looks for the rows, and before what changes them: waits until it is told to go on.
  await destination.exec(
    `create table told (); create function hold() returns trigger language plpgsql as $$
       begin
         perform pg_advisory_xact_lock(42);
         loop
           exit when exists (select from public.told);
           perform pg_sleep(0.01);
         end loop;
         return null;
       end $$;
     create trigger hold before update on v for each statement execute function hold()`,
  );
  const changes = destination.exec(
    `do $$ begin
       loop
         exit when exists (select from pg_locks where locktype = 'advisory' and objid = 42);
         perform pg_sleep(0.01);
       end loop;
     end $$;
     set session_replication_role = replica;
     begin; update v set name = 'mine' where id = 1; insert into told default values; commit`,
  );

  const run = await write(
    destination,
    folder,
    [versions],
    [...rows(2), state("v", { at: 2 }), complete("v")],
    { env: { SYNCLINE_LIMITS: WAYS.many } },
  );

  await expect(changes).resolves.toBeUndefined();
  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(await destination.rows("select id, name, at from v order by id")).toEqual([
    ["1", "n1", "2"],
    ["2", "n2", "2"],
  ]);
  expect(await destination.rows("select count(*) from v_scd")).toEqual([["4"]]);
});
