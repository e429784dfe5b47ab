import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MALFORMED, skipValue } from "../../protocol/json-scan.ts";
import { RECORD_TAIL, recordHead, RecordReader, renameRecord } from "../../protocol/record-line.ts";

const BLOB = '{"n":9007199254740993, "n":1e400,"t":"}}\\"" ,"data":{"stream":"no"}}';

/** Reads the line as a consumer does: the fast path where it is offered, the slow one else. */
function read(reader: RecordReader, text: string) {
  const bytes = Buffer.from(`x\n${text}\ny`);
  const start = 2;
  const end = bytes.length - 2;
  if (!reader.read(bytes, start, end)) return undefined;
  const isFast = reader.dataEnd === -1;
  if (isFast) {
    const dataEnd = skipValue(bytes, reader.dataStart, end);
    if (dataEnd === MALFORMED || !reader.finish(bytes, dataEnd, end))
      reader.locateData(bytes, start, end);
  }
  return {
    isFast,
    stream: reader.stream,
    emittedAt: reader.emittedAt,
    data: bytes.toString("utf8", reader.dataStart, reader.dataEnd),
    meta:
      reader.metaStart === -1
        ? undefined
        : bytes.toString("utf8", reader.metaStart, reader.metaEnd),
  };
}

const canonical = (stream: { name: string; namespace?: string }, data: string, emittedAt = 1) =>
  `${String(recordHead(stream, emittedAt))}${data}${String(RECORD_TAIL).trimEnd()}`;

describe("reading RECORD lines", () => {
  it("reads a canonical line on the fast path", () => {
    const line = canonical({ name: "s", namespace: "n" }, BLOB, 1767225600000);

    expect(line).toBe(
      `{"type":"RECORD","record":{"stream":"s","namespace":"n","emitted_at":1767225600000,"data":${BLOB}}}`,
    );
    expect(read(new RecordReader(), line)).toEqual({
      isFast: true,
      stream: { name: "s", namespace: "n" },
      emittedAt: 1767225600000,
      data: BLOB,
      meta: undefined,
    });
  });

  it("hands out one object for lines with the same head, and another for another head", () => {
    const reader = new RecordReader();
    const first = read(reader, canonical({ name: "s" }, "{}"))!.stream;
    const same = read(reader, canonical({ name: "s" }, '{"a":1}'))!.stream;
    const later = read(reader, canonical({ name: "s" }, "{}", 2))!.stream;

    expect(same).toBe(first);
    expect(later).not.toBe(first);
    expect(later).toEqual(first);
  });

  it.each([
    ["data first", `{"type":"RECORD","record":{"data":${BLOB},"stream":"s","emitted_at":7}}`],
    [
      "as Python orders it",
      `{"type":"RECORD","record":{"stream":"s","data":${BLOB},"emitted_at":7}}`,
    ],
    ["the type last", `{"record":{"stream":"s","data":${BLOB},"emitted_at":7},"type":"RECORD"}`],
    [
      "spaces everywhere",
      ` { "type" : "RECORD" , "record" : { "stream" : "s" , "data" : ${BLOB} , "emitted_at" : 7 } } \r`,
    ],
    [
      "unset fields as null",
      `{"type":"RECORD","log":null,"record":{"namespace":null,"stream":"s","data":${BLOB},"emitted_at":7,"meta":null},"state":null}`,
    ],
    [
      "escaped keys and words",
      `{"\\u0074ype":"\\u0052ECORD","r\\u0065cord":{"\\u0073tream":"\\u0073","d\\u0061ta":${BLOB},"emitted\\u005fat":7.0}}`,
    ],
    [
      "duplicate keys, the last counting",
      `{"type":"LOG","type":"RECORD","record":{},"record":{"stream":1,"stream":"s","data":[],"data":${BLOB},"emitted_at":"x","emitted_at":7}}`,
    ],
  ])("reads the same from a line with %s", (_, line) => {
    expect(read(new RecordReader(), line)).toEqual({
      isFast: false,
      stream: { name: "s" },
      emittedAt: 7,
      data: BLOB,
      meta: undefined,
    });
  });

  it("finds meta before, between and after", () => {
    const meta = '{"changes":[{"field":"a","change":"NULLED","reason":"R"}]}';
    const parts = ['"stream":"s"', '"emitted_at":1', `"data":${BLOB}`, `"meta":${meta}`];
    for (const first of parts)
      for (const second of parts)
        for (const third of parts) {
          const order = [...new Set([first, second, third, ...parts])];
          const line = `{"type":"RECORD","record":{${order.join(",")}}}`;
          expect(read(new RecordReader(), line)).toMatchObject({ data: BLOB, meta });
          expect(read(warm(), line)).toMatchObject({ data: BLOB, meta, stream: { name: "s" } });
        }
  });

  it("does not take a stream for another whose name begins alike", () => {
    const reader = new RecordReader();
    const names = ["s", "s2", 's","emitted_at":1,"data":{', "S", "s\u0301", "\u015b", ""];
    for (const name of [...names, ...names])
      for (const namespace of [undefined, "n", "n.s"]) {
        const stream = namespace === undefined ? { name } : { name, namespace };
        expect(read(reader, canonical(stream, "{}"))).toMatchObject({ isFast: true, stream });
      }
  });

  it("keeps unknown keys of a head out of the way, changing or not", () => {
    const reader = new RecordReader();
    const line = (partition: string) =>
      `{"type":"RECORD","record":{"stream":"s","partition_id":${partition},"emitted_at":1,"data":{}}}`;

    expect(read(reader, line('"a"'))).toMatchObject({ isFast: true, stream: { name: "s" } });
    expect(read(reader, line('"b"'))).toMatchObject({ isFast: true, stream: { name: "s" } });
    expect(read(reader, line('{"data":{}}'))).toMatchObject({ isFast: true, data: "{}" });
  });

  it("reads any stream, data and time that JSON can spell, in any order, like JSON.parse", () => {
    const reader = new RecordReader();
    const text = fc.string({ unit: "binary", maxLength: 8 });
    fc.assert(
      fc.property(
        text,
        fc.option(text),
        fc.nat(),
        fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        fc.boolean(),
        (stream, namespace, emittedAt, data, order, isSpaced) => {
          const fields: [string, unknown][] = [
            ["stream", stream],
            ["namespace", namespace],
            ["emitted_at", emittedAt],
            ["data", data],
            ["extra", { data: {} }],
          ];
          const record = Object.fromEntries(order.map((index) => fields[index]!));
          const line = JSON.stringify({ type: "RECORD", record }, undefined, isSpaced ? "\t" : "");

          const result = read(reader, line)!;

          expect(result.stream).toEqual(
            namespace === null ? { name: stream } : { name: stream, namespace },
          );
          expect(result.emittedAt).toBe(emittedAt);
          expect(JSON.parse(result.data)).toEqual(JSON.parse(JSON.stringify(data)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    "",
    "hello",
    "[]",
    "null",
    '{"type":"STATE","state":{"record":{}}}',
    '{"type":"RECORDS","record":{"stream":"s","emitted_at":1,"data":{}}}',
    '{"type":["RECORD"],"record":{"stream":"s","emitted_at":1,"data":{}}}',
    '{"record":{"stream":"s","emitted_at":1,"data":{}}}',
    '{"type":"LOG","log":{"message":"{\\"type\\":\\"RECORD\\""}}',
    '{"record":{"stream":"s","emitted_at":1,"data":{}},"type":"RECORD"',
    '{"record":{"stream":"s","emitted_at":1,"data":{}},"type":"RECORD"}}',
    '{"record":{"stream":"s","emitted_at":1,"data":{}},"type":"RECORD"}{"type":"LOG"}',
  ])("leaves %j to others", (line) => {
    expect(read(new RecordReader(), line)).toBeUndefined();
  });

  it.each([
    ['{"type":"RECORD"}', "`record` is not an object"],
    ['{"type":"RECORD","record":null}', "`record` is not an object"],
    ['{"type":"RECORD","record":{"emitted_at":1,"data":{}}}', "`record.stream` is not a string"],
    [
      '{"type":"RECORD","record":{"stream":"s","namespace":1,"emitted_at":1,"data":{}}}',
      "`record.namespace` is not a string",
    ],
    [
      '{"type":"RECORD","record":{"stream":"s","emitted_at":"1","data":{}}}',
      "`record.emitted_at` is not a number",
    ],
    ['{"type":"RECORD","record":{"stream":"s","emitted_at":1}}', "`record.data` is not an object"],
    [
      '{"type":"RECORD","record":{"stream":"s","emitted_at":1,"data":[]}}',
      "`record.data` is not an object",
    ],
    [
      '{"type":"RECORD","record":{"stream":"s","emitted_at":1,"data":{},"data":null}}',
      "`record.data` is not an object",
    ],
  ])("says what is wrong with %s", (line, problem) => {
    for (const reader of [new RecordReader(), warm()])
      expect(() => read(reader, line)).toThrow(
        expect.objectContaining({
          code: "protocol.bad_message",
          message: `a RECORD cannot be read: ${problem}`,
        }) as Error,
      );
  });

  it("refuses a canonical line cut at any byte, whatever was read before", () => {
    const line = canonical({ name: "s" }, BLOB);
    for (let length = 0; length < line.length; length++)
      for (const reader of [new RecordReader(), warm()]) {
        const attempt = () => read(reader, line.slice(0, length)) ?? "not a record";
        let outcome: unknown;
        try {
          outcome = attempt();
        } catch {
          outcome = "not a record";
        }
        expect(outcome).toBe("not a record");
      }
  });

  it("refuses a second message on the line of a record", () => {
    const line = canonical({ name: "s" }, "{}");

    expect(() => read(warm(), line + line)).toThrow("not well-formed JSON");
  });
});

describe("renaming RECORD lines", () => {
  it.each([
    '{"type":"RECORD","record":{"stream":"s","emitted_at":1,"data":{"stream":"s"}}}',
    '{"record" : {"data": {"n": 1.50}, "stream": "s", "namespace": "n", "emitted_at": 1}, "type":"RECORD"}',
    String.raw`{"type":"RECORD","r\u0065cord":{"str\u0065am":"s","nam\u0065space":"n","emitted_at":1,"data":{}}}`,
  ])("gives %s another name, and leaves its data as it is", (line) => {
    const to = { name: 'a "new" one', namespace: "m" };
    const data = read(new RecordReader(), line)!.data;

    const renamed = String(renameRecord(Buffer.from(line), 0, Buffer.byteLength(line), to));

    expect(read(new RecordReader(), renamed.trimEnd())).toMatchObject({ stream: to, data });
    expect(renamed.endsWith("}\n")).toBe(true);
  });
});

/** A reader that knows the head of the stream `s`. */
function warm(): RecordReader {
  const reader = new RecordReader();
  read(reader, canonical({ name: "s" }, "{}"));
  return reader;
}
