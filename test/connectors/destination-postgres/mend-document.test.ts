import { Client } from "pg";
import { expect, it as unit } from "vitest";
import { CopyBuffer } from "../../../connectors/destination-postgres/encode/copy-buffer.ts";
import { TEXT_FORMAT } from "../../../connectors/destination-postgres/encode/text/text-format.ts";
import { BINARY_FORMAT } from "../../../connectors/destination-postgres/encode/binary/binary-format.ts";
import { mendDocument } from "../../../connectors/destination-postgres/lane/mend-document.ts";
import { TextWriter } from "../../../connectors/destination-postgres/encode/text/text-writer.ts";
import { it } from "../../support/fixtures.ts";
import { complete, JSON_COLUMN, record, stream, TEXT, write } from "./drive.ts";

const ANY = stream({ properties: { id: TEXT, j: JSON_COLUMN, t: TEXT } });

it("gives up the one field of a raw row that jsonb cannot hold, and no other", async ({
  destination,
  folder,
}) => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

  const run = await write(
    destination,
    folder,
    [ANY],
    [
      record(
        "demo",
        '{"id":"number","j":{"n":[1e400000,"1e400000"]},"t":"a \\"1e400000\\" \\\\ \\t b"}',
      ),
      record("demo", `{"id":"deep","j":${deep},"t":"kept"}`),
      record("demo", '{"id":"good","j":{"n":1e4},"t":"kept"}'),
      complete("demo"),
    ],
  );

  expect(run.exitCode).toBe(0);
  expect(run.stdout).toContain("_airbyte_data.j");
  expect(
    await destination.rows(
      "select _airbyte_data->>'id', _airbyte_data->>'j', _airbyte_data->>'t' from _airbyte_raw_demo order by 1",
    ),
  ).toEqual([
    ["deep", null, "kept"],
    ["good", '{"n": 10000}', "kept"],
    ["number", null, 'a "1e400000" \\ \t b'],
  ]);
  expect(await destination.rows("select id, j, t from demo order by id")).toEqual([
    ["deep", null, "kept"],
    ["good", '{"n": 10000}', "kept"],
    ["number", null, 'a "1e400000" \\ \t b'],
  ]);
});

it("gives up only the field with a character that the database's encoding does not have", async ({
  destination,
  folder,
}) => {
  const name = `${destination.config.database}_latin`;
  await destination.exec(
    `create database ${name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
  );
  const url = new URL(destination.url);
  url.pathname = `/${name}`;
  const client = new Client(url.href);
  try {
    await client.connect();
    const latin = { config: { ...destination.config, database: name } };

    const run = await write(
      latin,
      folder,
      [ANY],
      [
        record("demo", '{"id":"1","j":"a long text, and é","t":"😀"}'),
        record("demo", '{"id":"2","j":"\\ud83d\\ude00","t":"é"}'),
        complete("demo"),
      ],
    );

    expect(run.exitCode).toBe(0);
    const { rows } = await client.query({
      text: `select _airbyte_data::text, j::text, t from demo
               join _airbyte_raw_demo using (_airbyte_ab_id) order by id`,
      rowMode: "array",
    });
    expect(rows).toEqual([
      ['{"j": "a long text, and é", "t": null, "id": "1"}', '"a long text, and é"', null],
      ['{"j": null, "t": "é", "id": "2"}', null, "é"],
    ]);
  } finally {
    await client.end();
    await destination.exec(`drop database ${name} with (force)`);
  }
});

unit(
  "leaves every other field as it is spelled, and gives the largest up when no number is to blame",
  () => {
    expect(
      mendDocument('{"a" : 1e131072, "b":  1.50,"c":"1e999999","d":[{"x":-1e-16384}]}', "22003"),
    ).toEqual({
      text: '{"a":null,"b":1.50,"c":"1e999999","d":null}',
      dropped: ["a", "d"],
    });
    expect(mendDocument('{"a":"short","b":"much longer","c":null}', "54001")).toEqual({
      text: '{"a":"short","b":null,"c":null}',
      dropped: ["b"],
    });
    expect(mendDocument('{"a":null}', "54001")).toBeUndefined();
  },
);

unit(
  "reads documents back from rows as they were written, white space and escapes included",
  () => {
    const json = '{\t"a":\r"\\t \\\\ \\" \\u0041 \\\\t"}';
    const out = new CopyBuffer(64);
    const bytes = Buffer.from(json);
    new TextWriter([]).writeJsonb(bytes, 0, bytes.length, out);
    const field = out.bytes.subarray(0, out.length - 1);

    expect(TEXT_FORMAT.jsonbText(field)).toBe(json);
    for (const format of [TEXT_FORMAT, BINARY_FORMAT])
      expect(format.jsonbText(format.jsonbField(json))).toBe(json);
  },
);
