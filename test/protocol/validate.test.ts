import { describe, expect, it } from "vitest";
import { parseCatalog, parseConfiguredCatalog } from "../../protocol/validate.ts";

const ORDERS = {
  name: "orders",
  namespace: "public",
  json_schema: {
    type: "object",
    properties: { id: { type: "integer" }, updated_at: { type: "string" }, o: { properties: {} } },
  },
  supported_sync_modes: ["full_refresh", "incremental"],
};

/** A good configured stream with `changes`. */
const configured = (changes: object = {}, stream: object = {}) => ({
  stream: { ...ORDERS, ...stream },
  sync_mode: "incremental",
  destination_sync_mode: "append_dedup",
  cursor_field: ["updated_at"],
  primary_key: [["id"]],
  ...changes,
});

const problemsOf = (...streams: unknown[]): string => {
  try {
    parseConfiguredCatalog({ streams });
  } catch (error) {
    expect(error).toMatchObject({ code: "catalog.invalid", kind: "config_error" });
    return (error as Error).message.replace("the configured catalog is not valid: ", "");
  }
  return "";
};

describe("a configured catalog", () => {
  it("is read from text, bytes or parsed JSON, unknown fields kept and nulls dropped", () => {
    const catalog = {
      x: 1,
      streams: [
        configured(
          { generation_id: 4, minimum_generation_id: 4, sync_id: null, y: 2, mappers: [] },
          { z: 3, namespace: null, default_cursor_field: null },
        ) as Record<string, unknown> & { stream: Record<string, unknown> },
      ],
    };
    const { namespace: _, default_cursor_field: __, ...stream } = catalog.streams[0]!.stream;
    const { sync_id: ___, ...rest } = catalog.streams[0]!;
    const expected = { x: 1, streams: [{ ...rest, stream }] };

    for (const form of [
      catalog,
      JSON.stringify(catalog),
      Buffer.from(`\ufeff${JSON.stringify(catalog, undefined, 2)}`),
    ])
      expect(parseConfiguredCatalog(form)).toEqual(expected);
  });

  it.each([
    ["the source decides the cursor", { cursor_field: [] }, { source_defined_cursor: true }],
    ["the source suggests a cursor", { cursor_field: [] }, { default_cursor_field: ["id"] }],
    ["the source has the key", { primary_key: null }, { source_defined_primary_key: [["id"]] }],
    ["the schema does not tell its fields", { cursor_field: ["x"] }, { json_schema: {} }],
    ["the cursor is inside an object", { cursor_field: ["id", "x"] }, {}],
    ["the destination's mode is unknown", { destination_sync_mode: "soft_delete_v2" }, {}],
    ["the stream has a mode of the future", {}, { supported_sync_modes: ["incremental", "cdc"] }],
    ["all generations are kept", { generation_id: 7, minimum_generation_id: 0 }, {}],
  ])("is good when %s", (_, changes, stream) => {
    expect(problemsOf(configured(changes, stream))).toBe("");
  });

  it.each<[object, object, string]>([
    [{ cursor_field: [] }, {}, "cursor_field: is required to read public.orders incrementally"],
    [
      { cursor_field: ["updatd_at"] },
      {},
      'cursor_field: no field "updatd_at" in public.orders (did you mean updated_at?)',
    ],
    [{ cursor_field: ["o", "x"] }, {}, 'cursor_field: no field "x" in public.orders'],
    [{ cursor_field: ["__proto__"] }, {}, 'cursor_field: no field "__proto__" in public.orders'],
    [{ primary_key: [] }, {}, "primary_key: is required to keep one row per key of public.orders"],
    [{ primary_key: [["id"], ["x"]] }, {}, 'primary_key[1]: no field "x" in public.orders'],
    [{ primary_key: [[]] }, {}, "primary_key[0]: a path without a name in public.orders"],
    [{ primary_key: [[""]] }, {}, "primary_key[0]: a field without a name in public.orders"],
    [{}, { name: "" }, "stream.name: must not be empty"],
    [
      {},
      { supported_sync_modes: ["full_refresh"] },
      "sync_mode: public.orders can only be read as full_refresh",
    ],
    [
      { generation_id: 3, minimum_generation_id: 2 },
      {},
      "minimum_generation_id: must be 0 (keep all generations) or equal generation_id (keep this one only)",
    ],
    [{ cursor_field: "updated_at" }, {}, 'cursor_field: expected an array such as ["id"] or null'],
    [{ primary_key: ["id"] }, {}, 'primary_key[0]: expected an array such as ["id"]'],
    [{ primary_key: "id" }, {}, 'primary_key: expected an array such as [["id"]] or null'],
    [
      { sync_mode: "INCREMENTAL" },
      {},
      'sync_mode: expected "full_refresh" or "incremental" (did you mean incremental?)',
    ],
    [{ sync_mode: undefined }, {}, "sync_mode: is required"],
    [{ generation_id: 1.5 }, {}, "generation_id: expected an integer or null"],
    [{}, { json_schema: "{}" }, "stream.json_schema: expected an object"],
  ])("with %j is refused", (changes, stream, problem) => {
    const good = configured({}, { name: "good" });
    const bad = JSON.parse(JSON.stringify(configured(changes, stream))) as object;

    expect(problemsOf(good, bad)).toBe(`streams[1].${problem}`);
  });

  it("is left to the destination where keys and generations are in question", () => {
    const given = { streams: [configured({ primary_key: [], minimum_generation_id: 2 })] };
    const key = { streams: [configured({ primary_key: [["x"]] })] };
    const cursor = { streams: [configured({ cursor_field: [] })] };

    for (const catalog of [given, key]) {
      expect(() => parseConfiguredCatalog(catalog)).toThrow(/primary_key/);
      expect(parseConfiguredCatalog(catalog, "source").streams).toHaveLength(1);
    }
    expect(() => parseConfiguredCatalog(cursor, "source")).toThrow(/cursor_field/);
  });

  it("tells all problems at once", () => {
    const message = problemsOf(
      configured(),
      configured({ primary_key: [], cursor_field: [] }),
      configured({}, { name: "other", namespace: "" }),
      configured({}, { name: "other", namespace: null }),
    );

    expect(message.split("; ")).toEqual([
      "streams[1].stream: public.orders is streams[0] already",
      "streams[1].cursor_field: is required to read public.orders incrementally",
      "streams[1].primary_key: is required to keep one row per key of public.orders",
      "streams[3].stream: other is streams[2] already",
    ]);
    expect(problemsOf({}, { stream: { name: 5 } }).split("; ")).toEqual([
      "streams[0].stream: is required",
      "streams[0].sync_mode: is required",
      "streams[0].destination_sync_mode: is required",
      "streams[1].sync_mode: is required",
      "streams[1].destination_sync_mode: is required",
      "streams[1].stream.json_schema: is required",
      "streams[1].stream.supported_sync_modes: is required",
      "streams[1].stream.name: expected a string (put it in quotes)",
    ]);
  });

  it("tells two streams apart whose names only look alike when joined", () => {
    expect(
      problemsOf(
        configured({}, { namespace: "a.b", name: "c" }),
        configured({}, { namespace: "a", name: "b.c" }),
        configured({}, { namespace: "a", name: "constructor" }),
        configured({}, { namespace: "a", name: "__proto__" }),
      ),
    ).toBe("");
  });

  it.each([
    ["", "the configured catalog is empty"],
    ["{}", "the configured catalog is not valid: streams: is required"],
    ["[]", "the configured catalog is not valid: expected an object"],
    ['{"streams":\n [1,}', "the configured catalog is not JSON: line 2, column 5"],
    ['{"streams":[', "the configured catalog is not JSON: it ends too early"],
    [Buffer.from([0xff, 0xfe]), "the configured catalog is not UTF-8 text"],
  ])("given as %j is refused", (text, message) => {
    expect(() => parseConfiguredCatalog(text)).toThrow(
      expect.objectContaining({ code: "catalog.invalid", message }) as Error,
    );
  });
});

describe("a discovered catalog", () => {
  it("is checked for its shape only", () => {
    const catalog = { streams: [{ ...ORDERS, namespace: null, more: 1 }, { ...ORDERS }] };

    const { streams } = parseCatalog(JSON.stringify(catalog));

    expect(streams).toEqual([{ ...ORDERS, namespace: undefined, more: 1 }, ORDERS]);
    expect(() => parseCatalog({ streams: [{ name: 1 }] })).toThrow(
      "the catalog is not valid: streams[0].json_schema: is required; " +
        "streams[0].supported_sync_modes: is required; streams[0].name: expected a string",
    );
  });
});
