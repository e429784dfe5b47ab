import { streamLabel } from "../../../protocol/catalog.ts";
import { typesOf, type JsonSchema } from "../../../protocol/config/schema.ts";
import { Failure } from "../../../protocol/errors.ts";
import { membersOf } from "../../../protocol/json-scan.ts";
import { isObject, type JsonObject } from "../../../protocol/json.ts";
import type { PlannedStream } from "../streams/select-streams.ts";
import { cursorPosition } from "./cursor-position.ts";
import { rangeExceeded } from "./type-range.ts";

/** A stream, and what is known of how its source writes states. */
export interface StateOwner {
  readonly stream: PlannedStream;
  /** Whether the source is `source-postgres`. */
  readonly isBuiltIn: boolean;
  /** Its state until now. */
  readonly former: Buffer | undefined;
}

const DATABASE_FORM = `{"cursor_field":["id"],"cursor":"5"}`;

/**
 * The state that says a stream was read up to a value of its cursor, in the form its source writes: that
 * of Airbyte's database sources for our own, and what the former state had for others. Throws
 * `usage.invalid` where that is not known, and what `requireFitting` throws.
 */
export function stateAt(value: string, owner: StateOwner): Buffer {
  const { stream, isBuiltIn, former } = owner;
  const { name, namespace } = stream.source;
  const field = cursorFieldOf(stream);
  requireType(stream, field, value);
  const members = former && membersOf(former, 0, former.length);
  if (isBuiltIn || members?.of("cursor_field"))
    return json({
      state_type: "cursor_based",
      version: 2,
      stream_name: name,
      stream_namespace: namespace || null,
      cursor_field: [field],
      cursor: value,
    });
  if (former && members?.of(field) && cursorPosition(former, [field])) {
    const isNumber = former[members.of(field)!.start] !== 0x22;
    return Buffer.from(`{${JSON.stringify(field)}:${isNumber ? value : JSON.stringify(value)}}`);
  }
  throw new Failure(
    "usage.invalid",
    `it is not known how the source of ${streamLabel(stream.source)} writes a position, since it has none yet`,
    { hint: "give the whole state instead, as the source writes it" },
  );
}

/**
 * Throws `usage.invalid` for a state that the source of a stream cannot go on from, as far as can be
 * told: of a stream without positions, of another cursor, or with a value of another type.
 */
export function requireFitting(blob: Buffer, { stream, isBuiltIn }: StateOwner): void {
  const members = membersOf(blob, 0, blob.length);
  if (members?.isEmpty) return;
  const label = streamLabel(stream.source);
  const isOfDatabase = ["cursor_field", "cursors", "state_type"].some((key) => members?.of(key));
  if (isBuiltIn && !isOfDatabase)
    throw new Failure("usage.invalid", `source-postgres cannot go on from this state of ${label}`, {
      hint: `it is written ${DATABASE_FORM}; --cursor 5 writes it`,
    });
  const { sync_mode, cursor_field } = stream.configured;
  if (sync_mode !== "incremental" || !cursor_field) return;
  const position = cursorPosition(blob, cursor_field);
  if (position === undefined) return;
  const field = cursorFieldOf(stream);
  if (position.field !== field)
    throw new Failure(
      "usage.invalid",
      `the state follows ${position.field}, and the cursor of ${label} is ${field}`,
    );
  requireType(stream, field, position.value);
}

function cursorFieldOf({ source, configured }: PlannedStream): string {
  const label = streamLabel(source);
  if (configured.sync_mode !== "incremental")
    throw new Failure(
      "usage.invalid",
      `${label} is synced as ${configured.sync_mode}: each sync reads all of it, from no position`,
    );
  const field = (configured.cursor_field ?? configured.stream.default_cursor_field)?.at(-1);
  if (field === undefined)
    throw new Failure("usage.invalid", `${label} follows no cursor: give the whole state instead`);
  return field;
}

const DATE = String.raw`\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:\.\d+)?)?`;
const ZONE = String.raw`(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d){0,2}))?`;

const FORMS: Readonly<Record<string, RegExp>> = {
  integer: /^[+-]?\d+$/,
  number: /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/,
  boolean: /^(?:true|false|t|f)$/,
  date: new RegExp(`^${DATE}(?:[ T]${TIME}${ZONE})?(?: BC)?$`),
  "date-time": new RegExp(`^${DATE}(?:[ T]${TIME}${ZONE})?(?: BC)?$`),
  time: new RegExp(`^${TIME}${ZONE}$`),
};

/** Against the type that the source says its cursor has. */
function requireType({ source, configured }: PlannedStream, field: string, value: string): void {
  const { properties } = configured.stream.json_schema as { properties?: JsonObject };
  const schema = properties?.[field];
  if (!isObject(schema)) return;
  const names = typesOf(schema as JsonSchema).filter((type) => type !== "null");
  const format = typeof schema["format"] === "string" ? schema["format"] : undefined;
  const wanted = names.map((name) => (name === "string" && format ? format : name));
  const forms = wanted.map((name) => FORMS[name]);
  const label = `${field} of ${streamLabel(source)}`;
  if (forms.length > 0 && !forms.some((form) => form === undefined || form.test(value)))
    throw new Failure(
      "usage.invalid",
      `${label} is of type ${wanted.join(" or ")}, and the cursor given is not`,
    );
  const range = rangeExceeded(schema, value);
  if (range !== undefined)
    throw new Failure(
      "usage.invalid",
      `${label} is of type ${range}, and the cursor given is beyond that`,
    );
}

function json(value: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(value));
}
