import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../../../../protocol/errors.ts";
import {
  type LogHandler,
  type LogRelation,
  type LogTuple,
  PgoutputDecoder,
} from "../../../../connectors/source-postgres/cdc/pgoutput.ts";

/** A value of a row: its text, `null`, or `undefined` where the log does not carry it. */
type Value = string | null | undefined;

/** What a handler is told, as plain objects. */
type Event =
  | readonly ["begin", bigint, bigint, number]
  | readonly ["commit", bigint, bigint, bigint]
  | readonly ["relation", LogRelation]
  | readonly ["insert", number, readonly Value[]]
  | readonly ["update", number, readonly Value[] | undefined, boolean, readonly Value[]]
  | readonly ["delete", number, readonly Value[], boolean]
  | readonly ["truncate", readonly number[]]
  | readonly ["message", string];

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

/** The same, slowly and by the book: one regular rule per field of PostgreSQL's documentation. */
function decodedByTheBook(messages: readonly Buffer[]): (Event | string)[] {
  const events: Event[] = [];
  const relations = new Map<number, LogRelation>();
  for (const message of messages) {
    const event = eventOf([...message], relations);
    if (event === undefined) return [...events, "postgres.failed"];
    if (event === "nothing") continue;
    events.push(event);
    if (event[0] === "relation") relations.set(event[1].oid, event[1]);
  }
  return events;
}

class Refused extends Error {}

function eventOf(
  left: number[],
  relations: ReadonlyMap<number, LogRelation>,
): Event | "nothing" | undefined {
  const take = (count: number): number[] => {
    if (left.length < count) throw new Refused();
    return left.splice(0, count);
  };
  const unsigned = (bytes: number) => BigInt(`0x${Buffer.from(take(bytes)).toString("hex")}`);
  const signed = (bytes: number) => BigInt.asIntN(bytes * 8, unsigned(bytes));
  const letter = () => String.fromCharCode(take(1)[0]!);
  const name = () => {
    const end = left.indexOf(0);
    if (end === -1) throw new Refused();
    return Buffer.from(take(end + 1).slice(0, -1)).toString();
  };
  const relation = () => {
    const found = relations.get(Number(unsigned(4)));
    if (found === undefined) throw new Refused();
    return found;
  };
  const tuple = ({ columns }: LogRelation): Value[] => {
    if (Number(unsigned(2)) !== columns.length) throw new Refused();
    return columns.map(() => {
      const kind = letter();
      if (kind === "n") return null;
      if (kind === "u") return undefined;
      if (kind !== "t") throw new Refused();
      return Buffer.from(take(Number(unsigned(4)))).toString();
    });
  };
  const oneOf = <T extends string>(given: string, ...wanted: T[]): T => {
    const found = wanted.find((one) => one === given);
    if (found === undefined) throw new Refused();
    return found;
  };
  const read = (): Event | "nothing" => {
    switch (letter()) {
      case "B":
        return ["begin", unsigned(8), signed(8), Number(unsigned(4))];
      case "C":
        take(1);
        return ["commit", unsigned(8), unsigned(8), signed(8)];
      case "R": {
        const oid = Number(unsigned(4));
        const schema = name() || "pg_catalog";
        const table = name();
        const identities = { d: "default", n: "nothing", f: "full", i: "index" } as const;
        const identity = identities[oneOf(letter(), "d", "n", "f", "i")];
        const columns = Array.from({ length: Number(unsigned(2)) }, () => ({
          isKey: unsigned(1) % 2n === 1n,
          name: name(),
          typeOid: Number(unsigned(4)),
          typeModifier: Number(signed(4)),
        }));
        return ["relation", { oid, schema, name: table, identity, columns }];
      }
      case "I": {
        const of = relation();
        oneOf(letter(), "N");
        return ["insert", of.oid, tuple(of)];
      }
      case "U": {
        const of = relation();
        const kind = oneOf(letter(), "K", "O", "N");
        if (kind === "N") return ["update", of.oid, undefined, false, tuple(of)];
        const old = tuple(of);
        oneOf(letter(), "N");
        const row = tuple(of).map((value, index) =>
          value === undefined ? (old[index] ?? undefined) : value,
        );
        return ["update", of.oid, old, kind === "K", row];
      }
      case "D": {
        const of = relation();
        const kind = oneOf(letter(), "K", "O");
        return ["delete", of.oid, tuple(of), kind === "K"];
      }
      case "T": {
        const count = Number(unsigned(4));
        take(1);
        if (count > left.length / 4) throw new Refused();
        return ["truncate", Array.from({ length: count }, () => relation().oid)];
      }
      case "M": {
        take(9);
        const prefix = name();
        take(Number(unsigned(4)));
        return ["message", prefix];
      }
      case "O":
      case "Y":
        left.length = 0;
        return "nothing";
      default:
        throw new Refused();
    }
  };
  try {
    const event = read();
    return left.length === 0 ? event : undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
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
