/** @guarantee streams-fail-alone */
import { randomBytes } from "node:crypto";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

/** More than a job takes of refusals one after the other. */
const TABLES = Array.from({ length: 24 }, (_, n) => `t${n}`);

const fill = (source: Database) =>
  source.exec(`
    create table fine (id int primary key); insert into fine values (1);
    create schema more;
    ${TABLES.map((table) => `create table more.${table} (id int primary key, c int not null default 1);`).join("\n")}`);

const FINE = { name: "fine", namespace: "public" };
const all = (more: object = {}) => TABLES.map((name) => ({ name, namespace: "more", ...more }));

/** The server's own name for the configured user of a test, who may do only what it is granted. */
async function withRole(destination: Database, work: (role: string) => Promise<void>) {
  const role = `r_${randomBytes(6).toString("hex")}`;
  await destination.exec(`
    create role ${role} login password 'secret'; grant create, usage on schema public to ${role};
    create schema _syncline_${role} authorization ${role}`);
  try {
    await work(role);
  } finally {
    await destination.exec(`drop owned by ${role} cascade; drop role ${role}`);
  }
}

describe("what keeps many streams from being synced costs each of them, and no other:", () => {
  it.for([
    ["a schema that may not be created", "", "the schema more does not exist"],
    ["a schema without the right to create in it", "create schema more", "in the schema more"],
  ] as const)("%s", async ([, setup, message], { source, destination, folder }) => {
    await fill(source);
    await destination.exec(setup);
    await withRole(destination, async (role) => {
      const project = await Project.create(folder, {
        source,
        destination,
        destinationConfig: { username: role, password: "secret", tables: "final_only" },
        connections: { c: { namespace: "source", streams: [FINE, ...all()] } },
      });

      const plan = await project.syncline(["plan"]);
      const { exitCode, stderr, job } = await project.trySync();

      expect(plan.exitCode).toBe(3);
      expect(plan.stdout.match(/not synced: more\.t\d+: /g)).toHaveLength(TABLES.length);
      expect(exitCode, stderr).toBe(3);
      expect(stderr).toContain(message);
      expect(await destination.rows("select id from fine")).toEqual([["1"]]);
      const { attempts } = await project.job(job);
      expect(attempts).toHaveLength(2);
    });
  });

  it.for(["full_refresh", "incremental"] as const)(
    "tables of another connection, %s",
    async (mode, { source, destination, folder }) => {
      await fill(source);
      const options = { source, destination };
      const more = mode === "incremental" ? { cursor_field: "c" } : {};
      const streams = all({ sync_mode: mode, destination_sync_mode: "append", ...more });
      const project = await Project.create(folder, {
        ...options,
        connections: { one: { namespace: "source", streams } },
      });
      await project.sync();
      await project.configure({
        ...options,
        connections: { two: { namespace: "source", streams: [FINE, ...streams] } },
      });

      const { exitCode, stderr } = await project.trySync();

      expect(exitCode, stderr).toBe(3);
      expect(stderr).toContain("more.t0 is written by the connection one");
      expect(await destination.rows("select id from fine")).toEqual([["1"]]);
    },
  );
});
