import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { startPooler } from "../../support/pooler.ts";
import { runExecutable } from "../../support/run.ts";
import { complete, errorOf, record, stream, tablesOf, write } from "./drive.ts";

it("refuses a pooler that gives each transaction another session, and leaves that as it was", async ({
  destination,
  folder,
}) => {
  const pooler = await startPooler(destination.config);
  const { host, port } = pooler;
  const pooled = { config: { ...destination.config, host, port } };
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(pooled.config));

  const check = await runExecutable("destination-postgres", ["check", "--config", config]);
  const run = await write(
    pooled,
    folder,
    [stream()],
    [record("demo", { id: 1 }), complete("demo")],
  );
  const client = new Client({ ...pooled.config, user: pooled.config.username });
  await client.connect();
  const { rows } = await client.query("show search_path");
  await client.end();
  await pooler.close();

  const why = /a pooler stands before the database.*another session of the server/;
  const answers = check.messages().filter((message) => message.type === "CONNECTION_STATUS");
  expect(answers).toMatchObject([
    { connectionStatus: { status: "FAILED", message: expect.stringMatching(why) as string } },
  ]);
  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(why);
  expect(errorOf(run)).toContain("config.invalid");
  expect(rows).toEqual([{ search_path: '"$user", public' }]);
  expect(await tablesOf(destination)).toEqual([]);
});
