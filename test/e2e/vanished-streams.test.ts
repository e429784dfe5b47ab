/** @guarantee streams-fail-alone */
import { randomBytes } from "node:crypto";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const STREAMS = [
  { name: "a", namespace: "public" },
  {
    name: "b",
    namespace: "public",
    sync_mode: "incremental",
    destination_sync_mode: "append_dedup",
    cursor_field: "id",
    primary_key: "id",
  },
];

const rowsOf = async (database: Database, table: string) =>
  (await database.rows(`select id from ${table} order by id`)).map(([id]) => Number(id));

describe("a table that the configuration names and its source does not show any more", () => {
  it.for([
    ["may not be read", (role: string) => `revoke select on b from ${role}`],
    ["was renamed", () => "alter table b rename to c"],
    ["was dropped", () => "drop table b"],
  ] as const)(
    "because it %s fails alone, keeps its copy, and is said each time",
    async ([, vanish], { source, destination, folder }) => {
      const role = `r_${randomBytes(6).toString("hex")}`;
      await source.exec(`
        create role ${role} login password 'secret';
        create table a (id int primary key); insert into a values (1);
        create table b (id int primary key); insert into b values (1), (2);
        grant select on a, b to ${role}`);
      try {
        const project = await Project.create(folder, {
          source,
          destination,
          sourceConfig: { username: role, password: "secret" },
          connections: { c: { streams: STREAMS } },
        });
        await project.sync();
        await source.exec(vanish(role));
        await source.exec("insert into a values (2)");

        const first = await project.trySync();
        await source.exec("insert into a values (3)");
        const second = await project.trySync();
        const plan = await project.syncline(["plan"]);
        const status = await project.syncline(["status"]);

        for (const { exitCode, stderr } of [first, second]) {
          expect(exitCode).toBe(3);
          expect(stderr).toContain("the source has no stream public.b");
        }
        expect(plan.exitCode).toBe(3);
        expect(plan.stdout).toContain("the source has no stream public.b");
        expect(status.stdout).toContain("the source has no stream public.b");
        expect(await rowsOf(destination, "a")).toEqual([1, 2, 3]);
        expect(await rowsOf(destination, "b")).toEqual([1, 2]);
      } finally {
        await source.exec(`drop owned by ${role}; drop role ${role}`);
      }
    },
  );
});

describe("a table that only a pattern matched and that is gone", () => {
  it("is a warning in status until somebody takes note of it, and comes back without one", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      create table a (id int primary key); insert into a values (1);
      create table b (id int primary key); insert into b values (1), (2);
      create table c (id int primary key)`);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams: ["*"] } },
    });
    const told = async () => (await project.syncline(["status"])).stdout;
    await project.sync();
    expect(await told()).not.toContain("is gone");
    await source.exec("drop table b; drop table c; insert into a values (2)");

    const first = await project.sync();
    const after = await told();
    await source.exec("insert into a values (3); create table c (id int primary key)");
    const second = await project.sync();
    const stays = await told();
    const json = await project.syncline(["status", "--json"]);
    await project.syncline(["sync", "--accept-changes"]);
    const accepted = await told();
    await project.sync();

    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(after).toMatch(/public\.b is gone from the source since 20.*--accept-changes/);
    expect(after).toContain("public.c is gone");
    expect(stays).toContain("public.b is gone");
    expect(stays).not.toContain("public.c is gone");
    expect(JSON.parse(json.stdout)).toMatchObject({
      to_acknowledge: [expect.stringContaining("public.b is gone") as string],
    });
    expect(accepted).not.toContain("is gone");
    expect(await told()).not.toContain("is gone");
    expect(await rowsOf(destination, "a")).toEqual([1, 2, 3]);
    expect(await rowsOf(destination, "b")).toEqual([1, 2]);
  });
});
