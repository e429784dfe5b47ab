/** @guarantee state-behind-rows */
import { describe, expect, it } from "vitest";
import { Acknowledgements } from "../../orchestrator/sync/relay/acknowledgements.ts";
import { StreamStats } from "../../orchestrator/sync/relay/stream-stats.ts";
import { readStateLine, type StateLine } from "../../protocol/state.ts";

const statsOf = (name: string) =>
  new StreamStats(
    {
      source: { name },
      destination: { name: `p_${name}` },
      configured: {
        stream: { name, json_schema: {}, supported_sync_modes: ["incremental"] },
        sync_mode: "incremental",
        destination_sync_mode: "append",
      },
    },
    true,
  );

interface Given {
  readonly name?: string;
  readonly namespace?: string;
  readonly blob?: string;
  readonly id?: number;
  readonly stats?: object;
}

function state({ name = "a", namespace, blob = "{}", id, stats }: Given = {}): StateLine {
  const descriptor = JSON.stringify({ name, ...(namespace && { namespace }) });
  const more = [
    ...(id === undefined ? [] : [`"id":${id},`]),
    `"stream":{"stream_descriptor":${descriptor},"stream_state":${blob}}`,
    ...(stats ? [`,"destinationStats":${JSON.stringify(stats)}`] : []),
  ];
  return lineOf(`{"type":"STATE","state":{"type":"STREAM",${more.join("")}}}`);
}

function lineOf(text: string): StateLine {
  const bytes = Buffer.from(text);
  return readStateLine(bytes, 0, bytes.length)!;
}

/** Two streams; of each, two STATEs of ten records each are on their way, all with the same content. */
function underway() {
  const states = new Acknowledgements(undefined, ({ name }) => ({ name: `p_${name}` }));
  const streams = { a: statsOf("a"), b: statsOf("b") };
  for (const forwarded of [10, 20])
    for (const name of ["a", "b"] as const)
      states.send(state({ name }), {
        covers: [{ stream: streams[name], forwarded }],
        records: 10,
        isLast: false,
        isOurs: false,
      });
  return { states, streams }; // a: 1 and 3, b: 2 and 4
}

const committed = ({ streams }: ReturnType<typeof underway>) => [
  streams.a.committed,
  streams.b.committed,
];

describe("a STATE that comes back", () => {
  it("vouches for the records of its stream up to it, and for no other", () => {
    const sync = underway();

    sync.states.take(state({ name: "p_b", id: 2 }));
    expect(committed(sync)).toEqual([0, 10]);

    sync.states.take(state({ name: "p_a", id: 3 }));
    expect(committed(sync)).toEqual([20, 10]);
    expect(sync.states.pending().map(({ id }) => id)).toEqual([4]);
  });

  it("is given out as we sent it, in memory of its own", () => {
    const { states } = underway();

    const sent = states.take(state({ name: "p_a", id: 1, blob: "{ }" }));

    expect(sent!.line.streams[0]!.stream).toEqual({ name: "a" });
    expect(sent!.line.streams[0]!.blob!.toString()).toBe("{}");
  });

  it("is passed over when a newer one of its stream came before", () => {
    const sync = underway();
    sync.states.take(state({ name: "p_a", id: 3 }));

    expect(sync.states.take(state({ name: "p_a", id: 1 }))).toBeUndefined();
    expect(committed(sync)).toEqual([20, 0]);
  });

  it("without a number is the oldest of its own stream, whatever the others hold", () => {
    const sync = underway();

    sync.states.take(state({ name: "p_b" }));
    expect(committed(sync)).toEqual([0, 10]);
    sync.states.take(state({ name: "p_b" }));
    expect(committed(sync)).toEqual([0, 20]);
    sync.states.take(state({ name: "p_a" }));
    expect(committed(sync)).toEqual([10, 20]);
  });

  it("may carry the schema that the destination put a stream into", () => {
    const sync = underway();

    sync.states.take(state({ name: "p_a", namespace: "public", id: 1 }));

    expect(committed(sync)).toEqual([10, 0]);
  });

  it.for<readonly [string, Given, string]>([
    ["a number that was never given", { name: "p_a", id: 5 }, "never sent"],
    ["the number 0", { name: "p_a", id: 0 }, "never sent"],
    ["no number and a content that was never sent", { name: "p_a", blob: '{"x":1}' }, "never sent"],
    ["no number and a stream of no name of ours", { name: "a" }, "never sent"],
    ["another content", { name: "p_a", id: 1, blob: '{"x":1}' }, "changed the content"],
    ["no content", { name: "p_a", id: 1, blob: "null" }, "changed the content"],
    ["the name of another stream", { name: "p_b", id: 1 }, "of stream a back as one of p_b"],
  ])("with %s is refused, and nothing is taken for committed", ([, given, why]) => {
    const sync = underway();

    expect(() => sync.states.take(state(given))).toThrow(why);
    expect(committed(sync)).toEqual([0, 0]);
    expect(sync.states.pending()).toHaveLength(4);
  });

  it.for<readonly [string, number, object, boolean]>([
    ["its own records", 3, { recordCount: 10 }, true],
    ["its own and those of the one it stands for", 3, { recordCount: 20 }, true],
    ["one more", 1, { recordCount: 11 }, false],
    ["one less", 1, { recordCount: 9 }, false],
    ["one less, which it rejected", 1, { recordCount: 9, rejectedRecordCount: 1 }, true],
    ["all, and one that it rejected", 1, { recordCount: 10, rejectedRecordCount: 1 }, false],
    ["none that it counted", 1, {}, true],
  ])("and counts %s", ([, id, stats, isRight]) => {
    const sync = underway();
    const take = () => sync.states.take(state({ name: "p_a", id, stats }));

    if (isRight) expect(take()).toBeDefined();
    else expect(take).toThrow("where 10 were sent for stream a");
    expect(sync.streams.a.committed).toBe(isRight ? (id === 3 ? 20 : 10) : 0);
  });
});

describe("a STATE of all streams", () => {
  const global = (names: readonly string[], id?: number) => {
    const parts = names.map(
      (name) => `{"stream_descriptor":{"name":"${name}"},"stream_state":{"of":1}}`,
    );
    return lineOf(
      `{"type":"STATE","state":{${id === undefined ? "" : `"id":${id},`}"type":"GLOBAL","global":{"shared_state":{"lsn":1},"stream_states":[${parts.join(",")}]}}}`,
    );
  };

  it("vouches for all of them, and comes back with the streams it went with", () => {
    const states = new Acknowledgements(undefined, ({ name }) => ({ name: `p_${name}` }));
    const streams = [statsOf("a"), statsOf("b")];
    const covers = streams.map((stream) => ({ stream, forwarded: 5 }));
    states.send(global(["a", "b"]), { covers, records: 10, isLast: false, isOurs: false });

    expect(() => states.take(global(["p_a"], 1))).toThrow("changed the content");
    expect(() => states.take(global(["p_b", "p_a"], 1))).toThrow("back as one of");
    expect(() => states.take(state({ name: "p_a", id: 1 }))).toThrow("changed the content");
    states.take(global(["p_a", "p_b"], 1));

    expect(streams.map((stream) => stream.committed)).toEqual([5, 5]);
  });
});
