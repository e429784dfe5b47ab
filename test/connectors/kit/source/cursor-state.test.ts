import { describe, expect, it } from "vitest";
import {
  printCursorState,
  readCursorState,
} from "../../../../connectors/kit/source/cursor-state.ts";

const read = (blob: unknown) =>
  readCursorState(Buffer.from(typeof blob === "string" ? blob : JSON.stringify(blob)));

describe("the state of a stream that follows a cursor", () => {
  it.for([
    { field: "id", cursor: "42", recordCount: 3 },
    { field: "id", cursor: "42", recordCount: undefined },
    { field: "id", cursor: undefined, recordCount: undefined },
  ])("reads what it printed: %o", (state) => {
    const blob = printCursorState({ name: "t", namespace: "n" }, state);

    expect(blob).toMatchObject({ version: 2, stream_name: "t", stream_namespace: "n" });
    expect(read(blob)).toEqual(state);
  });

  it("keeps every digit of a number in Airbyte's version 3, and the text of a string", () => {
    expect(read('{"version":3,"cursors":{"id": 12345678901234567890.10}}')).toEqual({
      field: "id",
      cursor: "12345678901234567890.10",
    });
    expect(read({ version: 3, cursors: { name: 'a"b' } })).toEqual({
      field: "name",
      cursor: 'a"b',
    });
  });

  it("takes a state that tells no cursor for none", () => {
    expect(read({ version: 3, cursors: {} })).toBeUndefined();
    expect(read({ version: 3, cursors: { id: null } })).toBeUndefined();
    expect(read({ state_type: "xmin" })).toBeUndefined();
    expect(read({ cursor_field: [], cursor: null })).toEqual({
      field: undefined,
      cursor: undefined,
      recordCount: undefined,
    });
  });

  it("reads a cursor field that is a word", () => {
    expect(read({ cursor_field: "id", cursor: "1" })).toMatchObject({ field: "id", cursor: "1" });
  });
});
