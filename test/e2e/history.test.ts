import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

/**
 * The edge cases of deduped history. The source table has no key of its own, so that it can hold
 * what the cases need; the connection's key is `id`.
 */

const MD5_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e";

async function deduped(source: Database, destination: Database, folder: string) {
  await source.exec("create table t (id int, name text, updated_at timestamp)");
  const project = await Project.create(folder, {
    source,
    destination,
    connections: {
      c: {
        streams: [
          {
            name: "t",
            namespace: "public",
            sync_mode: "incremental",
            destination_sync_mode: "append_dedup",
            cursor_field: "updated_at",
            primary_key: ["id"],
          },
        ],
      },
    },
  });
  const step = async (change: string, emitted: number) => {
    await source.exec(change);
    const { job } = await project.sync("c");
    expect(await project.counts(job)).toEqual({ "public.t": [emitted, emitted] });
  };
  /** `name start end active` of each version, times as minutes and seconds. */
  const history = async () =>
    (
      await destination.rows(`
        select concat_ws(' ', coalesce(name, '-'), to_char(_airbyte_start_at, 'MI:SS'),
          coalesce(to_char(_airbyte_end_at, 'MI:SS'), '…'), _airbyte_active_row)
        from t_scd order by id, _airbyte_start_at nulls first, _airbyte_emitted_at, name`)
    ).flat();
  const final = async () =>
    (await destination.rows("select concat_ws(' ', id, name) from t order by id, name")).flat();
  return { step, history, final };
}

const at = (time: string) => `'2022-09-01 10:${time}'`;

describe("history of a row", () => {
  it("closes a version that is sent again unchanged at its own start", async ({
    source,
    destination,
    folder,
  }) => {
    const { step, history, final } = await deduped(source, destination, folder);

    await step(`insert into t values (1, 'a', ${at("00:00")})`, 1);
    // A new version of the row with the same cursor, as a rewriting UPDATE makes.
    await step("update t set name = name", 1);

    expect(await history()).toEqual(["a 00:00 00:00 0", "a 00:00 … 1"]);
    expect(await final()).toEqual(["1 a"]);
    const emitted = await destination.rows(
      "select _airbyte_emitted_at = (select max(_airbyte_emitted_at) from t_scd) from t",
    );
    expect(emitted).toEqual([["t"]]);
  });

  it("keeps all versions of one batch, in the order of the cursor", async ({
    source,
    destination,
    folder,
  }) => {
    const { step, history, final } = await deduped(source, destination, folder);

    await step(
      `insert into t values (1, 'c', ${at("02:00")}), (1, 'a', ${at("00:00")}), (1, 'b', ${at("01:00")})`,
      3,
    );

    expect(await history()).toEqual(["a 00:00 01:00 0", "b 01:00 02:00 0", "c 02:00 … 1"]);
    expect(await final()).toEqual(["1 c"]);
  });

  it("puts a late older version between its true neighbours", async ({
    source,
    destination,
    folder,
  }) => {
    const { step, history, final } = await deduped(source, destination, folder);

    await step(`insert into t values (1, 'a', ${at("00:00")}), (1, 'c', ${at("02:00")})`, 2);
    await step(`insert into t values (1, 'b', ${at("01:00")})`, 1);

    expect(await history()).toEqual(["a 00:00 01:00 0", "b 01:00 02:00 0", "c 02:00 … 1"]);
    expect(await final()).toEqual(["1 c"]);
  });

  it("tells a value that comes back from its first time", async ({
    source,
    destination,
    folder,
  }) => {
    const { step, history } = await deduped(source, destination, folder);

    await step(`insert into t values (1, 'A', ${at("00:00")})`, 1);
    await step(`update t set name = 'B', updated_at = ${at("01:00")}`, 1);
    await step(`update t set name = 'A', updated_at = ${at("02:00")}`, 1);

    expect(await history()).toEqual(["A 00:00 01:00 0", "B 01:00 02:00 0", "A 02:00 … 1"]);
    expect(await destination.rows("select count(distinct _airbyte_t_hashid) from t_scd")).toEqual([
      ["3"],
    ]);
  });

  it("sees a changed key as a new row beside the old one", async ({
    source,
    destination,
    folder,
  }) => {
    const { step, history, final } = await deduped(source, destination, folder);

    await step(`insert into t values (1, 'a', ${at("00:00")}), (2, 'b', ${at("00:01")})`, 2);
    await step(`update t set id = 5, updated_at = ${at("01:00")} where id = 2`, 1);

    expect(await final()).toEqual(["1 a", "2 b", "5 b"]);
    expect(await history()).toEqual(["a 00:00 … 1", "b 00:01 … 1", "b 01:00 … 1"]);
  });

  it("takes all rows without a key for one row", async ({ source, destination, folder }) => {
    const { step, final, history } = await deduped(source, destination, folder);

    await step(`insert into t values (null, 'a', ${at("00:00")}), (null, 'b', ${at("01:00")})`, 2);

    expect(await final()).toEqual(["b"]);
    expect(await history()).toEqual(["a 00:00 01:00 0", "b 01:00 … 1"]);
    expect(await destination.rows("select distinct _airbyte_unique_key from t_scd")).toEqual([
      [MD5_OF_NOTHING],
    ]);
  });

  it("changes nothing in a sync without records", async ({ source, destination, folder }) => {
    const { step } = await deduped(source, destination, folder);
    await step(`insert into t values (1, 'a', ${at("00:00")})`, 1);
    const before = await destination.query("select * from t_scd, t");

    await step("", 0);

    expect(await destination.query("select * from t_scd, t")).toEqual(before);
  });
});
