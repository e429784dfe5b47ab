import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../../../../protocol/errors.ts";
import {
  type LogHandler,
  type LogTuple,
  PgoutputDecoder,
} from "../../../../connectors/source-postgres/cdc/pgoutput/pgoutput.ts";
import { decodedByTheBook, type Event, type Value } from "./pgoutput-by-the-book.ts";

function recording(events: Event[]): LogHandler {
  const values = ({ bytes, count, kinds, starts, ends }: LogTuple): Value[] =>
    Array.from({ length: count }, (_, index) => {
      const kind = String.fromCharCode(kinds[index]!);
      if (kind !== "t") return kind === "n" ? null : undefined;
      return bytes.toString("utf8", starts[index], ends[index]);
    });
  return {
    begin: (...args) => events.push(["begin", ...args]),
    commit: (...args) => events.push(["commit", ...args]),
    relation: (relation) => events.push(["relation", relation]),
    insert: ({ oid }, row) => events.push(["insert", oid, values(row)]),
    update: ({ oid }, old, isKeyOnly, row) =>
      events.push(["update", oid, old && values(old), isKeyOnly, values(row)]),
    delete: ({ oid }, old, isKeyOnly) => events.push(["delete", oid, values(old), isKeyOnly]),
    truncate: (relations) => events.push(["truncate", relations.map(({ oid }) => oid)]),
    message: (prefix) => events.push(["message", prefix]),
  };
}

/** The events of messages, or the code of the failure at which they end. */
function decoded(messages: readonly Buffer[]): (Event | string)[] {
  const events: Event[] = [];
  const decoder = new PgoutputDecoder(recording(events));
  for (const message of messages) {
    try {
      // In the middle of other bytes, as messages lie in a chunk.
      const chunk = Buffer.concat([Buffer.of(0x74), message, Buffer.of(0x6e)]);
      decoder.decode(chunk, 1, 1 + message.length);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return [...events, error.code];
    }
  }
  return events;
}

const uint = (bytes: number) =>
  fc
    .bigInt({ min: 0n, max: 2n ** BigInt(8 * bytes) - 1n })
    .map((value) => Buffer.from(value.toString(16).padStart(2 * bytes, "0"), "hex"));
const fixed = (value: number, bytes: number) =>
  Buffer.from(value.toString(16).padStart(2 * bytes, "0"), "hex");
const ascii = (text: string) => Buffer.from(text, "latin1");
const joined = (...parts: fc.Arbitrary<Buffer>[]) =>
  fc.tuple(...parts).map((all) => Buffer.concat(all));
const just = (bytes: Buffer) => fc.constant(bytes);
const anyName = fc
  .string({ unit: "binary", maxLength: 8 })
  .filter((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text))
  .map((text) => Buffer.from(`${text}\0`));
const value = fc.oneof(
  fc.constantFrom(ascii("n"), ascii("u")),
  fc
    .uint8Array({ maxLength: 12 })
    .map((bytes) => Buffer.concat([ascii("t"), fixed(bytes.length, 4), bytes])),
);

/** Tables of 0, 1, 2, … columns under as many oids, and changes of them. */
const COLUMNS = [0, 1, 2, 5, 40];
const oidOf = (table: number) => fixed(0xffff_fff0 + table, 4);
const described = COLUMNS.map((count, table) =>
  joined(
    just(Buffer.concat([ascii("R"), oidOf(table)])),
    anyName,
    anyName,
    fc.constantFrom("d", "n", "f", "i").map(ascii),
    just(fixed(count, 2)),
    ...Array.from({ length: count }, () =>
      joined(fc.constantFrom(fixed(0, 1), fixed(1, 1)), anyName, uint(4), uint(4)),
    ),
  ),
);
const changes = COLUMNS.flatMap((count, table) => {
  const tuple = joined(just(fixed(count, 2)), ...Array.from({ length: count }, () => value));
  const of = (kind: string) => just(Buffer.concat([ascii(kind), oidOf(table)]));
  return [
    joined(of("I"), just(ascii("N")), tuple),
    joined(of("U"), just(ascii("N")), tuple),
    joined(of("U"), fc.constantFrom(ascii("K"), ascii("O")), tuple, just(ascii("N")), tuple),
    joined(of("D"), fc.constantFrom(ascii("K"), ascii("O")), tuple),
    joined(just(ascii("T")), just(fixed(2, 4)), uint(1), just(oidOf(table)), just(oidOf(0))),
  ];
});
const anyMessage = fc.oneof(
  ...changes,
  ...described,
  joined(just(ascii("B")), uint(8), uint(8), uint(4)),
  joined(just(ascii("C")), uint(1), uint(8), uint(8), uint(8)),
  joined(just(ascii("M")), uint(1), uint(8), anyName, just(fixed(3, 4)), uint(3)),
  joined(just(ascii("O")), uint(8), anyName),
  joined(just(ascii("Y")), uint(4), anyName, anyName),
);
const anyLog = fc
  .tuple(fc.tuple(...described), fc.array(anyMessage, { minLength: 1, maxLength: 8 }))
  .map(([relations, messages]) => [...relations, ...messages]);

describe("PgoutputDecoder", () => {
  it("says what a decoder by the book says, of any log", () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const events = decoded(log);

        expect(events).toEqual(decodedByTheBook(log));
        expect(events).not.toContain("postgres.failed");
      }),
      { numRuns: 500 },
    );
  });

  it("refuses a message that is cut, wherever it is, and one that goes on", () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const before = log.slice(0, -1);
        const last = log.at(-1)!;
        const isPassedOver = "OY".includes(String.fromCharCode(last[0]!));
        const events = decoded(before);
        for (let length = isPassedOver ? last.length : 0; length < last.length; length++)
          expect(decoded([...before, last.subarray(0, length)])).toEqual([
            ...events,
            "postgres.failed",
          ]);
        if (!isPassedOver)
          expect(decoded([...before, Buffer.concat([last, fixed(0, 1)])])).toEqual([
            ...events,
            "postgres.failed",
          ]);
      }),
      { numRuns: 60 },
    );
  });

  it("takes damaged bytes as a decoder by the book does: as another message, or as none", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(anyLog, damage, (log, places) => {
        const last = Buffer.from(log.at(-1)!);
        for (const [place, byte] of places) last[place % last.length] = byte;
        const damaged = [...log.slice(0, -1), last];

        expect(decoded(damaged)).toEqual(decodedByTheBook(damaged));
      }),
      { numRuns: 2000 },
    );
  });

  it("tells of no table that was not described, and of each as it was described last", () => {
    const relation = (columns: number) =>
      Buffer.concat([
        ascii("R\0\0\0\x07s\0t\0d"),
        fixed(columns, 2),
        ...Array.from({ length: columns }, () => ascii("\x01c\0\0\0\0\x17\xff\xff\xff\xff")),
      ]);
    const insert = ascii(`I\0\0\0\x07N\0\x01t\0\0\0\x02${42}`);

    expect(decoded([insert])).toEqual(["postgres.failed"]);
    expect(decoded([relation(2), insert]).at(-1)).toBe("postgres.failed");
    expect(decoded([relation(2), relation(1), insert])).toEqual([
      expect.anything(),
      [
        "relation",
        {
          oid: 7,
          schema: "s",
          name: "t",
          identity: "default",
          columns: [{ isKey: true, name: "c", typeOid: 23, typeModifier: -1 }],
        },
      ],
      ["insert", 7, ["42"]],
    ]);
  });
});
