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

const CHANGES = {
  name: "users",
  namespace: "public",
  json_schema: {
    type: "object",
    properties: Object.fromEntries(
      ["id", "text", "mail", "gone", "kind", "_ab_cdc_deleted_at"].map((name) => [
        name,
        { type: "string" },
      ]),
    ),
  },
  supported_sync_modes: ["full_refresh", "incremental"],
  source_defined_cursor: true,
  default_cursor_field: ["id"],
};

it.for(["", "shop_"])(
  "mappers rename what changes do not carry: prefix %j",
  async (prefix, { folder }) => {
    const said = (meta: object) => (data: string) =>
      record(data).replace("}}\n", `,"meta":${JSON.stringify(meta)}}}\n`);
    const unchanged = said({
      unchanged: ["text", "mail", "gone", "other"],
      changes: [{ field: "text", change: "NULLED", reason: "X" }],
    })(`{"id":"1","kind":"x"}`);
    const early = unchanged
      .replace(/,"meta":(.*)\}\}\n$/, "}}\n")
      .replace('"data"', '"meta":{"unchanged":["text"]},"data"');
    const deleted = record(`{"id":"1","kind":null,"_ab_cdc_deleted_at":"2024-01-01T00:00:00Z"}`);
    const emptied = said({ operation: "truncate" })(
      `{"_ab_cdc_deleted_at":"2024-01-01T00:00:00Z"}`,
    );
    const lines = [unchanged, early, deleted, emptied];
    const mappers = [
      { type: "rename", field: "text", to: "words" },
      { type: "hash", field: "mail" },
      { type: "drop", field: "gone" },
    ];
    const project = await Project.create(folder, {
      streams: [CHANGES],
      script: [...lines.map((raw) => ({ raw })), { state: {}, count: 4 }, { status: "COMPLETE" }],
      connection: {
        prefix,
        namespace: "source",
        streams: [{ name: "users", sync_mode: "incremental", mappers }],
      },
    });
    expect((await project.sync()).exitCode).toBe(0);

    const delivered = project.delivered().slice(0, 4);
    const records = delivered.map((line) => (JSON.parse(line) as { record: object }).record);
    expect(records.map((one) => ("meta" in one ? one.meta : undefined))).toEqual([
      {
        unchanged: ["words", "mail_hashed", "other"],
        changes: [{ field: "words", change: "NULLED", reason: "X" }],
      },
      { unchanged: ["words"] },
      undefined,
      { operation: "truncate" },
    ]);
    for (const one of records) expect(one).toMatchObject({ stream: `${prefix}users` });
  },
);

it.for([
  [
    { mappers: [{ type: "filter", condition: { equal: { field: "kind", value: "x" } } }] },
    "mappers: changes cannot be filtered",
  ],
  [
    { mappers: [{ type: "drop", field: "_ab_cdc_deleted_at" }] },
    "mappers: _ab_cdc_deleted_at says what a change was",
  ],
] as const)("what says that a row was deleted is kept: %#", async ([entry, text], { folder }) => {
  const project = await Project.create(folder, {
    streams: [CHANGES],
    script: [{ status: "COMPLETE" }],
    connection: { streams: [{ name: "users", sync_mode: "incremental", ...entry }] },
  });

  const run = await project.sync();

  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toContain(text);
});
