import type { LogRelation } from "../../../../connectors/source-postgres/cdc/pgoutput/pgoutput.ts";

/** A value of a row: its text, `null`, or `undefined` where the log does not carry it. */
export type Value = string | null | undefined;

/** What a handler is told, as plain objects. */
export type Event =
  | readonly ["begin", bigint, bigint, number]
  | readonly ["commit", bigint, bigint, bigint]
  | readonly ["relation", LogRelation]
  | readonly ["insert", number, readonly Value[]]
  | readonly ["update", number, readonly Value[] | undefined, boolean, readonly Value[]]
  | readonly ["delete", number, readonly Value[], boolean]
  | readonly ["truncate", readonly number[]]
  | readonly ["message", string];

/**
 * The events of messages, or the code of the failure at which they end: slowly, and by the book, which is
 * PostgreSQL's documentation of the formats.
 */
export function decodedByTheBook(messages: readonly Buffer[]): (Event | string)[] {
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
