import { describe, expect, it } from "vitest";
import { readStreams } from "../../../../connectors/kit/source/read-streams.ts";
import type { StreamReader } from "../../../../connectors/kit/source/stream-reader.ts";
import { Failure, type FailureKind } from "../../../../protocol/errors.ts";
import { NO_STATE, readStateFile } from "../../../../protocol/state-file.ts";
import { Collected } from "./collected.ts";

const catalog = (...names: string[]) => ({
  streams: names.map((name) => ({
    stream: { name, json_schema: {}, supported_sync_modes: ["full_refresh" as const] },
    sync_mode: "full_refresh" as const,
    destination_sync_mode: "append",
  })),
});

const broken = (message: string, kind: FailureKind) =>
  new Failure("stream.incomplete", message, { kind });

/** Reads the streams by name, each of which prints one record unless told otherwise. */
function run(
  readers: Readonly<Record<string, Partial<StreamReader> | Failure>>,
  { collected = new Collected(), state = NO_STATE } = {},
) {
  const reading = readStreams(
    catalog(...Object.keys(readers)),
    state,
    collected.context,
    ({ stream }) => {
      const reader = readers[stream.name]!;
      if (reader instanceof Failure) throw reader;
      return {
        read: async (_position, printer) => {
          printer.record({ n: 1 });
          return { n: 1 };
        },
        ...reader,
      };
    },
  );
  return { collected, reading };
}

const whole = (name: string) => [
  `${name} STARTED`,
  `${name} RUNNING`,
  `${name} 1`,
  'STATE {"n":1} +1',
  `${name} COMPLETE`,
];

describe("readStreams", () => {
  it("reads one stream after the other: started, what to expect, records, a state, complete", async () => {
    const { collected, reading } = run({ a: { estimate: { rows: 7.4, bytes: 100 } }, b: {} });

    await reading;

    const [started, ...others] = whole("a");
    expect(collected.story).toEqual([started, "about 7 rows, 100 bytes", ...others, ...whole("b")]);
  });

  it("goes on with the others after a stream that fails in the middle, and fails at the end", async () => {
    const { collected, reading } = run({
      a: {
        read: async (_position, printer) => {
          printer.record({ n: 1 });
          await printer.flush();
          printer.record({ n: 2 });
          throw broken("a is broken", "config_error");
        },
      },
      b: {},
    });

    await expect(reading).rejects.toMatchObject({
      code: "stream.incomplete",
      kind: "config_error",
      message: "1 of 2 streams could not be read: a",
    });
    expect(collected.story).toEqual([
      "a STARTED",
      "a RUNNING",
      "a 1",
      "ERROR a: a is broken",
      "a INCOMPLETE",
      ...whole("b"),
    ]);
  });

  it("says at once what cannot be opened, before it reads the first stream", async () => {
    const { collected, reading } = run({ a: {}, b: broken("b is missing", "config_error") });

    await expect(reading).rejects.toThrow("1 of 2 streams could not be read: b");
    expect(collected.story).toEqual(["ERROR b: b is missing", "b INCOMPLETE", ...whole("a")]);
  });

  it.for([
    [["config_error", "config_error"], "config_error"],
    [["config_error", "system_error"], "system_error"],
    [["system_error", "transient_error"], "transient_error"],
  ] as const)("is worth a retry when any failure is: %s", async ([kinds, kind]) => {
    const { reading } = run(
      Object.fromEntries(kinds.map((one, index) => [`s${index}`, broken("broken", one)])),
    );

    await expect(reading).rejects.toMatchObject({ kind });
  });

  it("lets a reader take back what it began before the next stream, and ends when it cannot", async () => {
    const steps: string[] = [];
    const failing = (recover: () => Promise<void>): Partial<StreamReader> => ({
      read: () => Promise.reject(broken("broken", "system_error")),
      recover,
    });
    const { collected, reading } = run({
      a: failing(async () => void steps.push(`recovered after ${collected.story.at(-1)}`)),
      b: {},
      c: failing(() => Promise.reject(new Failure("postgres.connection_lost", "it is gone"))),
      d: {},
    });

    await expect(reading).rejects.toMatchObject({ code: "postgres.connection_lost" });
    expect(steps).toEqual(["recovered after a INCOMPLETE"]);
    expect(collected.story).toContain("b COMPLETE");
    expect(collected.story.at(-1)).toBe("c INCOMPLETE");
  });

  it("stops within a stream when asked to, with a last STATE, and begins no other", async () => {
    const collected = new Collected();
    const { reading } = run(
      {
        a: {
          read: async (_position, printer) => {
            for (let n = 1; ; n++) {
              printer.record({ n });
              if (n === 3) collected.stop.abort();
              await printer.chunkDone({ n });
            }
          },
        },
        b: {},
      },
      { collected },
    );

    await expect(reading).rejects.toMatchObject({ kind: "transient_error" });
    expect(collected.story).toEqual([
      "a STARTED",
      "a RUNNING",
      "a 1",
      "a 2",
      "a 3",
      'STATE {"n":3} +3',
      "ERROR a: the read was asked to stop",
      "a INCOMPLETE",
    ]);
  });

  it("ends at once and says nothing more when the reader of the output has gone", async () => {
    const { collected, reading } = run({
      a: { read: () => Promise.reject(new Failure("output.closed", "gone")) },
      b: {},
    });

    await expect(reading).rejects.toMatchObject({ code: "output.closed" });
    expect(collected.story).toEqual(["a STARTED"]);
  });

  it.for([
    [
      "its own STATE",
      '[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":%}}]',
    ],
    [
      "the one state for all of Airbyte's first database sources",
      '{"cdc":false,"streams":[{"stream_name":"b"},%]}',
    ],
    ["the same, wrapped", '{"state":{"streams":[%]}}'],
  ])("gives each stream the bytes of %s", async ([, file]) => {
    const blob = '{"stream_name":"a","big":12345678901234567890}';
    const positions: (string | undefined)[] = [];
    const reading: Partial<StreamReader> = {
      read: async (position) => {
        positions.push(position?.toString());
        return {};
      },
    };

    await run(
      { a: reading, c: reading },
      { state: readStateFile(Buffer.from(file!.replace("%", blob))) },
    ).reading;

    expect(positions).toEqual([blob, undefined]);
  });
});
