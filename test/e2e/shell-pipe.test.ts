import { spawnSync } from "node:child_process";
import { describe, expect } from "vitest";
import { validateMessage } from "../../protocol/validate.ts";
import { configured, discover, jsonFile } from "../support/catalogs.ts";
import { type Database, it } from "../support/fixtures.ts";
import { runPipe } from "../support/pipe.ts";
import { runExecutable, succeeded } from "../support/run.ts";
import { columns, finalRows, leftovers, rawRows, relations } from "../support/tables.ts";
import { rowsFor } from "../support/rows.ts";

const hasJq = spawnSync("jq", ["--version"]).status === 0;

/** Enough rows that `read` is still printing when a reader of 100 lines is gone. */
const MANY_ROWS = rowsFor(200_000);

const MANY = `
  create table many (id bigint primary key, name text);
  insert into many select n, 'row ' || n from generate_series(1, ${MANY_ROWS}) n;
`;

/** Config and catalog files for both connectors, every table of the source in the given mode. */
async function files(
  folder: string,
  source: Database,
  destination: Database,
  names: readonly string[],
  mode: Parameters<typeof configured>[2] = {},
) {
  const sourceConfig = await jsonFile(folder, "source.json", source.config);
  const destinationConfig = await jsonFile(folder, "destination.json", destination.config);
  const catalog = configured(await discover(sourceConfig), names, mode);
  const catalogFile = await jsonFile(folder, "catalog.json", catalog);
  const read = ["read", "--config", sourceConfig, "--catalog", catalogFile] as const;
  const write = ["write", "--config", destinationConfig, "--catalog", catalogFile] as const;
  return { read: ["source-postgres", ...read], write: ["destination-postgres", ...write] } as const;
}

describe("read | write", () => {
  it("follows the full-refresh tutorial with nothing but a pipe", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      create table full_refresh_demo (id integer primary key, name varchar(200));
      insert into full_refresh_demo values (1, 'Mary X'), (2, 'John D');
    `);
    const { read, write } = await files(folder, source, destination, ["full_refresh_demo"]);
    const sync = async () => {
      succeeded(await runPipe([read, write]));
      expect(await leftovers(destination)).toEqual([]);
      expect(await relations(destination)).toEqual([
        "_airbyte_raw_full_refresh_demo",
        "full_refresh_demo",
      ]);
      const raw = await rawRows(destination, "full_refresh_demo");
      const final = await finalRows(destination, "full_refresh_demo");
      expect(final.map((row) => row["_airbyte_ab_id"])).toEqual(
        raw.map((row) => row["_airbyte_ab_id"]),
      );
      return final.map((row) => [row["id"], row["name"]]);
    };

    expect(await sync()).toEqual([
      ["1", "Mary X"],
      ["2", "John D"],
    ]);
    expect(await columns(destination, "full_refresh_demo")).toEqual([
      "id bigint",
      "name text",
      "_airbyte_ab_id uuid",
      "_airbyte_emitted_at timestamp with time zone",
      "_airbyte_normalized_at timestamp with time zone",
      "_airbyte_meta jsonb",
    ]);

    await source.exec("insert into full_refresh_demo values (3, 'Jane Y')");
    expect(await sync()).toEqual([
      ["1", "Mary X"],
      ["2", "John D"],
      ["3", "Jane Y"],
    ]);

    await source.exec("update full_refresh_demo set name = 'New Jane' where id = 3");
    expect(await sync()).toEqual([
      ["1", "Mary X"],
      ["2", "John D"],
      ["3", "New Jane"],
    ]);

    await source.exec("delete from full_refresh_demo where id = 3");
    expect(await sync()).toEqual([
      ["1", "Mary X"],
      ["2", "John D"],
    ]);
  });

  it("appends batch after batch and touches no old row", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(
      "create table t (id int primary key, name text); insert into t values (1, 'a')",
    );
    const { read, write } = await files(folder, source, destination, ["t"], {
      destination_sync_mode: "append",
    });

    succeeded(await runPipe([read, write]));
    const first = await finalRows(destination, "t");
    await source.exec("update t set name = 'b'; insert into t values (2, 'c')");
    succeeded(await runPipe([read, write]));

    const both = await finalRows(destination, "t");
    expect(both.slice(0, 1)).toEqual(first);
    expect(both.map((row) => [row["id"], row["name"]])).toEqual([
      ["1", "a"],
      ["1", "b"],
      ["2", "c"],
    ]);
  });

  it("moves a table larger than every buffer on the way, complete and in order", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(MANY);
    const { read, write } = await files(folder, source, destination, ["many"]);

    succeeded(await runPipe([read, write]));

    const digest = "select count(*), md5(string_agg(id || name, ',' order by id)) from many";
    expect(await destination.rows(digest)).toEqual(await source.rows(digest));
  });

  it("fails, and leaves the old table as it was, when the source fails", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec("create table t (id int primary key); insert into t values (1)");
    const { read, write } = await files(folder, source, destination, ["t"]);
    succeeded(await runPipe([read, write]));
    const before = await finalRows(destination, "t");

    await source.exec("drop table t");
    const result = await runPipe([read, write]);

    expect(result.exitCode).not.toBe(0);
    expect(await finalRows(destination, "t")).toEqual(before);
    expect(await leftovers(destination)).toEqual([]);
  });
});

describe("read alone", () => {
  it("prints nothing but valid messages", async ({ source, destination, folder }) => {
    await source.exec(
      "create table t (id int primary key, j jsonb, at timestamptz); insert into t values (1, '{\"a\": [1, null]}', now()), (2, null, null)",
    );
    const { read } = await files(folder, source, destination, ["t"]);
    const [executable, ...args] = read;

    const result = await runExecutable(executable, args);

    expect(result.exitCode).toBe(0);
    const messages = result.messages();
    expect(messages.filter((message) => message.type === "RECORD")).toHaveLength(2);
    expect(messages.flatMap((message) => validateMessage(message))).toEqual([]);
    const statuses = messages.flatMap((message) =>
      message.type === "TRACE" ? [message.trace.stream_status?.status] : [],
    );
    expect(statuses).toEqual(expect.arrayContaining(["STARTED", "RUNNING", "COMPLETE"]));
  });

  it("gives the same bytes through cat", async ({ source, destination, folder }) => {
    await source.exec(MANY);
    const { read } = await files(folder, source, destination, ["many"]);

    const result = await runPipe([read, ["cat"]]);

    expect(result.exitCode).toBe(0);
    const records = result.stdout.split("\n").filter((line) => line.startsWith('{"type":"RECORD"'));
    expect(records).toHaveLength(MANY_ROWS);
  });

  it("ends quietly when its reader has seen enough", async ({ source, destination, folder }) => {
    await source.exec(MANY);
    const { read } = await files(folder, source, destination, ["many"]);

    const result = await runPipe([read, ["head", "-n", "100"]]);

    expect(result.stdout.trimEnd().split("\n")).toHaveLength(100);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(result.stderr).not.toMatch(/EPIPE/);
  });

  it("can be asked with jq", { skip: !hasJq }, async ({ source, destination, folder }) => {
    await source.exec("create table t (id int primary key); insert into t values (1), (2)");
    const { read } = await files(folder, source, destination, ["t"]);

    const result = await runPipe([
      read,
      ["jq", "-c", 'select(.type == "RECORD") | .record.data.id'],
    ]);

    expect(result).toMatchObject({ exitCode: 0, stdout: "1\n2\n" });
  });
});
