import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../protocol/json.ts";
import type { Catalog } from "../../../../protocol/catalog.ts";
import type { PlanMessage } from "../../../../protocol/messages.ts";
import {
  type PostgresServer,
  startPostgres,
  testBinaries,
} from "../../../support/postgres-server.ts";
import { runExecutable } from "../../../support/run.ts";

const servers = testBinaries().filter(
  ({ major }, at, all) => all.findIndex((one) => one.major === major) === at,
);

describe.each(servers)("before changes are read from a PostgreSQL $major", (binaries) => {
  let server: PostgresServer;
  let client: Client;
  let folder: string;

  beforeAll(async () => {
    server = await startPostgres({
      binaries,
      settings: { max_replication_slots: "2", max_wal_senders: "2" },
    });
    folder = await mkdtemp(join(tmpdir(), "syncline-set-up-"));
    client = new Client({ connectionString: server.url(), types: { getTypeParser: () => String } });
    await client.connect();
    await client.query(`
      create role plain login password '${server.password}';
      create role reader login replication password '${server.password}';
      create role owner login replication password '${server.password}';
      grant create on database postgres to owner;
      create schema shop authorization owner;
      grant usage on schema shop to plain, reader;
      set role owner;
      create table shop.item (id int primary key, v text);
      create table shop.log (v text);
      create table shop.whole (v text);
      alter table shop.whole replica identity full;
      create table shop.pair (a int not null, b int not null, id int primary key);
      create unique index pair_b on shop.pair (b, a);
      alter table shop.pair replica identity using index pair_b;
      create table shop.copy (id int primary key, _ab_cdc_lsn bigint);
      create table shop.parent (id int primary key);
      create table shop.child () inherits (shop.parent);
      create table shop.parted (id int primary key) partition by range (id);
      create view shop.seen as select * from shop.item;
      grant select on all tables in schema shop to plain, reader;
      reset role`);
  });

  afterAll(async () => {
    await client?.end();
    await rm(folder, { recursive: true, force: true });
    await server?.stop("immediate");
  });

  beforeEach(async () => {
    await client.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots`);
    await client.query(`drop publication if exists pub`);
  });

  async function run(
    command: string,
    username: string,
    options: JsonObject = {},
    catalog?: object,
  ) {
    const config = {
      host: server.host,
      port: server.port,
      database: "postgres",
      username,
      password: server.password,
      schemas: ["shop"],
      replication_method: {
        method: "CDC",
        replication_slot: "slot",
        publication: "pub",
        ...options,
      },
    };
    const path = join(folder, "config.json");
    await writeFile(path, JSON.stringify(config));
    const args = [command, "--config", path];
    if (catalog !== undefined) {
      const file = join(folder, "catalog.json");
      await writeFile(file, JSON.stringify(catalog));
      args.push("--catalog", file);
    }
    const finished = await runExecutable("source-postgres", args);
    const messages = finished.messages();
    const logs = messages.flatMap((one) =>
      one.type === "LOG" && !one.log.message.includes("not encrypted") ? [one.log.message] : [],
    );
    const warnings = messages.flatMap((one) =>
      one.type === "LOG" && one.log.level === "WARN" ? [one.log.message] : [],
    );
    return { exitCode: finished.exitCode, messages, logs, warnings };
  }

  async function check(username: string, options?: JsonObject) {
    const { messages, logs, warnings } = await run("check", username, options);
    const found = messages.find((one) => one.type === "CONNECTION_STATUS");
    return { ...found!.connectionStatus, logs, warnings };
  }

  async function discover(username: string, options?: JsonObject) {
    const { messages, logs, warnings } = await run("discover", username, options);
    const { catalog } = messages.find((one) => one.type === "CATALOG")!;
    return { catalog, logs, warnings };
  }

  const makeSlot = (plugin = "pgoutput") =>
    client.query(`select pg_create_logical_replication_slot('slot', '${plugin}')`);

  describe("check", () => {
    it("is content with an owner who may make what is missing", async () => {
      expect(await check("owner")).toMatchObject({ status: "SUCCEEDED" });
    });

    it("names everything that is missing, at once", async () => {
      const { status, message } = await check("plain");
      expect(status).toBe("FAILED");
      expect(message).toMatch(/alter role … replication/);
      expect(message).toMatch(/there is no publication pub, and the user may not create one/);
    });

    it("says what the owner of the tables has to run for a reader", async () => {
      const { status, message } = await check("reader");
      expect(status).toBe("FAILED");
      expect(message).toContain(
        'create publication "pub" for table … with (publish_via_partition_root = true',
      );
    });

    it("is content with a reader where others made what is needed", async () => {
      await client.query("create publication pub for table shop.item");
      await makeSlot();
      const { status, warnings } = await check("reader", { create_slot: false });
      expect(status).toBe("SUCCEEDED");
      expect(warnings).toContain("as full refresh only: shop.pair is not in the publication pub");
    });

    it.each([
      ["create publication pub", /no table of the publication pub can be followed/],
      [
        "create publication pub for table shop.item; select pg_create_logical_replication_slot('slot', 'test_decoding')",
        /is decoded by test_decoding, not by pgoutput/,
      ],
      [
        "create publication pub for table shop.item; select pg_create_physical_replication_slot('slot')",
        /is one for standbys/,
      ],
      [
        "select pg_create_physical_replication_slot('a'), pg_create_physical_replication_slot('b')",
        /all 2 replication slots of the server are in use/,
      ],
    ])("refuses after %s", async (script, says) => {
      for (const statement of script.split("; ")) await client.query(statement);
      const { status, message } = await check("owner");
      expect(status).toBe("FAILED");
      expect(message).toMatch(says);
    });

    it("refuses to make anything where it is told not to", async () => {
      const { message } = await check("owner", { create_slot: false });
      expect(message).toContain("pg_create_logical_replication_slot('slot', 'pgoutput')");
      expect(message).toContain("there is no publication pub");
    });

    it("says what a publication leaves out", async () => {
      await client.query("create publication pub for table shop.item with (publish = 'insert')");
      const { status, logs } = await check("reader");
      expect(status).toBe("SUCCEEDED");
      expect(logs[0]).toBe("the publication pub leaves out every update, delete, truncate");
    });
  });

  const modesOf = (catalog: Catalog) =>
    Object.fromEntries(
      catalog.streams.map((stream) => [
        stream.name,
        stream.source_defined_cursor === true
          ? `${stream.default_cursor_field!.join()} by ${(stream.source_defined_primary_key ?? []).join()}`
          : stream.supported_sync_modes.join(),
      ]),
    );

  describe("discover", () => {
    it("announces what the first read would put into the publication", async () => {
      const { catalog, logs, warnings } = await discover("owner");

      // Every sync discovers: it does not warn of tables that nobody selected.
      expect(warnings.filter((one) => one.startsWith("as full refresh only"))).toEqual([]);
      expect(modesOf(catalog)).toEqual({
        child: "full_refresh",
        copy: "_ab_cdc_lsn by id",
        item: "_ab_cdc_lsn by id",
        log: "full_refresh",
        pair: "_ab_cdc_lsn by b,a",
        parent: "full_refresh",
        parted: "_ab_cdc_lsn by id",
        seen: "full_refresh",
        whole: "_ab_cdc_lsn by ",
      });
      const schemas = catalog.streams.map(({ json_schema: schema }) =>
        Object.entries(schema["properties"] as JsonObject).slice(-3),
      );
      for (const columns of schemas)
        expect(columns).toEqual([
          ["_ab_cdc_lsn", { type: "integer", "x-postgres-type": "bigint" }],
          ["_ab_cdc_updated_at", expect.objectContaining({ format: "date-time" }) as object],
          ["_ab_cdc_deleted_at", expect.objectContaining({ format: "date-time" }) as object],
        ]);
      expect(logs).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/shop.log has no primary key.*replica identity full/) as string,
          expect.stringMatching(/other tables inherit from shop.parent/) as string,
          "shop.copy: left out _ab_cdc_lsn, which now say what a change was",
          expect.stringMatching(/shop.whole has no key: its changes are added/) as string,
        ]),
      );
    });

    it("announces what is in a publication of others, and nothing more", async () => {
      await client.query(
        "create publication pub for table shop.item, shop.log, shop.parted with (publish_via_partition_root = false)",
      );
      if (binaries.major >= 15)
        await client.query("alter publication pub add table shop.pair where (id > 0)");
      const { catalog, logs } = await discover("reader");

      const followed = Object.entries(modesOf(catalog)).filter(([, mode]) => mode.includes("by"));
      expect(followed).toEqual([
        ["item", "_ab_cdc_lsn by id"],
        ["log", "_ab_cdc_lsn by "],
      ]);
      expect(logs).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/shop.parted come under the names of its partitions/) as string,
          expect.stringMatching(
            binaries.major >= 15
              ? /only some rows or columns of shop.pair/
              : /shop.pair is not in the publication pub/,
          ) as string,
          expect.stringMatching(/shop.whole is not in the publication pub/) as string,
        ]),
      );
    });
  });

  describe("plan", () => {
    it("shows what would be made, and refuses what cannot be followed", async () => {
      const { catalog } = await discover("owner");
      const streams = ["item", "log", "seen", "parent"].map((name) => ({
        // As of a catalog that was made when they could be.
        stream: {
          ...catalog.streams.find((one) => one.name === name),
          supported_sync_modes: ["full_refresh", "incremental"],
        },
        sync_mode: name === "parent" ? "full_refresh" : "incremental",
        destination_sync_mode: "append",
        cursor_field: ["_ab_cdc_lsn"],
      }));
      const { messages } = await run("plan", "owner", {}, { streams });
      const { plan } = messages.find((one): one is PlanMessage => one.type === "PLAN")!;

      expect(plan.steps.map(({ action, statements }) => [action, ...statements])).toEqual([
        [
          "create the publication pub",
          expect.stringMatching(/^create publication "pub" for table "shop"."item" with/) as string,
        ],
        [
          "create the replication slot slot",
          "select pg_create_logical_replication_slot('slot', 'pgoutput')",
        ],
      ]);
      const errors = plan.streams.map(({ error }) => error?.message);
      expect(errors[0]).toBeUndefined();
      expect(errors[1]).toMatch(/shop.log has no primary key/);
      expect(errors[2]).toMatch(/shop.seen is no table/);
      expect(errors[3]).toBeUndefined();
      expect(plan.streams[3]!.notes).toContainEqual(
        expect.stringMatching(/^as full refresh only: other tables inherit from shop.parent/),
      );
    });

    it("is what a read does, which gives the same reasons", async () => {
      const { catalog } = await discover("owner");
      const streams = ["item", "log", "seen"].map((name) => ({
        stream: {
          ...catalog.streams.find((one) => one.name === name),
          supported_sync_modes: ["full_refresh", "incremental"],
        },
        sync_mode: "incremental",
        destination_sync_mode: "append",
        cursor_field: ["_ab_cdc_lsn"],
      }));
      const { messages, exitCode } = await run("read", "owner", {}, { streams });
      expect(exitCode).not.toBe(0);
      const reasons = messages.flatMap((one) =>
        one.type === "TRACE" && one.trace.error?.stream_descriptor !== undefined
          ? [`${one.trace.error.stream_descriptor.name}: ${one.trace.error.message}`]
          : [],
      );
      expect(reasons).toEqual([
        expect.stringMatching(/^log: shop.log has no primary key/),
        expect.stringMatching(/^seen: shop.seen is no table/),
      ]);
    });

    it("says how much the slot keeps", async () => {
      await client.query("create publication pub for table shop.item");
      await makeSlot();
      const { messages } = await run("plan", "reader", {}, { streams: [] });
      const { plan } = messages.find((one): one is PlanMessage => one.type === "PLAN")!;
      expect(plan.steps).toEqual([]);
      expect(plan.notes).toContainEqual(
        expect.stringMatching(/the server keeps \d+ bytes of its log for the slot slot/),
      );
    });
  });

  describe("drop-slot", () => {
    it("takes the slot away, and leaves a publication of others", async () => {
      await client.query("create publication pub for table shop.item");
      await makeSlot();
      const { exitCode, logs } = await run("drop-slot", "reader");
      expect(exitCode).toBe(0);
      expect(logs).toEqual([expect.stringMatching(/^dropped the replication slot slot, for/)]);
      const left = await client.query(
        "select (select count(*) from pg_replication_slots) slots, (select count(*) from pg_publication) pubs",
      );
      expect(left.rows).toEqual([{ slots: "0", pubs: "1" }]);
    });

    it("says that there is nothing to take away", async () => {
      const { exitCode, logs } = await run("drop-slot", "reader");
      expect(exitCode).toBe(0);
      expect(logs).toEqual(["there is no replication slot slot, and no publication of ours"]);
    });
  });
});
