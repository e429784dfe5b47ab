/** A query's answer as text: what `formatTable` lays out. */
export interface TextTable {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Lays a table out as psql does: numbers to the right, NULL as nothing, the row count below. */
export function formatTable(table: TextTable): string {
  const widths = table.columns.map(({ name }, column) =>
    Math.max(name.length, ...table.rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => ` ${cells.join(" | ")}`.trimEnd();
  const header = table.columns.map(({ name }, column) => center(name, widths[column]!));
  const body = table.rows.map((row) =>
    line(
      table.columns.map(({ isNumber }, column) => {
        const value = row[column] ?? "";
        return isNumber ? value.padStart(widths[column]!) : value.padEnd(widths[column]!);
      }),
    ),
  );
  const rule = widths.map((width) => "-".repeat(width + 2)).join("+");
  const count = `(${table.rows.length} ${table.rows.length === 1 ? "row" : "rows"})`;
  return [line(header), rule, ...body, count].map((text) => `${text}\n`).join("");
}

function center(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return " ".repeat(left) + text + " ".repeat(width - text.length - left);
}
