/** Values of a row by their columns' names, as PostgreSQL prints them. */
export type Row = Readonly<Record<string, string | null>>;

/** What one line of PostgreSQL's own `test_decoding` says. */
export type Decoded =
  | { readonly kind: "begin" }
  | { readonly kind: "commit"; readonly time: string }
  | { readonly kind: "message" }
  /** A table was dropped and made anew, of which the log itself has no word. */
  | { readonly kind: "anew"; readonly table: string }
  | { readonly kind: "truncate"; readonly tables: readonly string[] }
  | {
      readonly kind: "insert" | "update" | "delete";
      /** With its schema. */
      readonly table: string;
      /** Of an update only where the key changed or the identity is FULL; of a delete what the log has. */
      readonly old: Row | undefined;
      readonly row: Row | undefined;
      /** Columns of `row` whose values the log does not have. */
      readonly unchanged: readonly string[];
    };

/** The prefix of a message that says which table was made anew. */
export const ANEW = "soak: made anew";

const NAME = String.raw`(?:"(?:[^"]|"")*"|[^\s".:,\[]+)`;
const CHANGE = new RegExp(`^table (${NAME}\\.${NAME}): (INSERT|UPDATE|DELETE):`);
const TRUNCATE = new RegExp(`^table (${NAME}\\.${NAME}(?:, ${NAME}\\.${NAME})*): TRUNCATE:`);
const COLUMN = new RegExp(`^(${NAME})\\[(.+?)\\]:`);

const ANEW_MESSAGE = new RegExp(`prefix: ${ANEW}, sz: \\d+ content:(\\w+)$`);

/** Throws an Error for a line that it does not understand. */
export function parseDecoded(line: string): Decoded {
  if (line.startsWith("BEGIN")) return { kind: "begin" };
  if (line.startsWith("message:")) {
    const table = ANEW_MESSAGE.exec(line)?.[1];
    return table === undefined ? { kind: "message" } : { kind: "anew", table: `public.${table}` };
  }
  const commit = /^COMMIT(?: \d+)? \(at (.+)\)$/.exec(line);
  if (commit) return { kind: "commit", time: commit[1]! };
  const truncate = TRUNCATE.exec(line);
  if (truncate) return { kind: "truncate", tables: truncate[1]!.split(", ") };
  const change = CHANGE.exec(line);
  if (!change) throw new Error(`test_decoding printed ${line}`);
  const [head, table, operation] = change;
  const tuples = new Tuples(line.slice(head.length));
  const kind = operation!.toLowerCase() as "insert" | "update" | "delete";
  if (kind === "delete")
    return { kind, table: table!, old: tuples.tuple().row, row: undefined, unchanged: [] };
  const old = tuples.take(" old-key:") ? tuples.tuple().row : undefined;
  tuples.take(" new-tuple:");
  return { kind, table: table!, old, ...tuples.tuple() };
}

/** The part of a line that lists values. */
class Tuples {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  /** Whether it goes on with this, which is then behind us. */
  take(text: string): boolean {
    if (!this.#rest.startsWith(text)) return false;
    this.#rest = this.#rest.slice(text.length);
    return true;
  }

  tuple(): { row: Row; unchanged: string[] } {
    const row: Record<string, string | null> = {};
    const unchanged: string[] = [];
    while (this.#rest.startsWith(" ") && !this.#rest.startsWith(" new-tuple:")) {
      if (this.take(" (no-tuple-data)")) break;
      this.take(" ");
      const column = COLUMN.exec(this.#rest);
      if (!column) throw new Error(`test_decoding went on with ${this.#rest}`);
      this.take(column[0]);
      const name = column[1]!.startsWith('"')
        ? column[1]!.slice(1, -1).replaceAll('""', '"')
        : column[1]!;
      if (this.take("unchanged-toast-datum")) unchanged.push(name);
      else row[name] = this.#value(column[2]!);
    }
    return { row, unchanged };
  }

  #value(type: string): string | null {
    const quoted = /^B?'((?:[^']|'')*)'/.exec(this.#rest);
    const [text] = quoted ?? /^[^ ]*/.exec(this.#rest)!;
    this.take(text);
    if (quoted) return quoted[1]!.replaceAll("''", "'");
    if (text === "null") return null;
    return type === "boolean" ? text.charAt(0) : text;
  }
}
