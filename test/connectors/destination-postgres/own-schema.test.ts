import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import {
  committedState,
  complete,
  errorOf,
  record,
  state,
  stream,
  tablesOf,
  write,
  writeCommand,
  type WriteOptions,
} from "./drive.ts";

const append = stream({ incremental: true, cursor: "id" });
const env = { SYNCLINE_CONNECTION_ID: "shop" };

const lines = (id: number) => [record("demo", { id }), state("demo", { at: id }), complete("demo")];

async function check(
  destination: Pick<Database, "config">,
  folder: string,
  options: WriteOptions,
): Promise<string> {
  const args = await writeCommand("check", destination, folder, [], options);
  return (await runExecutable("destination-postgres", args.slice(0, 3))).stdout;
}

it("gives each user of a database a schema of ours that no other one can look into", async ({
  destination,
  folder,
}) => {
  const { database } = destination.config;
  const roles = ["a", "b"].map((name) => `${name}_${database}`);
  for (const role of roles)
    await destination.exec(`
      create role ${role} login password 'secret';
      grant create on database ${database} to ${role};
      create schema ${role} authorization ${role}`);
  const users = roles.map((role) => ({
    config: { ...destination.config, username: role, password: "secret" },
    options: { env, config: { schema: role } },
  }));

  for (const { config, options } of users)
    for (const id of [1, 2]) {
      expect(await check({ config }, folder, options)).toContain("SUCCEEDED");
      const asked = await committedState({ config }, folder, [append], options);
      expect(asked === "").toBe(id === 1);
      expect(errorOf(await write({ config }, folder, [append], lines(id), options))).toBe("");
    }

  const own = `_syncline_${roles[1]}`;
  for (const [at, schema] of ["_syncline", own].entries()) {
    const owners = await destination.rows(
      "select distinct pg_get_userbyid(relowner) from pg_class where relnamespace = to_regnamespace($1)",
      [schema],
    );
    expect([schema, owners]).toEqual([schema, [[roles[at]]]]);
    expect(await destination.rows(`select id from ${roles[at]}.demo order by 1`)).toEqual([
      ["1"],
      ["2"],
    ]);
    await expect(
      destination.exec(`set role ${roles[1 - at]}; delete from ${schema}.checkpoint`),
    ).rejects.toThrow("permission denied");
    await destination.exec("reset role");
  }

  // What is there stays in use, whatever is granted later.
  await destination.exec(`grant usage on schema _syncline to ${roles[1]}`);
  const { config, options } = users[1]!;
  expect(await committedState({ config }, folder, [append], options)).toContain('"at":2');
  await destination.exec(
    roles.map((role) => `drop owned by ${role} cascade; drop role ${role};`).join("\n"),
  );
}, 60_000);

it("keeps its tables where it is told to, and lets no stream write there", async ({
  destination,
  folder,
}) => {
  const there = { env, config: { bookkeeping_schema: "books" } };

  expect(await check(destination, folder, there)).toContain("SUCCEEDED");
  const interrupted = stream({ name: "more", mode: "overwrite", resumable: true, generation: 1 });
  const begun = [record("more", { id: 1 }), state("more", { at: 1 }, 1), record("more", { id: 2 })];
  await write(destination, folder, [append, interrupted], [...lines(1), ...begun], there);

  expect(await committedState(destination, folder, [append], there)).toContain('"at":1');
  expect(await committedState(destination, folder, [interrupted], there)).toContain('"at":1');
  expect(await tablesOf(destination, "_syncline")).toEqual([]);
  expect(await tablesOf(destination, "books")).toContain("checkpoint");
  const inside = { env, config: { bookkeeping_schema: "books", schema: "books" } };
  const refused = await write(destination, folder, [append], lines(2), inside);
  expect(errorOf(refused)).toContain("the schema books is reserved");
  const long = { env, config: { bookkeeping_schema: "b".repeat(64) } };
  expect(await check(destination, folder, long)).toContain("bookkeeping_schema is longer");
});
