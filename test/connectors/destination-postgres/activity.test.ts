import { describe, expect } from "vitest";
import { readActivity, type Activity } from "../../../protocol/activity.ts";
import type { Finished } from "../../support/run.ts";
import { it } from "../../support/fixtures.ts";
import { complete, INTEGER, record, state, statesOf, stream, TEXT, write } from "./drive.ts";

function activityOf({ messages }: Pick<Finished, "messages">): Activity[] {
  return messages().flatMap((message) => {
    const analytics = message.type === "TRACE" ? message.trace.analytics : undefined;
    const activity = analytics && readActivity(analytics);
    return activity ? [activity] : [];
  });
}

const merged = stream({ name: "m", namespace: "public", mode: "append_dedup", key: ["id"] });
const replaced = stream({ name: "r", mode: "overwrite" });
const untouched = stream({ name: "u" });

/** A session of this database waits: others on the server wait for locks of theirs. */
const IS_WAITING = `
  select 1 from pg_locks waiting
  where not granted and exists (
    select from pg_locks held join pg_database on pg_database.oid = held.database
    where held.pid = waiting.pid and datname = current_database())
`;

describe("what a destination tells of its work", () => {
  it("is where the time of each stream went, and how many values became NULL", async ({
    destination,
    folder,
  }) => {
    const run = await write(
      destination,
      folder,
      [merged, replaced, untouched],
      [
        record("m", { id: 1, name: "a" }, 1, "public"),
        record("m", { id: 2, name: "b" }, 1, "public"),
        state("m", { at: 2 }, 2, "public"),
        record("r", { id: "no number", name: "a" }),
        record("r", { id: "none either", name: "a" }),
        state("r", { at: 2 }, 2),
        complete("m", "public"),
        complete("r"),
        complete("u"),
      ],
    );

    expect(run.exitCode).toBe(0);
    expect(statesOf(run)).toHaveLength(2);
    const tallies = activityOf(run);
    expect(tallies).toMatchObject([
      { kind: "tally", stream: { name: "m", namespace: "public" }, nulled: 0 },
      { kind: "tally", stream: { name: "r" }, nulled: 2 },
    ]);
    const works = tallies.map((tally) => tally.kind === "tally" && Object.keys(tally.seconds));
    expect(works).toEqual([
      ["copy", "merge"],
      ["copy", "swap"],
    ]);
  });

  it("is that it merges, as soon as that takes long, and when it is over", async ({
    destination,
    folder,
  }) => {
    const keyed = stream({
      name: "v",
      properties: { id: INTEGER, name: TEXT },
      mode: "append_dedup",
      key: ["id"],
    });
    const lines = (name: string) => [
      record("v", { id: 1, name }),
      state("v", { name }),
      complete("v"),
    ];
    await write(destination, folder, [keyed], lines("a"));
    await destination.exec("begin; update v set name = 'mine' where id = 1");

    const writing = write(destination, folder, [keyed], lines("b"));
    await expect.poll(() => destination.rows(IS_WAITING), { timeout: 20_000 }).toHaveLength(1);
    await destination.exec("select pg_sleep(1.2)");
    await destination.exec("commit");

    const activities = activityOf(await writing);
    expect(activities.slice(0, 2)).toEqual([
      { kind: "work", stream: { name: "v" }, work: "merge" },
      { kind: "work", stream: { name: "v" } },
    ]);
    const [tally] = activities.slice(2);
    expect(tally?.kind === "tally" && tally.seconds.merge).toBeGreaterThan(1);
  });
});

it("passes over what others measure, and what is broken", () => {
  for (const [type, value] of [
    ["db-sources-cdc", "1"],
    ["syncline.tally", undefined],
    ["syncline.tally", "null"],
    ["syncline.tally", "{"],
    ["syncline.work", '{"stream":{"name":1}}'],
  ] as const)
    expect(readActivity({ type, ...(value !== undefined && { value }) })).toBeUndefined();
  expect(
    readActivity({
      type: "syncline.tally",
      value: '{"stream":{"name":"s"},"seconds":{"copy":-1,"merge":2,"nap":3},"nulled":"many"}',
    }),
  ).toEqual({ kind: "tally", stream: { name: "s" }, seconds: { merge: 2 }, nulled: 0 });
});
