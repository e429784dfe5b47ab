/** How a table is drawn. */
export interface TableStyle {
  /** Between two columns. */
  readonly between: string;
  /** Before the first column. */
  readonly before: string;
  /** What the line under the headings has where columns meet; undefined: no line. */
  readonly crossing?: string;
}

const PLAIN: TableStyle = { between: "  ", before: "" };

/** As psql draws them. */
export const RULED: TableStyle = { between: " | ", before: " ", crossing: "-+-" };

/** Rows under their headings, columns aligned; numbers to the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { between, before, crossing }: TableStyle = PLAIN,
): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length)),
  );
  const isNumber = headings.map((_, column) =>
    rows.every((row) => /^[\d,.]*( \w+(\/s)?)?$/.test(row[column]!)),
  );
  const line = (cells: readonly string[]) => {
    const aligned = cells.map((cell, column) =>
      isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    return `${before}${aligned.join(between)}`.trimEnd();
  };
  const rule = `-${widths.map((width) => "-".repeat(width)).join(crossing)}-`;
  return [line(headings), ...(crossing === undefined ? [] : [rule]), ...rows.map(line)];
}

/** `1,234,567`. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1.5 MB`. */
export function byteSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
