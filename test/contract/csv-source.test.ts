import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { State } from "../../protocol/messages.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";
import { compileForUser, type UserProject } from "../support/user-project.ts";
import { errorsOf, messagesOf, recordsOf, statesOf, statusesOf } from "./protocol-output.ts";
import { describeSource } from "./source.ts";

let project: UserProject;
const fileIn = (name: string) => join(project.folder, name);

beforeAll(async () => {
  project = await compileForUser("examples/csv-source/csv-source.ts");
  await writeFile(fileIn("people.csv"), 'id,name\n1,Ada\n2,"Hopper, ""Amazing"" Grace"\n');
  await writeFile(fileIn("empty.csv"), "id\n");
  const rows = Array.from({ length: 40_000 }, (_, n) => `${n},${"x".repeat(60)}\n`);
  await writeFile(fileIn("big.csv"), `n,pad\n${rows.join("")}`);
});

afterAll(() => project.remove());

describeSource("examples/csv-source", () => ({
  executable: project.executable,
  config: { files: [fileIn("people.csv"), fileIn("empty.csv")] },
  bigConfig: { files: [fileIn("big.csv")] },
}));

/** Reads the files of a folder by name, all fields of all of them unless told otherwise. */
async function read(
  folder: string,
  names: readonly string[],
  {
    mode = "incremental",
    states,
    limits,
    fields,
  }: { mode?: string; states?: State[]; limits?: string; fields?: readonly string[] } = {},
) {
  const files = names.map((name) => join(folder, `${name}.csv`));
  const streams = names.map((name) => ({
    stream: {
      name,
      json_schema: fields
        ? { properties: Object.fromEntries(fields.map((field) => [field, {}])) }
        : {},
      supported_sync_modes: ["full_refresh", "incremental"],
      source_defined_cursor: true,
    },
    sync_mode: mode,
    destination_sync_mode: "append",
  }));
  const [config, catalog, state] = ["config", "catalog", "state"].map((name) =>
    join(folder, `${name}.json`),
  ) as [string, string, string];
  await writeFile(config, JSON.stringify({ files }));
  await writeFile(catalog, JSON.stringify({ streams }));
  await writeFile(state, JSON.stringify(states ?? []));
  const finished = await runExecutable(
    project.executable,
    ["read", "--config", config, "--catalog", catalog, "--state", state],
    limits === undefined ? {} : { env: { SYNCLINE_LIMITS: limits } },
  );
  const messages = messagesOf(finished);
  return {
    exitCode: finished.exitCode,
    rows: recordsOf(messages).map(({ record }) => record.data),
    /** The last STATE of each stream, as a state file has them. */
    states: [
      ...new Map(
        statesOf(messages).map(({ state: body }) => [body.stream!.stream_descriptor.name, body]),
      ).values(),
    ],
    stateCount: statesOf(messages).length,
    statuses: statusesOf(messages),
    errors: errorsOf(messages),
    stdout: finished.stdout,
  };
}

describe("examples/csv-source", () => {
  it("stays a page that can be read at once", async () => {
    const text = await readFile("examples/csv-source/csv-source.ts", "utf8");

    expect(text.split("\n").length - 1).toBeLessThanOrEqual(90);
  });

  it("reads quotes, commas, line breaks, CRLF, empty fields and a byte order mark as RFC 4180 has them", async ({
    folder,
  }) => {
    await writeFile(
      join(folder, "t.csv"),
      '\uFEFF"id",text\r\n1,"a ""b"", c"\r\n2,"two\nlines\r\n"\r\n3,\r\n4,"é😀"\n5,last',
    );

    const { rows } = await read(folder, ["t"], { mode: "full_refresh" });

    expect(rows).toEqual([
      { id: "1", text: 'a "b", c' },
      { id: "2", text: "two\nlines\r\n" },
      { id: "3", text: "" },
      { id: "4", text: "é😀" },
      { id: "5", text: "last" },
    ]);
  });

  it("reads the configured fields only, in the configured order", async ({ folder }) => {
    await writeFile(join(folder, "t.csv"), "a,b,c\n1,2,3\n");

    expect((await read(folder, ["t"], { fields: ["c", "a"] })).rows).toEqual([{ c: "3", a: "1" }]);
    expect((await read(folder, ["t"], { fields: ["x"] })).errors[0]?.message).toContain(
      "has no field x",
    );
  });

  it("finds the rows that were appended, each once, whatever the limits", async ({ folder }) => {
    const file = join(folder, "t.csv");
    await writeFile(file, "id\n");
    const seen: unknown[] = [];
    let states: State[] | undefined;
    let stateCount = 0;
    for (let round = 0; round < 4; round++) {
      const ids = Array.from({ length: 5000 }, (_, n) => round * 5000 + n);
      await appendFile(file, ids.map((id) => `${id}\n`).join(""));
      const printed = await read(folder, ["t"], {
        limits: '{"checkpointSeconds":1e-9,"sourceBlockBytes":1000}',
        ...(states === undefined ? {} : { states }),
      });
      seen.push(...printed.rows.map((row) => row["id"]));
      states = printed.states;
      stateCount = Math.max(stateCount, printed.stateCount);
    }

    expect(seen).toEqual(Array.from({ length: 20_000 }, (_, n) => String(n)));
    expect(stateCount).toBeGreaterThan(1);
  });

  it("leaves a last row that is still being written to the next read, and says so", async ({
    folder,
  }) => {
    const file = join(folder, "t.csv");
    await writeFile(file, "id,name\n1,Ada\n2,Gra");

    const first = await read(folder, ["t"]);
    await appendFile(file, "ce\n");
    const second = await read(folder, ["t"], { states: first.states });

    expect(first.rows).toEqual([{ id: "1", name: "Ada" }]);
    expect(first.stdout).toMatch(/WARN.*last row is not finished/);
    expect(second.rows).toEqual([{ id: "2", name: "Grace" }]);
  });

  it.for([
    ["too many fields", "1,2\n3,4,5\n", /bad\.csv, byte 8: the row has 3 fields, and the header 2/],
    ["too few fields", "1\n", /bad\.csv, byte 4: the row has 1 fields, and the header 2/],
    ["a quote in the middle", '1,x"y"\n', /byte 4: .*a quote is in the wrong place/],
    ["text after a quote", '1,"x"y\n', /byte 4: .*a quote is in the wrong place/],
    ["a quote that is not closed", '1,"x\n', /byte 4: .*a quote is in the wrong place/],
    ["bytes that are no UTF-8", "1,\xe9\n", /byte 4: the row is not UTF-8/],
  ] as const)(
    "fails a stream with %s, telling file and byte, and reads the others",
    async ([, rows, message], { folder }) => {
      await writeFile(join(folder, "bad.csv"), Buffer.from(`a,b\n${rows}`, "latin1"));
      await writeFile(join(folder, "good.csv"), "a\n1\n");

      const printed = await read(folder, ["bad", "good"], { mode: "full_refresh" });

      expect(printed.exitCode).toBe(1);
      expect(printed.errors[0]).toEqual({
        kind: "config_error",
        message: expect.stringMatching(message),
      });
      expect(printed.rows.at(-1)).toEqual({ a: "1" });
      expect([...printed.statuses.values()].map((all) => all.at(-1))).toEqual([
        "INCOMPLETE",
        "COMPLETE",
      ]);
    },
  );

  it("refuses a row that never ends rather than hold it", async ({ folder }) => {
    await writeFile(join(folder, "t.csv"), `a\n"${"x\n".repeat(1_000_000)}`);

    const { errors } = await read(folder, ["t"]);

    expect(errors[0]?.message).toMatch(/byte 2: .*over 1 MiB/);
  });

  it("names a file that is missing, is empty, or is shorter than what was read of it", async ({
    folder,
  }) => {
    const file = join(folder, "t.csv");
    const missing = await read(folder, ["t"]);
    await writeFile(file, "");
    const empty = await read(folder, ["t"]);
    await writeFile(file, "id\n1\n2\n");
    const { states } = await read(folder, ["t"]);
    await truncate(file, 5);
    const replaced = await read(folder, ["t"], { states });

    expect(missing.errors[0]?.message).toMatch(/t\.csv.*no such file/);
    expect(empty.errors[0]?.message).toMatch(/t\.csv.*no header/);
    expect(replaced.errors[0]?.message).toMatch(/t\.csv.*the file ends before.*refresh/);
    expect([missing, empty, replaced].map(({ errors }) => errors[0]?.kind)).toEqual(
      Array(3).fill("config_error"),
    );
  });
});
