import { createHash } from "node:crypto";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "./project.ts";

const record = (data: string) =>
  `{"type":"RECORD","record":{"stream":"users","namespace":"public","emitted_at":1,"data":${data}}}\n`;
const SHA = createHash("sha256").update("é@x").digest("hex");

it("mappers hash, rename, drop and filter, and change nothing else", async ({ folder }) => {
  const script = [
    {
      raw: record(
        `{"id":9007199254740993,"mail":"\\u00e9@x","a": [1.0, {"b":"}"}],"gone":1,"kind":"x"}`,
      ),
    },
    { raw: record(`{"id":2,"mail":null,"kind":"y"}`) },
    { raw: record(`{"id":3,"kind":"x"}`) },
    { state: {}, count: 3 },
    { status: "COMPLETE" },
  ];
  const columns = ["id", "mail", "a", "gone", "kind"];
  const properties = Object.fromEntries(columns.map((name) => [name, { type: "integer" }]));
  const mappers = [
    { type: "hash", field: "mail" },
    { type: "rename", field: "a", to: "b" },
    { type: "drop", field: "gone" },
    { type: "filter", condition: { not: [{ equal: { field: "kind", value: "y" } }] } },
  ];
  const project = await Project.create(folder, {
    streams: [{ name: "users", namespace: "public", json_schema: { type: "object", properties } }],
    script,
    connection: { namespace: "source", streams: [{ name: "users", mappers }] },
  });

  const { exitCode, job } = await project.sync();

  expect(exitCode).toBe(0);
  expect(
    project
      .delivered()
      .slice(0, 2)
      .map((line) => `${line}\n`),
  ).toEqual([
    record(`{"id":9007199254740993,"mail_hashed":"${SHA}","b":[1.0, {"b":"}"}],"kind":"x"}`),
    record(`{"id":3,"kind":"x"}`),
  ]);
  expect(project.delivered()[2]).toContain('"sourceStats":{"recordCount":2}');
  expect(job.attempts[0]!.streams).toMatchObject([{ emitted: 3, committed: 2 }]);
  const catalog = project.given("write")[0]!["catalog"]!;
  expect(catalog).toContain(
    '"properties":{"id":{"type":"integer"},"mail_hashed":{"type":"string"},"b":{"type":"integer"},"kind":{"type":"integer"}}',
  );
});

it("fields keep other columns of any source out of the destination", async ({ folder }) => {
  const script = [
    { raw: record(`{"id":1,"text":"x"}`) },
    { state: {}, count: 1 },
    { status: "COMPLETE" },
  ];
  const connection = { prefix: "p_", streams: [{ name: "users", fields: ["id"] }] };
  const project = await Project.create(folder, { script, connection });

  await project.sync();

  expect(project.delivered()[0]).toContain('"stream":"p_users"');
  expect(project.delivered()[0]).toContain('"data":{"id":1}');
});
