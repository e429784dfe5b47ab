import { EventEmitter } from "node:events";
import type { Client } from "pg";
import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import { CopiesOut } from "../../../connectors/postgres/copy-out.ts";
import { cancelKeyOf, pipelineQueries, socketOf } from "../../../connectors/postgres/driver.ts";
import { it } from "../../support/fixtures.ts";

/** Delivers what the server sends in pieces of `pieceBytes`. */
function inPieces(client: Client, pieceBytes: number): void {
  const { stream } = (client as unknown as { connection: { stream: EventEmitter } }).connection;
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event !== "data") return emit(event, ...args);
    const chunk = args[0] as Buffer;
    for (let at = 0; at < chunk.length; at += pieceBytes)
      emit("data", chunk.subarray(at, at + pieceBytes));
    return true;
  };
}

const connected = (config: Parameters<typeof connect>[0]) =>
  connect(config, { applicationName: "test" });

it("delivers the same rows however the network cuts them", async ({ source }) => {
  const query = "copy (select i, repeat('x', i) from generate_series(1, 50) i) to stdout";
  const expected = Array.from({ length: 50 }, (_, i) => `${i + 1}\t${"x".repeat(i + 1)}\n`);
  for (let pieceBytes = 1; pieceBytes <= 70; pieceBytes++) {
    const client = await connected(source.config);
    inPieces(client, pieceBytes);
    const rows: string[] = [];

    const sent = await new CopiesOut(client).read(
      query,
      {
        row: (bytes, start, end) => void rows.push(bytes.toString("utf8", start, end)),
        chunkDone: () => undefined,
      },
      { maxRowBytes: 1000, cancel: () => {} },
    );

    expect(sent).toBe(50);
    expect(rows).toEqual(expected);
    await client.end();
  }
});

it("refuses a row beyond the limit wherever it is cut, and the connection lives on", async ({
  source,
}) => {
  const query = "copy (select repeat('x', i * 100) from generate_series(1, 20) i) to stdout";
  for (const pieceBytes of [1, 3, 5, 64, 100_000]) {
    const client = await connected(source.config);
    inPieces(client, pieceBytes);
    let rows = 0;

    const copy = new CopiesOut(client).read(
      query,
      { row: () => void rows++, chunkDone: () => undefined },
      { maxRowBytes: 1001, cancel: () => {} },
    );

    await expect(copy).rejects.toMatchObject({ code: "postgres.too_large" });
    expect(rows).toBe(10);
    const { rows: answer } = await client.query<{ one: string }>("select 1 as one");
    expect(answer).toEqual([{ one: "1" }]);
    await client.end();
  }
});

it("does not read on while the sink is busy", async ({ source }) => {
  const client = await connected(source.config);
  let isBusy = false;
  let overlaps = 0;

  await new CopiesOut(client).read(
    "copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout",
    {
      row: () => void (overlaps += isBusy ? 1 : 0),
      chunkDone: () => {
        isBusy = true;
        return new Promise((resolve) => {
          setImmediate(() => {
            isBusy = false;
            resolve();
          });
        });
      },
    },
    { maxRowBytes: 2000, cancel: () => {} },
  );

  expect(overlaps).toBe(0);
  await client.end();
});

it("fails, and does not end, when the connection is cut in the middle", async ({ source }) => {
  const client = await connected(source.config);
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  let rows = 0;

  const copy = new CopiesOut(client).read(
    "copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout",
    {
      row: () => {
        if (++rows === 100) connection.stream.destroy();
      },
      chunkDone: () => undefined,
    },
    { maxRowBytes: 2000, cancel: () => {} },
  );

  await expect(copy).rejects.toThrow();
});

const series = (rows: number, bytes: number) =>
  `copy (select repeat('x', ${bytes}) from generate_series(1, ${rows})) to stdout`;

/** Reads COPYs, each with those behind it sent ahead, and returns the rows of each. */
async function readAll(copies: CopiesOut, texts: readonly string[]): Promise<number[]> {
  const lengths: number[] = [];
  for (const [at, text] of texts.entries()) {
    let rows = 0;
    const sink = { row: () => void rows++, chunkDone: () => undefined };
    const next = texts.slice(at + 1, at + 3);
    expect(await copies.read(text, sink, { maxRowBytes: 20_000, cancel: () => {}, next })).toBe(
      rows,
    );
    lengths.push(rows);
  }
  return lengths;
}

it("gives whoever asks the rows of his COPY, however many were sent ahead and wherever they are cut", async ({
  source,
}) => {
  for (let pieceBytes = 1; pieceBytes <= 40; pieceBytes += 3) {
    const client = await connected(source.config);
    pipelineQueries(client);
    inPieces(client, pieceBytes);

    const rows = await readAll(
      new CopiesOut(client),
      [3, 0, 1, 5, 2].map((n) => series(n, 7)),
    );

    expect(rows).toEqual([3, 0, 1, 5, 2]);
    expect((await client.query("select 1 as one")).rowCount).toBe(1);
    await client.end();
  }
});

it("leaves the rows on the network that nobody has asked for yet", async ({ source }) => {
  const client = await connected(source.config);
  pipelineQueries(client);
  const copies = new CopiesOut(client);
  const sink = { row: () => {}, chunkDone: () => undefined };
  const large = series(4_000, 10_000);
  const options = { maxRowBytes: 20_000, cancel: () => {} };

  await copies.read(series(1, 1), sink, { ...options, next: [large] });
  const { processId } = cancelKeyOf(client);
  const waitsForUs = `select from pg_stat_activity where pid = ${processId} and wait_event = 'ClientWrite'`;
  while ((await source.query(waitsForUs)).length === 0);

  expect(socketOf(client).bytesRead).toBeLessThan(1_000_000);
  expect(await copies.read(large, sink, options)).toBe(4_000);
  await client.end();
});

it("throws away what was sent ahead of a COPY that fails, in the server or here", async ({
  source,
}) => {
  const fails = [
    { text: "copy (select 1 / (2 - i) from generate_series(1, 2) i) to stdout", row: () => {} },
    { text: series(1, 30_000), row: () => {} },
    {
      text: series(1, 1),
      row: () => {
        throw new Error("full");
      },
    },
  ];
  for (const { text, row } of fails) {
    const client = await connected(source.config);
    pipelineQueries(client);
    const copies = new CopiesOut(client);
    const next = [series(5, 10), series(6, 10)];
    await client.query("begin; savepoint start");

    const failing = copies.read(
      text,
      { row, chunkDone: () => undefined },
      { maxRowBytes: 20_000, cancel: () => {}, next },
    );

    await expect(failing).rejects.toThrow();
    await client.query("rollback to start");
    expect(await readAll(copies, next)).toEqual([5, 6]);
    await client.end();
  }
});
