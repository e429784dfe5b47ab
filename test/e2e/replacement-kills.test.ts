import { describe, expect } from "vitest";
import { jsonFile } from "../support/catalogs.ts";
import { type Database, it } from "../support/fixtures.ts";
import { startProxy } from "../support/proxy.ts";
import { runExecutable, start, succeeded } from "../support/run.ts";
import { leftovers } from "../support/tables.ts";

const ROWS = 100;

/** More statements than a replacement takes; a run that is not killed any more ends the test. */
const MOST_STATEMENTS = 200;

const CATALOG = {
  streams: [
    {
      stream: {
        name: "t",
        json_schema: { properties: { id: { type: "integer" }, version: { type: "integer" } } },
        supported_sync_modes: ["full_refresh"],
      },
      sync_mode: "full_refresh",
      destination_sync_mode: "overwrite",
    },
  ],
};

/** The whole table in one version. */
function input(version: number): string {
  const descriptor = { name: "t" };
  const records = Array.from({ length: ROWS }, (_, id) => ({
    type: "RECORD",
    record: { stream: "t", emitted_at: 1, data: { id, version } },
  }));
  const state = { stream_descriptor: descriptor, stream_state: { version } };
  const status = { stream_descriptor: descriptor, status: "COMPLETE" };
  return [
    ...records,
    { type: "STATE", state: { type: "STREAM", stream: state } },
    { type: "TRACE", trace: { type: "STREAM_STATUS", emitted_at: 1, stream_status: status } },
  ]
    .map((message) => `${JSON.stringify(message)}\n`)
    .join("");
}

/** The one version that the table and its raw table hold whole; throws for anything else. */
async function version(destination: Database): Promise<number> {
  const tables = await destination.rows(`
    select count(*), count(distinct id), min(version), max(version),
      (select count(*) from _airbyte_raw_t),
      (select min(_airbyte_data ->> 'version') from _airbyte_raw_t),
      (select max(_airbyte_data ->> 'version') from _airbyte_raw_t)
    from t`);
  const [count, ids, first, last, ...raw] = tables[0]!;
  expect([count, ids, last, ...raw]).toEqual([
    `${ROWS}`,
    `${ROWS}`,
    first,
    `${ROWS}`,
    first,
    first,
  ]);
  return Number(first);
}

/** @guarantee replaced-whole */
describe("a destination killed before any of its statements", () => {
  it.for([
    ["while it swaps tables by name", ""],
    [
      "while it replaces rows under a view",
      "create view v as select * from t; create view r as select * from _airbyte_raw_t",
    ],
  ] as const)(
    "%s leaves the old table or the new one, whole, and nothing of its own after the next run",
    { timeout: 180_000 },
    async ([, attach], { destination, folder }) => {
      const catalog = await jsonFile(folder, "catalog.json", CATALOG);
      const args = async (config: object) => [
        "write",
        "--config",
        await jsonFile(folder, "config.json", config),
        "--catalog",
        catalog,
      ];
      const whole = async (n: number) =>
        succeeded(
          await runExecutable("destination-postgres", await args(destination.config), {
            stdin: input(n),
          }),
        );
      await whole(0);
      await destination.exec(attach);

      let killed = 0;
      for (let n = 1; n <= MOST_STATEMENTS; n++) {
        const before = await version(destination);
        let statements = 0;
        let kill: () => void;
        const proxy = await startProxy(destination.config, ({ from, type }) => {
          if (from !== "client" || type !== "Q" || ++statements !== n) return "pass";
          kill();
          return "reset";
        });
        const place = { host: proxy.host, port: proxy.port };
        const writing = start(
          "destination-postgres",
          await args({ ...destination.config, ...place }),
          { stdin: input(n) },
        );
        kill = () => writing.kill("SIGKILL");
        const { signal } = await writing.finished;
        await proxy.close();

        const after = await version(destination);
        expect([before, n]).toContain(after);
        if (signal === null) break;
        killed++;
      }

      expect(killed).toBeGreaterThan(10);
      await whole(MOST_STATEMENTS + 1);
      expect(await version(destination)).toBe(MOST_STATEMENTS + 1);
      expect(await leftovers(destination)).toEqual([]);
    },
  );
});
