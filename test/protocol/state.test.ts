import { describe, expect, it } from "vitest";
import { editState, readStateLine, type StateEdits } from "../../protocol/state.ts";

const read = (text: string) => {
  // A line sits somewhere inside a chunk, so offsets must not be taken from its beginning.
  const bytes = Buffer.from(`before\n${text}\nafter`);
  const start = "before\n".length;
  return readStateLine(bytes, start, bytes.length - "\nafter".length);
};
const edit = (text: string, edits: StateEdits) => String(editState(read(text)!, edits));

/** Duplicate keys, numbers no double holds, escapes, odd spacing: a blob that must not be re-spelled. */
const BLOB =
  '{"n":9007199254740993, "n":1e400,"t":"\\u00e9\\/\\ud83d" ,"x":-0,"2":[],"1":{},"__proto__":1.10}';

const CANONICAL = `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"s","namespace":"n"},"stream_state":${BLOB}},"sourceStats":{"recordCount":12}}}`;

describe("reading a STATE line", () => {
  it("finds the stream, its blob and the count of a canonical line", () => {
    const state = read(CANONICAL)!;

    expect(state.type).toBe("STREAM");
    expect(state.streams.map((part) => part.stream)).toEqual([{ name: "s", namespace: "n" }]);
    expect(String(state.streams[0]!.blob)).toBe(BLOB);
    expect(state.sourceRecordCount).toBe(12);
    expect(state.id).toBeUndefined();
    expect(state.destinationRecordCount).toBeUndefined();
  });

  it("finds the same in any key order, with spaces and with every unset field dumped as null", () => {
    const state = read(
      `  { "log":null, "state" : {"id":7,"global":null,"data":null,"destinationStats":{"recordCount":3.0},` +
        `"sourceStats":{"x":{},"recordCount":25.0},"stream":{"stream_state":${BLOB},` +
        `"stream_descriptor":{"namespace":null,"name":"a\\"b"}},"type":"STREAM"}, "record":null,"type":"STATE" }\r`,
    )!;

    expect(state.type).toBe("STREAM");
    expect(state.streams[0]!.stream).toEqual({ name: 'a"b' });
    expect(String(state.streams[0]!.blob)).toBe(BLOB);
    expect([state.id, state.sourceRecordCount, state.destinationRecordCount]).toEqual([7, 25, 3]);
  });

  it("finds every stream of a GLOBAL state and the shared blob", () => {
    const state = read(
      `{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":${BLOB},"stream_states":[` +
        `{"stream_descriptor":{"name":"a"},"stream_state":{"k":1}},` +
        `{"stream_state":null,"stream_descriptor":{"name":"b","namespace":"n"}}]}}}`,
    )!;

    expect(state.type).toBe("GLOBAL");
    expect(String(state.shared)).toBe(BLOB);
    expect(state.streams.map((part) => [part.stream, part.blob && String(part.blob)])).toEqual([
      [{ name: "a" }, '{"k":1}'],
      [{ name: "b", namespace: "n" }, undefined],
    ]);
  });

  it.each([
    ["no type", `{"type":"STATE","state":{"data":${BLOB}}}`],
    ["a null type", `{"type":"STATE","state":{"type":null,"data":${BLOB}}}`],
    ["the type LEGACY", `{"type":"STATE","state":{"type":"LEGACY","data":${BLOB}}}`],
    ["a stream beside the data", `{"type":"STATE","state":{"stream":{},"data":${BLOB}}}`],
  ])("takes a state with %s for LEGACY", (_, line) => {
    const state = read(line)!;

    expect(state.type).toBe("LEGACY");
    expect(state.streams).toEqual([]);
    expect(String(state.data)).toBe(BLOB);
  });

  it("takes null for a blob as the wish to erase it", () => {
    const legacy = read('{"type":"STATE","state":{"data":null}}')!;
    const global = read(
      '{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":null,"stream_states":[]}}}',
    )!;

    expect([legacy.type, legacy.data]).toEqual(["LEGACY", undefined]);
    expect([global.type, global.shared]).toEqual(["GLOBAL", undefined]);
  });

  it("counts the last of two equal keys, as JSON.parse does", () => {
    const state = read(
      '{"type":"LOG","type":"STATE","state":1,"state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"x","name":"y"},"stream_state":{"a":1},"stream_state":{"a":2}}}}',
    )!;

    expect(state.streams[0]!.stream.name).toBe("y");
    expect(String(state.streams[0]!.blob)).toBe('{"a":2}');
  });

  it("reads keys spelled with escapes", () => {
    const state = read(
      '{"\\u0074ype":"\\u0053TATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"s"},"stream_\\u0073tate":{}}}}',
    )!;

    expect(String(state.streams[0]!.blob)).toBe("{}");
  });

  it.each([
    "",
    "{}",
    "null",
    "[1]",
    "STATE",
    '{"type":"LOG","log":{}}',
    '{"type":"STATE","state":{}',
  ])("leaves %j to others", (line) => {
    expect(read(line)).toBeUndefined();
  });

  it.each([
    ['{"type":"STATE"}', "state: expected an object"],
    ['{"type":"STATE","state":null}', "state: expected an object"],
    ['{"type":"STATE","state":{}}', "state.type: expected STREAM, GLOBAL or LEGACY"],
    ['{"type":"STATE","state":{"type":"OTHER"}}', "state.type: expected STREAM, GLOBAL or LEGACY"],
    ['{"type":"STATE","state":{"type":"STREAM"}}', "state.stream: expected an object"],
    [
      '{"type":"STATE","state":{"type":"STREAM","stream":{}}}',
      "state.stream.stream_descriptor: expected an object",
    ],
    [
      '{"type":"STATE","state":{"type":"GLOBAL","global":{"stream_states":[{"stream_descriptor":{"name":"a"}},{"stream_descriptor":{"name":1}}]}}}',
      "state.global.stream_states[1].stream_descriptor.name: expected a string",
    ],
    [
      '{"type":"STATE","state":{"type":"GLOBAL","global":{"stream_states":{}}}}',
      "state.global.stream_states: expected an array",
    ],
  ])("says what is missing in %s", (line, problem) => {
    expect(() => read(line)).toThrow(
      expect.objectContaining({
        code: "protocol.bad_message",
        message: `a STATE is broken: ${problem}`,
      }) as Error,
    );
  });
});

describe("editing a STATE line", () => {
  it.each([
    ["where there is none", "", `,"sourceStats":{"recordCount":7}`],
    ["in place of null", `,"sourceStats":null`, `,"sourceStats":{"recordCount":7}`],
    ["in empty stats", `,"sourceStats":{ }`, `,"sourceStats":{"recordCount":7}`],
    [
      "in place of the old one",
      `,"sourceStats":{"x": 1.0,"recordCount":12.0,"y":2}`,
      `,"sourceStats":{"x": 1.0,"recordCount":7,"y":2}`,
    ],
    ["beside others", `,"sourceStats":{"x": 1.0}`, `,"sourceStats":{"recordCount":7,"x": 1.0}`],
  ])("sets the source's count %s", (_, before, after) => {
    const line = (stats: string, id = "") =>
      `{"type":"STATE","state":{${id}"type":"LEGACY","data":{"a": 1.0}${stats}}}`;

    expect(edit(line(before), { sourceRecordCount: 7 })).toBe(`${line(after)}\n`);
    expect(edit(line(before), { id: 3, sourceRecordCount: 7 })).toBe(`${line(after, '"id":3,')}\n`);
  });

  it("adds the id first and the destination's count last, and changes nothing else", () => {
    const sent = edit(CANONICAL, { id: 3 });
    const echoed = edit(sent.trimEnd(), { destinationStats: { recordCount: 12 } });

    expect(sent).toBe(`${CANONICAL.replace('"state":{', '"state":{"id":3,')}\n`);
    expect(echoed).toBe(sent.replace(/\}\}\n$/, ',"destinationStats":{"recordCount":12}}}\n'));
  });

  it("replaces an id and counts that are there, null included", () => {
    const line =
      '{"type":"STATE","state":{ "id" : null,"destinationStats":{"recordCount":1.0},"data":{"id":5}}}';

    expect(edit(line, { id: 9, destinationStats: { recordCount: 2 } })).toBe(
      '{"type":"STATE","state":{ "id" : 9,"destinationStats":{"recordCount":2},"data":{"id":5}}}\n',
    );
  });

  it("renames the streams of STREAM and GLOBAL, back and forth, without touching a blob", () => {
    const line = `{"type":"STATE","state":{"type":"GLOBAL","global":{"stream_states":[{"stream_descriptor":{"x":1,"namespace":"n","name":"a"},"stream_state":${BLOB}},{"stream_state":${BLOB},"stream_descriptor":{"name":"b"}}],"shared_state":${BLOB}}}}`;
    const there = edit(line, {
      rename: ({ name }) => ({ name: `p_${name}`, namespace: 'to"' }),
    });
    const back = edit(there.trimEnd(), {
      rename: ({ name }) => ({ name: name.slice(2), namespace: name === "p_a" ? "n" : null }),
    });

    expect(there).toBe(
      `${line
        .replace('"namespace":"n","name":"a"', '"namespace":"to\\"","name":"p_a"')
        .replace('"name":"b"', '"name":"p_b","namespace":"to\\""')}\n`,
    );
    expect(back).toBe(`${line.replace('"name":"b"', '"name":"b","namespace":null')}\n`);
  });

  it("erases the states of streams of a GLOBAL, and leaves every other byte", () => {
    const global = (a: string, b: string) =>
      `{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":${BLOB},"stream_states":[` +
      `{"stream_descriptor":{"name":"a"},"stream_state":${a}},` +
      `{"stream_state":${b} ,"stream_descriptor":{"name":"b","namespace":"n"}},` +
      `{"stream_descriptor":{"name":"b"}}]}}}`;

    const erased = edit(global('{"k":1}', BLOB), { erase: ({ name }) => name === "b" });

    expect(erased).toBe(`${global('{"k":1}', "null")}\n`);
  });

  it("leaves the spelling of a name that stays", () => {
    const line =
      '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"\\u0073","namespace":""}}}}';

    expect(edit(line, { rename: ({ name }) => ({ name }) })).toBe(`${line}\n`);
  });
});
