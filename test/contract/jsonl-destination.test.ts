import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { complete, record, state, text } from "../connectors/destination-postgres/drive.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";
import { compileForUser, type UserProject } from "../support/user-project.ts";
import { describeDestination } from "./destination.ts";
import { errorsOf, messagesOf, statesOf } from "./protocol-output.ts";

let project: UserProject;

beforeAll(async () => {
  project = await compileForUser("examples/jsonl-destination/jsonl-destination.ts");
});

afterAll(() => project.remove());

const rowsIn = async (folder: string, file: string): Promise<string[]> =>
  (await readFile(join(folder, file), "utf8").catch(() => "")).split("\n").slice(0, -1);

describeDestination("examples/jsonl-destination", () => {
  const folder = mkdtempSync(join(project.folder, "out-"));
  return {
    executable: project.executable,
    config: { folder },
    values: async (stream, field) =>
      (await rowsIn(folder, `${stream}.jsonl`)).map((row) => valueOf(row, field)),
  };
});

/** The value as it is spelt: JSON.parse would round it. */
const valueOf = (row: string, field: string) =>
  new RegExp(`"${field}"\\s*:\\s*([^,}\\s]+)`).exec(row)?.[1] ??
  JSON.stringify((JSON.parse(row) as JsonObject)[field]);

interface Stream {
  readonly name?: string;
  readonly namespace?: string;
  readonly mode?: "append" | "overwrite";
  readonly generation?: number;
  readonly minimum?: number;
}

/** Writes `lines` of the streams into the folder `out` of `folder`. */
async function write(
  folder: string,
  streams: readonly Stream[],
  lines: readonly (object | string)[],
  limits = "{}",
) {
  const [config, catalog] = [join(folder, "config.json"), join(folder, "catalog.json")];
  await mkdir(join(folder, "out"), { recursive: true });
  await writeFile(config, JSON.stringify({ folder: join(folder, "out") }));
  const configured = streams.map((stream) => ({
    stream: {
      name: stream.name ?? "t",
      ...(stream.namespace && { namespace: stream.namespace }),
      json_schema: {},
      supported_sync_modes: ["full_refresh", "incremental"],
    },
    sync_mode: stream.mode === "overwrite" ? "full_refresh" : "incremental",
    cursor_field: ["id"],
    destination_sync_mode: stream.mode ?? "append",
    ...(stream.generation && {
      generation_id: stream.generation,
      minimum_generation_id: stream.minimum ?? 0,
      sync_id: 1,
    }),
  }));
  await writeFile(catalog, JSON.stringify({ streams: configured }));
  return runExecutable(project.executable, ["write", "--config", config, "--catalog", catalog], {
    stdin: text(lines),
    env: { SYNCLINE_LIMITS: limits },
  });
}

const rows = (stream: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => record(stream, { id: from + n }));
const ids = async (folder: string, file = "t.jsonl") =>
  (await rowsIn(join(folder, "out"), file)).map((row) => (JSON.parse(row) as { id: number }).id);

describe("examples/jsonl-destination", () => {
  it("appends, and replaces a file in one step when the stream is complete", async ({ folder }) => {
    await write(folder, [{}], [...rows("t", 1, 3), state("t", {}), complete("t")]);
    await write(folder, [{}], [...rows("t", 4, 4), complete("t")]);
    expect(await ids(folder)).toEqual([1, 2, 3, 4]);

    const cut = await write(folder, [{ mode: "overwrite" }], rows("t", 7, 8));
    expect(cut.exitCode).toBe(1);
    expect(await ids(folder)).toEqual([1, 2, 3, 4]);

    await write(folder, [{ mode: "overwrite" }], [...rows("t", 7, 9), complete("t")]);
    expect(await ids(folder)).toEqual([7, 8, 9]);
    expect(await readdir(join(folder, "out"))).toEqual(["t.jsonl"]);
  });

  it("replaces what an older generation left, and adds to what may stay", async ({ folder }) => {
    const lines = (id: number) => [...rows("t", id, id), complete("t")];
    await write(folder, [{ generation: 1 }], lines(1));
    await write(folder, [{ generation: 1 }], lines(2));
    expect(await ids(folder)).toEqual([1, 2]);

    await write(folder, [{ generation: 2, minimum: 2 }], lines(3));
    expect(await ids(folder)).toEqual([3]);

    // What goes on with a generation that is in place is the rest of it.
    await write(folder, [{ generation: 2, minimum: 2 }], lines(4));
    expect(await ids(folder)).toEqual([3, 4]);
    // Whose counting began again asks for less than there is.
    await write(folder, [{ generation: 1, minimum: 1 }], lines(5));
    expect(await ids(folder)).toEqual([3, 4, 5]);
  });

  it("takes back what no STATE covers, and only that", async ({ folder }) => {
    const limits = '{"batchRows":1,"chunkBytes":50}';
    const lines = [
      ...rows("a", 1, 2),
      state("a", { n: 2 }),
      ...rows("a", 3, 9),
      ...rows("b", 1, 3),
      complete("b"),
    ];

    const finished = await write(folder, [{ name: "a" }, { name: "b" }], lines, limits);

    expect(finished.exitCode).toBe(1);
    expect(errorsOf(messagesOf(finished))[0]!.message).toContain("complete: a");
    expect(statesOf(messagesOf(finished))).toHaveLength(1);
    expect(await ids(folder, "a.jsonl")).toEqual([1, 2]);
    expect(await ids(folder, "b.jsonl")).toEqual([1, 2, 3]);
  });

  it("cuts off half a row that a killed run left", async ({ folder }) => {
    await write(folder, [{}], [...rows("t", 1, 2), complete("t")]);
    await appendFile(join(folder, "out/t.jsonl"), '{"id":3,"na');

    await write(folder, [{}], [...rows("t", 4, 4), complete("t")]);

    expect(await ids(folder)).toEqual([1, 2, 4]);
  });

  it("gives every stream a file of its own, whatever its name", async ({ folder }) => {
    const names = ["../up", "a/b", "a.b", ".", "CON%2E"];
    const streams = [...names.map((name) => ({ name })), { name: "b", namespace: "a" }];
    const lines = [
      ...names.flatMap((name) => [record(name, { id: 1 }), complete(name)]),
      record("b", { id: 1 }, undefined, "a"),
      complete("b", "a"),
    ];

    const finished = await write(folder, streams, lines);

    expect(finished.exitCode, finished.stdout).toBe(0);
    expect(await readdir(join(folder, "out"))).toHaveLength(6);
    expect((await readdir(folder)).sort()).toEqual(["catalog.json", "config.json", "out"]);
  });

  it("says what is wrong with its folder", async ({ folder }) => {
    const config = join(folder, "config.json");
    await writeFile(config, JSON.stringify({ folder: join(folder, "missing") }));

    const finished = await runExecutable(project.executable, ["check", "--config", config]);

    expect(finished.stdout).toContain("FAILED");
    expect(finished.stdout).toMatch(/missing/);
  });
});
