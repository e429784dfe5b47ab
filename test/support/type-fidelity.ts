import type { PropertySchema } from "../../protocol/catalog.ts";
import { protocolColumn } from "../../connectors/postgres/types/protocol-column.ts";
import {
  baseOf,
  columnType,
  type PostgresType,
} from "../../connectors/postgres/types/column-type.ts";
import { whyNotPortable } from "../../connectors/postgres/types/type-table.ts";

/**
 * What a destination column holds of a value. The type matrix of the documentation prints it, and
 * test/e2e/lossless.test.ts holds it against real servers, for every type they have.
 */
export interface Kept {
  /** The column's type. */
  readonly column: string;
  /** The column's value as SQL over the source's value `v`; `v` itself when it is kept as it is. */
  readonly value: string;
  /** The same in words, where the SQL is long. */
  readonly summary?: string;
  /** What is not the same afterwards; absent when nothing is lost or changed. */
  readonly difference?: string;
}

/** The text that the type's output function prints. A cast to text would take padding away. */
const AS_TEXT = "case when num_nulls(v) = 0 then concat(v) end";

const NUMBER_OF_FLOAT = { value: "v::text::numeric", difference: "-0 becomes 0" };

/** Protocol columns that hold something else than `v`, by the built-in type they come from. */
const PROTOCOL_VALUES: Readonly<Record<string, { value: string; difference?: string }>> = {
  int2: { value: "v::bigint" },
  int4: { value: "v::bigint" },
  oid: { value: "v::bigint" },
  float4: NUMBER_OF_FLOAT,
  float8: NUMBER_OF_FLOAT,
  money: { value: "v::numeric" },
  xid8: { value: "v::text::numeric" },
  json: {
    // A member whose name begins with what jsonb cannot hold is gone; here it is the only one.
    value: String.raw`case when v::text ~ '^\{"[^"\\]*\\u(0000|[dD][c-fC-F])' then '{}' else v::jsonb end`,
    difference:
      "without the strings jsonb cannot hold (`\\u0000`, half a surrogate pair): null with a note",
  },
};

/** What a column of protocol types holds. */
export function keptByProtocol(type: PostgresType): Kept {
  const { schema } = columnType(type);
  const { type: column } = protocolColumn(schema);
  const base = baseOf(type);
  if (base.kind === "array")
    return {
      column,
      value: arrayValue(schema, base),
      summary: "a JSON array; its text where it has lower bounds of its own",
    };
  if (column === "text") return { column, value: AS_TEXT, summary: "its text" };
  const known = base.kind === "base" ? PROTOCOL_VALUES[base.name] : undefined;
  return { column, ...(known ?? { value: "v" }) };
}

/** What a column holds under `column_types: native`, where the type can be had at all. */
export function keptByNative(type: PostgresType): Kept {
  const base = baseOf(type);
  const why = whyNotPortable(base.format);
  if (why !== undefined) return { ...keptByProtocol(type), difference: `travels as text: ${why}` };
  const kept = { column: type.format, value: "v" };
  return base.format === "json"
    ? {
        ...kept,
        difference:
          "yes, but line breaks between tokens become spaces, and white space around it goes",
      }
    : kept;
}

/** Elements as JSON has them, or as text; an array with lower bounds of its own is one text. */
function arrayValue(schema: PropertySchema, array: PostgresType): string {
  const select = columnType(array).select("v").replaceAll("to_json(", "to_jsonb(");
  return schema["type"] === "array" ? select : AS_TEXT;
}
