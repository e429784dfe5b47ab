import { expect, it } from "vitest";
import { findStream, selectFields } from "../../../../connectors/kit/source/configured-stream.ts";
import type { ConfiguredStream } from "../../../../protocol/catalog.ts";

const configured = (name: string, properties?: object): ConfiguredStream => ({
  stream: {
    name,
    json_schema: properties === undefined ? {} : { properties: { ...properties } },
    supported_sync_modes: ["full_refresh"],
  },
  sync_mode: "full_refresh",
  destination_sync_mode: "append",
});

it("finds the stream that a configured one names, and suggests another for a slip", () => {
  const streams = [{ name: "people" }, { name: "people", namespace: "old" }];

  expect(findStream(configured("people"), streams)).toBe(streams[0]);
  expect(() => findStream(configured("peopel"), streams)).toThrow(
    "the source has no stream peopel (did you mean people?)",
  );
});

it("selects the configured fields in their order, and all where none are described", () => {
  expect(selectFields(configured("t", { c: {}, a: {} }), ["a", "b", "c"])).toEqual(["c", "a"]);
  expect(selectFields(configured("t", {}), ["a", "b"])).toEqual([]);
  expect(selectFields(configured("t"), ["a", "b"])).toEqual(["a", "b"]);
  expect(() => selectFields(configured("t", { a: {}, x: {}, y: {} }), ["a"])).toThrow(
    "the stream t has no fields x, y, which the configured catalog names",
  );
});
