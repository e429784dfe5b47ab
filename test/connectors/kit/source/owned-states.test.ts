import { describe, expect, it } from "vitest";
import type { ConfiguredCatalog } from "../../../../protocol/catalog.ts";
import { readStateFile } from "../../../../protocol/state-file.ts";
import { ownedStates } from "../../../../connectors/kit/source/owned-states.ts";
import { savedBlob } from "../../../../connectors/kit/source/saved-blob.ts";

type Name = readonly [name: string, namespace?: string | null];

const named = ([name, namespace]: Name) => ({
  name,
  ...(namespace !== undefined && { namespace }),
});

const catalogOf = (names: readonly Name[]): ConfiguredCatalog => ({
  streams: names.map((name) => ({
    stream: { ...named(name), json_schema: {}, supported_sync_modes: [] } as never,
    sync_mode: "incremental",
    destination_sync_mode: "append",
  })),
});

const streamStates = (names: readonly Name[]): string =>
  JSON.stringify(
    names.map((name) => ({
      type: "STREAM",
      stream: { stream_descriptor: named(name), stream_state: { of: name.join() } },
    })),
  );

/** The blob in which Airbyte's database sources once kept all streams. */
const legacyState = (names: readonly Name[]): string =>
  JSON.stringify({
    cdc: false,
    streams: names.map(([name, namespace]) => ({
      stream_name: name,
      stream_namespace: namespace ?? null,
      of: [name, namespace].join(),
    })),
  });

/** Which state each configured stream gets, in the order of the catalog. */
function owners(state: string, configured: readonly Name[]): (string | undefined)[] {
  const catalog = catalogOf(configured);
  const owned = ownedStates(readStateFile(Buffer.from(state)), catalog);
  return catalog.streams.map(({ stream }) => {
    const blob = savedBlob(owned, stream);
    return blob && (JSON.parse(String(blob)) as { of: string }).of;
  });
}

describe("the state of a stream", () => {
  it.each<[string, readonly Name[], readonly Name[], (string | undefined)[]]>([
    ["its own", [["t", "public"]], [["t", "public"]], ["t,public"]],
    ["one with a namespace of null", [["t", null]], [["t", "public"]], ["t,"]],
    ["one without a namespace", [["t"]], [["t", "public"]], ["t"]],
    [
      "its own before one without a namespace",
      [["t"], ["t", "public"]],
      [["t", "public"]],
      ["t,public"],
    ],
    [
      "what is left by its namesake",
      [
        ["t", null],
        ["t", "a"],
      ],
      [
        ["t", "a"],
        ["t", "b"],
      ],
      ["t,a", "t,"],
    ],
    ["not that of a namesake", [["t"]], [["t"], ["t", "public"]], ["t", undefined]],
    ["one with a namespace for a stream without", [["t", "public"]], [["t"]], ["t,public"]],
    ["none of another namespace", [["t", "a"]], [["t", "b"]], [undefined]],
  ])("is %s", (_, states, configured, expected) => {
    expect(owners(streamStates(states), configured)).toEqual(expected);
  });

  it("is found without a namespace in a state for all streams", () => {
    expect(owners(`[{"data":${legacyState([["t"]])}}]`, [["t", "public"]])).toEqual(["t,"]);
    expect(owners(`[${legacyState([["t", "public"]])}]`, [["t", "public"]])).toEqual(["t,public"]);
  });

  it.each([streamStates([["t", null]]), legacyState([["t"]])])(
    "is refused where it may be of two: %s",
    (state) => {
      expect(() =>
        owners(state, [
          ["t", "a"],
          ["t", "b"],
        ]),
      ).toThrow(
        expect.objectContaining({
          code: "state.invalid",
          message: "the state cannot be used: t has no namespace, and may be a.t or b.t",
        }) as Error,
      );
    },
  );

  it("is refused where two may be its", () => {
    expect(() =>
      owners(
        streamStates([
          ["t", "a"],
          ["t", "b"],
        ]),
        [["t"]],
      ),
    ).toThrow(/may be a\.t or b/);
  });
});

it("refuses an object that is no state for all streams, rather than begin anew", () => {
  const file = `{"version":1,"connection":"c","content":{"streams":[]}}`;
  const state = readStateFile(Buffer.from(file));

  expect(() => savedBlob(state, { name: "t" })).toThrow("none of this source's");
});
