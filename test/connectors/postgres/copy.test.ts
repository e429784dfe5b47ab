import { EventEmitter } from "node:events";
import type { Client } from "pg";
import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import { copyOut } from "../../../connectors/postgres/copy.ts";
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

    const sent = await copyOut(
      client,
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

    const copy = copyOut(
      client,
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

  await copyOut(
    client,
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

  const copy = copyOut(
    client,
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
