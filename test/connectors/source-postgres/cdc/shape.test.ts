import fc from "fast-check";
import { expect, it } from "vitest";
import type { TableColumn } from "../../../../connectors/source-postgres/cdc/cdc-state.ts";
import type { LogColumn } from "../../../../connectors/source-postgres/cdc/pgoutput/pgoutput.ts";
import { shapeOf } from "../../../../connectors/source-postgres/cdc/shape.ts";

interface Step {
  readonly is: "add" | "rename" | "retype" | "drop";
  readonly at: number;
  readonly type: number;
}

interface Table {
  readonly columns: readonly TableColumn[];
  /** The number given last. */
  readonly last: number;
}

/**
 * A table as the server changes it. Names are new: a column that takes the name of another one cannot
 * always be told from it; nor does anything tell how many came and went behind the last one.
 */
function changed({ columns, last }: Table, { is, at, type }: Step, name: string): Table {
  if (is === "add")
    return { columns: [...columns, { number: last + 1, name, typeOid: type }], last: last + 1 };
  const column = columns[at % Math.max(columns.length, 1)];
  if (column === undefined || (is === "drop" && column.number === last)) return { columns, last };
  if (is === "drop") return { columns: columns.filter((one) => one !== column), last };
  const next = is === "rename" ? { ...column, name } : { ...column, typeOid: type };
  return { columns: columns.map((one) => (one === column ? next : one)), last };
}

const step: fc.Arbitrary<Step> = fc.record({
  is: fc.constantFrom("add", "rename", "retype", "drop"),
  at: fc.nat(7),
  type: fc.constantFrom(23, 25),
});

const inLog = ({ columns }: Table): LogColumn[] =>
  columns.map((column) => ({
    name: column.name,
    typeOid: column.typeOid,
    typeModifier: -1,
    isKey: false,
  }));

it("finds the columns of a table again, step by step, however it is changed later", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 8 }),
      (columns, steps) => {
        let table: Table = {
          columns: Array.from({ length: columns }, (_, index) => ({
            number: index + 1,
            name: `c${index}`,
            typeOid: 23,
          })),
          last: columns,
        };
        const history = [table];
        for (const [index, one] of steps.entries())
          history.push((table = changed(table, one, `n${index}`)));
        const now = table.columns;
        let before = history[0]!.columns;
        for (const then of history) {
          const shape = shapeOf(inLog(then), now, before);
          for (const [index, { number }] of then.columns.entries()) {
            const isStillThere = now.some((column) => column.number === number);
            if (isStillThere) expect(shape.places.get(number)?.index).toBe(index);
          }
          for (const [number, { index }] of shape.places)
            expect(then.columns[index]!.number).toBe(number);
          before = shape.columns;
        }
      },
    ),
    { numRuns: 2000 },
  );
});
