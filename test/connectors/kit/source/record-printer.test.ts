import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordPrinter } from "../../../../connectors/kit/source/record-printer.ts";
import { StreamOutput } from "../../../../connectors/kit/source/stream-output.ts";
import type { Limits } from "../../../../connectors/kit/limits.ts";
import { Collected } from "./collected.ts";

const STREAM = { name: "s" };

function printing(limits: Partial<Limits>) {
  const collected = new Collected(limits);
  const output = new StreamOutput(STREAM, collected.context);
  return { collected, printer: new RecordPrinter(STREAM, output, collected.context) };
}

/** What a reader may do between two records. */
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.constant("record" as const) },
  { weight: 3, arbitrary: fc.constant("many records" as const) },
  { weight: 2, arbitrary: fc.constant("mark before the last" as const) },
  { weight: 1, arbitrary: fc.constant("mark after the last" as const) },
  { weight: 3, arbitrary: fc.constant("chunk done" as const) },
  { weight: 1, arbitrary: fc.constant("chunk done, not waited for" as const) },
  { weight: 1, arbitrary: fc.constant("chunk done, safe" as const) },
  { weight: 1, arbitrary: fc.constant("flush" as const) },
  { weight: 1, arbitrary: fc.constant("a second passes" as const) },
);

const anyEnd = fc.constantFrom("ends" as const, "fails" as const, "is stopped" as const);

describe("RecordPrinter", () => {
  it("prints each record once and in order, and no STATE that says more or less than was printed before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 80 }),
        anyEnd,
        fc.constantFrom(0, 2, 1000),
        fc.constantFrom(1, 150, 400, 1_000, 100_000),
        async (steps, end, checkpointSeconds, sourceBlockBytes) => {
          const { collected, printer } = printing({ checkpointSeconds, sourceBlockBytes });
          let appended = 0;
          const saying = (n: number) => (records: number) => {
            expect(records).toBe(n);
            return { n };
          };
          for (const step of steps)
            switch (step) {
              case "record":
                printer.record({ n: ++appended });
                break;
              case "many records":
                for (let n = 0; n < 7; n++) printer.record({ n: ++appended });
                break;
              case "mark before the last":
                if (appended > 0) printer.markBeforeLast(saying(appended - 1));
                break;
              case "mark after the last":
                printer.markAfterLast(saying(appended));
                break;
              case "chunk done":
                await printer.chunkDone();
                break;
              case "chunk done, not waited for":
                void printer.chunkDone();
                break;
              case "chunk done, safe":
                await printer.chunkDone({ n: appended });
                break;
              case "flush":
                await printer.flush();
                break;
              case "a second passes":
                collected.time += 1000;
                break;
            }
          if (end === "is stopped") collected.stop.abort();
          if (end === "ends") await printer.end({ n: appended });
          else await printer.stop();

          let printed = 0;
          let covered = 0;
          for (const message of collected.messages) {
            if (message.type === "RECORD") expect(message.record.data).toEqual({ n: ++printed });
            if (message.type !== "STATE") continue;
            expect(message.state.stream!.stream_state).toEqual({ n: printed });
            expect(message.state.sourceStats).toEqual({ recordCount: printed - covered });
            const isLast = message === collected.messages.at(-1);
            expect(isLast || printed > covered).toBe(true);
            covered = printed;
          }
          if (end === "ends") expect([printed, covered]).toEqual([appended, appended]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("prints a STATE at the safe place of a chunk once it is due, and not before", async () => {
    const { collected, printer } = printing({ checkpointSeconds: 10 });
    for (const [n, time] of [
      [1, 5_000],
      [2, 10_000],
      [3, 15_000],
      [4, 21_000],
    ] as const) {
      printer.record({ n });
      collected.time = time;
      await printer.chunkDone({ n });
    }

    expect(collected.story.filter((line) => line.startsWith("STATE"))).toEqual([
      'STATE {"n":2} +2',
      'STATE {"n":4} +2',
    ]);
  });

  it("prints a STATE at the last safe place of a chunk, wherever in the blocks that lies and however many the records behind it fill", async () => {
    const RECORDS = 12;
    for (const sourceBlockBytes of [100, 250, 400, 600, 100_000])
      for (let first = 1; first < RECORDS; first++)
        for (let second = first + 1; second <= RECORDS; second++) {
          const { collected, printer } = printing({ checkpointSeconds: 0, sourceBlockBytes });
          let appended = 0;
          const upTo = (n: number) => {
            while (appended < n) printer.record({ n: ++appended });
          };

          upTo(first);
          printer.markAfterLast(() => ({ n: first }));
          upTo(second - 1);
          await printer.chunkDone();
          upTo(second);
          printer.markAfterLast(() => ({ n: second }));
          upTo(RECORDS);
          await printer.chunkDone();
          await printer.end({ n: RECORDS });

          const records = (from: number, to: number) =>
            Array.from({ length: to - from + 1 }, (_, index) => `s ${from + index}`);
          expect(collected.story).toEqual([
            "s RUNNING",
            ...records(1, first),
            `STATE {"n":${first}} +${first}`,
            ...records(first + 1, second),
            `STATE {"n":${second}} +${second - first}`,
            ...records(second + 1, RECORDS),
            `STATE {"n":${RECORDS}} +${RECORDS - second}`,
          ]);
        }
  });

  it("prints nothing while a block is not full and no STATE is due", async () => {
    const { collected, printer } = printing({ sourceBlockBytes: 400 });
    const blocks: number[] = [];
    for (let n = 1; n <= 30; n++) {
      printer.record({ n });
      const pending = printer.chunkDone();
      if (pending === undefined) continue;
      await pending;
      blocks.push(n);
    }

    expect(blocks.length).toBeGreaterThan(2);
    expect(blocks.length).toBeLessThan(10);
    expect(collected.story[0]).toBe("s RUNNING");
  });

  it("ends a read that is asked to stop at the next chunk, with the STATE of the last safe place", async () => {
    const { collected, printer } = printing({});
    printer.record({ n: 1 });
    await printer.chunkDone({ n: 1 });
    printer.record({ n: 2 });
    collected.stop.abort();

    expect(() => printer.chunkDone()).toThrow("asked to stop");
    await printer.stop();

    expect(collected.story).toEqual(["s RUNNING", "s 1", 'STATE {"n":1} +1']);
  });

  it("prints rows of any size as an encoder writes them", async () => {
    const { collected, printer } = printing({ sourceBlockBytes: 100 });
    const row = Buffer.from(`<${"x".repeat(1000)}>`);

    printer.row(
      {
        room: () => 2000,
        encode: (bytes, start, end, out, at) =>
          at + out.write(`{"n":"${bytes.toString("utf8", start + 1, end - 1)}"}`, at),
      },
      row,
      0,
      row.length,
    );
    await printer.end({});

    expect(collected.story).toEqual(["s RUNNING", `s ${"x".repeat(1000)}`, "STATE {} +1"]);
  });
});
