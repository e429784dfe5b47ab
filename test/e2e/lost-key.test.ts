import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const FAKE_SOURCE = join(import.meta.dirname, "../fixtures/orchestrator/source.mjs");

const row = (name: string, data: string) =>
  `{"type":"RECORD","record":{"stream":"${name}","emitted_at":1663940000000,"data":${data}}}\n`;

const NAMES = ["broken", "sound"];

const LINES = [
  row("broken", '{"id":1,"t":"a"}'),
  row("sound", '{"id":1,"t":"a"}'),
  row("broken", '{"id":"secret","t":"b"}'),
  row("sound", '{"id":2,"t":"b"}'),
];

it("fails a stream whose key cannot be held, once each sync, and completes the others", async ({
  source,
  destination,
  folder,
}) => {
  const properties = { id: { type: "integer" }, t: { type: "string" } };
  const project = await Project.create(folder, {
    source,
    destination,
    sourceCommand: [process.execPath, FAKE_SOURCE],
    sourceConfig: {
      streams: NAMES.map((name) => ({ name, json_schema: { type: "object", properties } })),
      script: [
        { base64: Buffer.from(LINES.join("")).toString("base64") },
        ...NAMES.flatMap((stream) => [
          { state: { done: true }, stream, count: null },
          { status: "COMPLETE", stream },
        ]),
      ],
    },
    connections: {
      c: {
        streams: NAMES.map((name) => ({
          name,
          sync_mode: "full_refresh",
          destination_sync_mode: "append_dedup",
          primary_key: "id",
        })),
      },
    },
  });

  for (const _ of [1, 2]) {
    const { exitCode, log, job: number } = await project.trySync("c");
    const job = await project.job(number);

    expect(exitCode, log).toBe(3);
    expect(log).toContain("broken: the key id has a value that its type bigint cannot hold");
    expect(log).not.toContain("secret");
    expect(job.attempts).toHaveLength(1);
    expect(await destination.rows("select id, t from sound order by id")).toEqual([
      ["1", "a"],
      ["2", "b"],
    ]);
  }
});
