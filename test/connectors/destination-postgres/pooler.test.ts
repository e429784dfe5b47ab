import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { startPooler } from "../../support/pooler.ts";
import { runExecutable } from "../../support/run.ts";
import { complete, errorOf, record, stream, tablesOf, write } from "./drive.ts";

const POOLERS = [
  ["with one session", {}],
  ["with sessions in turn", { sessions: 2 }],
  ["with three sessions in turn", { sessions: 3 }],
  ["with sessions in turn for other clients", { sessions: 3, takesNext: "client" }],
  ["that tells the number of the server's process", { processId: "server" }],
  ["with sessions in turn and the number of the first", { sessions: 2, processId: "server" }],
] as const;

it.for(POOLERS)(
  "refuses a pooler %s for transactions, and leaves that as it was",
  async ([, options], { destination, folder }) => {
    const pooler = await startPooler(destination.config, options);
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
    const paths = new Set<unknown>();
    for (let turn = 0; turn < 3; turn++)
      for (const { search_path } of (await client.query("show search_path")).rows)
        paths.add(search_path);
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
    expect([...paths]).toEqual(['"$user", public']);
    expect(await tablesOf(destination)).toEqual([]);
  },
);
