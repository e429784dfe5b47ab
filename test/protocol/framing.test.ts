import { once } from "node:events";
import * as fc from "fast-check";
import ndjson from "ndjson";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "../../protocol/framing.ts";

/** Feeds `bytes` cut at the given offsets, in memory that is used again, and returns the lines as text. */
function split(bytes: Buffer, ...cuts: number[]): string[] {
  const memory = Buffer.alloc(bytes.length);
  const splitter = new LineSplitter();
  const edges = [0, ...cuts, bytes.length];
  const lines: string[] = [];
  const keep = (line: Buffer, start: number, end: number) => {
    lines.push(line.toString("utf8", start, end));
  };
  for (let i = 1; i < edges.length; i++) {
    const length = bytes.copy(memory, 0, edges[i - 1], edges[i]);
    splitter.push(memory.subarray(0, length), keep);
    memory.fill("?");
  }
  splitter.end(keep);
  return lines;
}

/** @guarantee bytes-untouched */
describe("cutting bytes into lines", () => {
  it("gives the same lines wherever the chunks are cut, even inside a character", () => {
    const sample = Buffer.from('{"a":"é\u2028"}\r\n\n{"b":"🙂\r"}\n\u0085no newline');
    const whole = split(sample);

    expect(whole).toEqual(['{"a":"é\u2028"}\r', "", '{"b":"🙂\r"}', "\u0085no newline"]);
    for (let i = 0; i <= sample.length; i++)
      for (let j = i; j <= sample.length; j++) expect(split(sample, i, j)).toEqual(whole);
  });

  it("hands out no line after a final newline, and none for no input", () => {
    expect(split(Buffer.from("a\n"))).toEqual(["a"]);
    expect(split(Buffer.from("\n\n"))).toEqual(["", ""]);
    expect(split(Buffer.from(""))).toEqual([]);
  });

  it("takes a byte order mark for one at the very beginning only, wherever the chunks are cut", () => {
    const sample = Buffer.from("\ufeffa\n\ufeffb\n");
    for (let i = 0; i <= sample.length; i++)
      for (let j = i; j <= sample.length; j++)
        expect(split(sample, i, j)).toEqual(["a", "\ufeffb"]);

    expect(split(Buffer.from("\ufeff"))).toEqual([]);
    const part = Buffer.from("\ufeff").subarray(0, 2);
    expect(split(part)).toEqual([part.toString("utf8")]);
    expect(split(Buffer.concat([part, Buffer.from("a\n")]), 1, 2)).toEqual([
      `${part.toString("utf8")}a`,
    ]);
  });

  it("reads what the ndjson package reads, whatever the values and the cuts", async () => {
    // `null` lines are left out: the package takes one for the end of its input.
    const values = fc.array(
      fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null),
      { minLength: 1, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(values, fc.array(fc.nat(), { maxLength: 8 }), async (list, offsets) => {
        const bytes = Buffer.from(list.map((value) => `${JSON.stringify(value)}\n`).join(""));
        const cuts = offsets.map((offset) => offset % (bytes.length + 1)).sort((a, b) => a - b);

        const ours = split(bytes, ...cuts).map((line) => JSON.parse(line) as unknown);

        expect(ours).toEqual(await packageLines(bytes, cuts));
      }),
      { numRuns: 300 },
    );
  });

  it("refuses a line over the limit instead of growing without bound", () => {
    const splitter = new LineSplitter(8);
    const lines: number[] = [];
    const push = (text: string) =>
      splitter.push(Buffer.from(text), (_, start, end) => lines.push(end - start));

    push("12345678\n1234");
    expect(lines).toEqual([8]);
    expect(splitter.heldBytes).toBe(4);
    expect(() => push("56789")).toThrow(
      expect.objectContaining({ code: "protocol.line_too_long" }) as Error,
    );
    expect(() => new LineSplitter(8).push(Buffer.from("a\n123456789\n"), () => undefined)).toThrow(
      "a line is longer than 8 bytes",
    );
  });

  it("joins a line of a thousand chunks without copying it a thousand times", () => {
    const splitter = new LineSplitter();
    const chunk = Buffer.alloc(64 * 1024, "x");
    let bytes = 0;

    for (let i = 0; i < 1000; i++) splitter.push(chunk, () => expect.unreachable());
    splitter.push(Buffer.from("\n"), (_, start, end) => {
      bytes = end - start;
    });

    expect(bytes).toBe(64_000 * 1024);
  });
});

describe("telling whether a line is UTF-8", () => {
  const good = Buffer.from("é🙂\n");
  const bad = Buffer.from([0x61, 0xe9, 0x0a]);

  it("marks exactly the lines that are not, wherever the chunks are cut", () => {
    const bytes = Buffer.concat([good, bad, good, bad, Buffer.from([0xf0, 0x9f])]);
    const expected = [true, false, true, false, false];

    for (let i = 0; i <= bytes.length; i++) {
      for (let j = i; j <= bytes.length; j++) {
        const splitter = new LineSplitter();
        const marks: boolean[] = [];
        const mark = () => marks.push(splitter.lineIsUtf8);
        for (const part of [bytes.subarray(0, i), bytes.subarray(i, j), bytes.subarray(j)])
          splitter.push(part, mark);
        splitter.end(mark);

        expect([i, j, marks]).toEqual([i, j, expected]);
      }
    }
  });
});

async function packageLines(bytes: Buffer, cuts: readonly number[]): Promise<unknown[]> {
  const values: unknown[] = [];
  const parser = ndjson.parse();
  parser.on("data", (value: unknown) => values.push(value));
  const edges = [0, ...cuts, bytes.length];
  for (let i = 1; i < edges.length; i++) parser.write(bytes.subarray(edges[i - 1], edges[i]));
  parser.end();
  await once(parser, "end");
  return values;
}
