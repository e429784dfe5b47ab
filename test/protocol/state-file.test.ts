import { describe, expect, it } from "vitest";
import { formatStateFile, readStateFile } from "../../protocol/state-file.ts";

const BLOB = '{"n":9007199254740993, "n":1e400,"t":"\\u00e9\\ud83d"}';
const STREAM_A = `{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":"n"},"stream_state":${BLOB}}}`;
const STREAM_B = `{"type":"STREAM","stream":{"stream_descriptor":{"name":"b"},"stream_state":{"b":2}}}`;
const GLOBAL = `{"type":"GLOBAL","global":{"shared_state":${BLOB},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":{"a":1}}]}}`;
const message = (body: string) => `{"type":"STATE","state":${body}}`;

/** The state as plain text values. */
function read(text: string) {
  const { kind, streams, shared, data } = readStateFile(Buffer.from(text));
  return {
    kind,
    streams: [...streams.values()].map(({ stream, blob }) => [stream, String(blob)]),
    shared: shared && String(shared),
    data: data && String(data),
  };
}

const NOTHING = { kind: "NONE", streams: [], shared: undefined, data: undefined };
const A = [{ name: "a", namespace: "n" }, BLOB];
const B = [{ name: "b" }, '{"b":2}'];

describe("reading a state file", () => {
  it.each(["[]", "{}", " [ ]\n", "null", "\ufeff[]"])("takes %j for no state", (text) => {
    expect(read(text)).toEqual(NOTHING);
  });

  it("takes a missing file for no state", () => {
    expect(readStateFile(undefined).kind).toBe("NONE");
  });

  it("reads the array a platform gives", () => {
    expect(read(`[${STREAM_A},\n ${STREAM_B}]`)).toEqual({
      ...NOTHING,
      kind: "STREAM",
      streams: [A, B],
    });
    expect(read(`[${GLOBAL}]`)).toEqual({
      ...NOTHING,
      kind: "GLOBAL",
      streams: [[{ name: "a" }, '{"a":1}']],
      shared: BLOB,
    });
  });

  it("reads the bare blob of an old source, byte for byte", () => {
    expect(read(` ${BLOB}\n`)).toEqual({ ...NOTHING, kind: "LEGACY", data: BLOB });
    expect(read(`[{"type":"LEGACY","data":${BLOB}}]`)).toEqual({
      ...NOTHING,
      kind: "LEGACY",
      data: BLOB,
    });
  });

  it.each([
    `[${BLOB}]`,
    `[{"data":${BLOB}}]`,
    `[{"sourceStats":{"recordCount":1},"data":${BLOB}}]`,
  ])("reads an old source's blob without a type inside an array: %s", (text) => {
    expect(read(text)).toEqual({ ...NOTHING, kind: "LEGACY", data: BLOB });
  });

  it.each(["[{}]", '[{"data":null}]'])("takes %s for no state", (text) => {
    expect(read(text)).toEqual(NOTHING);
  });

  it("reads what a destination printed: the last STATE of each stream, noise and logs passed over", () => {
    const file = [
      "connecting…",
      '{"type":"LOG","log":{"level":"INFO","message":"hello"}}',
      message(STREAM_A.replace(BLOB, '{"old":1}')),
      message(STREAM_B),
      "",
      message(STREAM_A),
    ].join("\n");

    expect(read(file)).toEqual({ ...NOTHING, kind: "STREAM", streams: [A, B] });
    expect(read(message(STREAM_B))).toMatchObject({ kind: "STREAM", streams: [B] });
    expect(read(`${message(GLOBAL)}\r\n${message(GLOBAL)}\r\n`).shared).toBe(BLOB);
  });

  it("reads an array of whole messages and a lone body too", () => {
    expect(read(`[${message(STREAM_A)},${message(STREAM_B)}]`).streams).toEqual([A, B]);
    expect(read(STREAM_B).streams).toEqual([B]);
  });

  it("forgets a stream whose last state is null", () => {
    const erased = STREAM_A.replace(BLOB, "null");

    expect(read(`${message(STREAM_A)}\n${message(STREAM_B)}\n${message(erased)}`).streams).toEqual([
      B,
    ]);
    expect(read(`[${erased}]`)).toEqual(NOTHING);
  });

  it.each([
    ["", "it is empty"],
    [" \n", "it is empty"],
    ["hello", "it holds no STATE"],
    ["5", "expected an array or an object"],
    ['{"type":"LOG","log":{"level":"INFO","message":"x"}}', "it holds no STATE"],
    [`[${STREAM_A},5]`, "[1]: expected a STREAM or GLOBAL state"],
    [`[${STREAM_A},{"x":1}]`, "[1]: expected a STREAM or GLOBAL state"],
    [`[${BLOB},${BLOB}]`, "[0]: expected a STREAM or GLOBAL state"],
    [
      '[{"stream_descriptor":{"name":"a"},"stream_state":{}}]',
      "[0]: expected a STREAM or GLOBAL state",
    ],
    [`[${STREAM_A},${GLOBAL}]`, "[1]: it is GLOBAL, but [0] is STREAM"],
    [`[${GLOBAL},${GLOBAL}]`, "[1]: a second GLOBAL state after [0]"],
    [`[${STREAM_A},${STREAM_A}]`, "[1]: a second state of the stream n.a"],
    [`${message(STREAM_A)}\n${message(GLOBAL)}`, "line 2: it is GLOBAL, but line 1 is STREAM"],
    [
      '[{"type":"STREAM","stream":{"stream_descriptor":{"namespace":"n"}}}]',
      "[0].stream.stream_descriptor.name: expected a string",
    ],
    [`${message(STREAM_A)}\n{"type":"STATE"`, "line 2: it is cut short or not JSON"],
    [`${message(STREAM_A)}\n{"x":1}`, "line 2: expected a message"],
  ])("refuses %j", (text, problem) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: "state.invalid",
        message: `the state file cannot be used: ${problem}`,
      }) as Error,
    );
  });

  it.each([`[${STREAM_A},${STREAM_B}]`, `[${GLOBAL}]`, message(STREAM_A)])(
    "refuses a file cut at any byte: %s",
    (text) => {
      const file = Buffer.from(text);

      for (let length = 0; length < file.length; length++)
        expect(() => readStateFile(file.subarray(0, length))).toThrow(/cannot be used/);
    },
  );

  it("refuses what is not UTF-8", () => {
    expect(() => readStateFile(Buffer.from("[]", "utf16le"))).toThrow(/cannot be used/);
    expect(() => readStateFile(Buffer.from([0xff, 0xfe, 0x5b]))).toThrow(/not UTF-8/);
  });
});

describe("writing a state file", () => {
  it.each([`[${STREAM_A},${STREAM_B}]`, `[${GLOBAL}]`, BLOB, "[]"])(
    "gives back what was read: %s",
    (text) => {
      const written = formatStateFile(readStateFile(Buffer.from(text)));

      expect(read(String(written))).toEqual(read(text));
      expect(() => JSON.parse(String(written)) as unknown).not.toThrow();
    },
  );
});
