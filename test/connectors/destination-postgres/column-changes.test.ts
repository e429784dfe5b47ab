import { expect, it } from "vitest";
import {
  columnChanges,
  type NotedColumn,
} from "../../../connectors/destination-postgres/bookkeeping/column-changes.ts";

const column = (type: string, more: Partial<NotedColumn> = {}): NotedColumn => ({
  place: 1,
  type,
  typeId: Buffer.from(type).reduce((id, byte) => (id * 31 + byte) % 100_003, 0),
  modifier: -1,
  ...more,
});

const said = (then: NotedColumn, now: NotedColumn | undefined, name = "c") =>
  columnChanges({ c: then }, now === undefined ? {} : { [name]: now }).map(({ text }) => text);

it("tells a column that is gone, one that was renamed and one that was made again", () => {
  expect(said(column("text"), undefined)).toEqual(["its column c is gone"]);
  expect(said(column("text"), column("text"), "d")).toEqual(["its column c is called d now"]);
  expect(said(column("text"), column("text", { place: 2 }), "d")).toEqual(["its column c is gone"]);
  expect(said(column("text"), column("text", { place: 2 }))).toEqual([
    "its column c is gone, another has its name",
  ]);
});

it("tells a type that does not hold what the former one held, and no other", () => {
  for (const [then, now] of [
    ["bigint", "smallint"],
    ["text", "character varying(3)"],
    ["numeric", "numeric(10,2)"],
    ["timestamp with time zone", "date"],
    ["double precision", "real"],
    ["jsonb", "text[]"],
    ["text[]", "character varying(3)[]"],
  ] as const)
    expect([then, said(column(then), column(now))]).toEqual([
      then,
      [`its column c was ${then} and is ${now}`],
    ]);
  for (const [then, now] of [
    ["smallint", "bigint"],
    ["bigint", "numeric"],
    ["text", "character varying"],
    ["character varying(3)", "character varying(9)"],
    ["bigint", "text"],
    ["text[]", "character varying[]"],
  ] as const)
    expect([then, said(column(then), column(now))]).toEqual([then, []]);
});

it("knows a type of the user's by itself, whatever it is called", () => {
  const then = column("public.mood", { typeId: 7 });
  expect(said(then, column("public.temper", { typeId: 7 }))).toEqual([]);
  expect(said(then, column("public.mood(3)", { typeId: 7, modifier: 3 }))).not.toEqual([]);
});
