import { Client } from "pg";
import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { start } from "../../support/run.ts";
import {
  committedState,
  complete,
  leftovers,
  record,
  startWrite,
  state,
  statesOf,
  stream,
  write,
  writeCommand,
  type StreamSpec,
} from "./drive.ts";

const shop = { env: { SYNCLINE_CONNECTION_ID: "shop" } };
const farm = { env: { SYNCLINE_CONNECTION_ID: "farm" } };

/** A stream that is replaced and can be gone on with, in its generation 1. */
const refresh = (name: string): StreamSpec =>
  stream({ name, mode: "overwrite", resumable: true, generation: 1, minimum: 1 });

/** Begins to replace a table and stops after the first state. */
async function interrupt(
  destination: Database,
  folder: string,
  name: string,
  connection: typeof shop,
): Promise<void> {
  const run = await write(
    destination,
    folder,
    [refresh(name)],
    [record(name, { id: 1 }), state(name, { block: 1 }, 1), record(name, { id: 2 })],
    connection,
  );
  expect(statesOf(run)).toEqual([{ block: 1 }]);
}

/** @guarantee nothing-left */
it("removes what was loaded for streams that left the connection, and no other connection's", async ({
  destination,
  folder,
}) => {
  await interrupt(destination, folder, "gone", shop);
  await interrupt(destination, folder, "other", farm);
  expect(await leftovers(destination)).toHaveLength(4);

  await write(destination, folder, [stream()], [complete("demo")], shop);

  expect(await leftovers(destination)).toHaveLength(2);
  expect(await committedState(destination, folder, [refresh("gone")], shop)).toBe("");
  expect(await committedState(destination, folder, [refresh("other")], farm)).toContain("block");
});

it("removes what a killed run without a connection left, for tables that nobody writes any more", async ({
  destination,
  folder,
}) => {
  const steps = stream({ name: "steps", incremental: true, cursor: "id" });
  const killed = await startWrite(destination, folder, [
    stream({ name: "gone", mode: "overwrite" }),
    steps,
  ]);
  killed.write(`${record("gone", { id: 1, name: "x".repeat(5_000_000) })}\n`);
  killed.write(`${record("steps", { id: 1 })}\n${JSON.stringify(state("steps", {}))}\n`);
  await killed.line((line) => line.includes('"STATE"'));
  expect(await leftovers(destination)).toHaveLength(2);

  await write(destination, folder, [stream({ mode: "overwrite" })], [complete("demo")]);
  expect(await leftovers(destination)).toHaveLength(2);

  killed.kill("SIGKILL");
  await killed.finished;
  await untilAlone(destination);
  await write(destination, folder, [stream({ mode: "overwrite" })], [complete("demo")]);

  expect(await leftovers(destination)).toEqual([]);
});

it("forgets the state of a replacement whose rows are gone, and starts it again", async ({
  destination,
  folder,
}) => {
  await interrupt(destination, folder, "demo", shop);
  for (const name of await leftovers(destination))
    await destination.exec(`drop table _syncline.${name}`);

  expect(await committedState(destination, folder, [refresh("demo")], shop)).toBe("");

  await write(
    destination,
    folder,
    [refresh("demo")],
    [
      record("demo", { id: 1 }),
      record("demo", { id: 2 }),
      state("demo", { done: true }, 2),
      complete("demo"),
    ],
    shop,
  );
  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
});

it("does not go on with what another connection loaded for the same table", async ({
  destination,
  folder,
}) => {
  await interrupt(destination, folder, "demo", farm);
  await interrupt(destination, folder, "demo", shop);

  expect(await committedState(destination, folder, [refresh("demo")], farm)).toBe("");
  expect(await committedState(destination, folder, [refresh("demo")], shop)).toContain("block");
});

it("tells the state of a commit that is under way only once it is known", async ({
  destination,
  folder,
}) => {
  const steps = stream({ incremental: true, cursor: "id" });
  const lines = [record("demo", { id: 1 }), state("demo", { at: 1 }, 1), complete("demo")];
  await write(destination, folder, [steps], lines, shop);
  const writer = new Client(destination.url);
  await writer.connect();
  await writer.query(`begin;
    select from _syncline.connection for update;
    update _syncline.checkpoint set state = replace(state, '"at":1', '"at":2')`);

  const args = await writeCommand("state", destination, folder, [steps]);
  const asking = start("destination-postgres", args, shop);
  asking.endInput();
  await destination.exec(`
    do $$ begin
      while not exists (select from pg_stat_activity
                         where datname = current_database() and wait_event_type = 'Lock') loop
        perform pg_stat_clear_snapshot(); perform pg_sleep(0.02);
      end loop;
    end $$`);
  await writer.query("commit");
  await writer.end();

  expect((await asking.finished).stdout).toContain('"at":2');
});

/** Waits until no connector has a session in the database any more. */
async function untilAlone(destination: Database): Promise<void> {
  await destination.exec(`
    do $$ begin
      while exists (select from pg_stat_activity
                     where datname = current_database() and application_name like 'syncline%') loop
        perform pg_stat_clear_snapshot(); perform pg_sleep(0.02);
      end loop;
    end $$`);
}
