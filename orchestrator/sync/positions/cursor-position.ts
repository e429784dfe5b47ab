import { isNullAt, membersOf, textAt, type Members } from "../../../protocol/json-scan.ts";

/** How far a stream was read, as its state tells. */
export interface CursorPosition {
  readonly field: string;
  /** Exactly as it is written. */
  readonly value: string;
}

/**
 * The cursor in a state: of Airbyte's database sources (`{"cursor_field":["id"],"cursor":"5"}` or
 * `{"cursors":{"id":5}}`), or of its connector kit for Python (`{"id":5}`). Undefined where the state
 * tells none.
 *
 * @param known the cursor field of the stream, as far as it is known.
 */
export function cursorPosition(
  blob: Buffer,
  known: readonly string[] | undefined,
): CursorPosition | undefined {
  const state = membersOf(blob, 0, blob.length);
  if (state === undefined) return undefined;
  const cursors = state.of("cursors");
  if (cursors) {
    const inner = membersOf(blob, cursors.start, cursors.end);
    const text = blob.toString("utf8", cursors.start, cursors.end);
    const [field] = inner ? Object.keys(JSON.parse(text) as object) : [];
    return inner && positionOf(blob, inner, field, field);
  }
  const named = fieldNamed(blob, state);
  return named === undefined
    ? positionOf(blob, state, known?.at(-1), known?.at(-1))
    : positionOf(blob, state, named, "cursor");
}

/** The cursor field that a state names; undefined: none. */
function fieldNamed(blob: Buffer, state: Members): string | undefined {
  const span = state.of("cursor_field");
  if (span === undefined) return undefined;
  const value = JSON.parse(blob.toString("utf8", span.start, span.end)) as unknown;
  const [field] = [value].flat();
  return typeof field === "string" ? field : undefined;
}

function positionOf(
  blob: Buffer,
  members: Members,
  field: string | undefined,
  key: string | undefined,
): CursorPosition | undefined {
  const span = key === undefined ? undefined : members.of(key);
  if (field === undefined || span === undefined || isNullAt(blob, span)) return undefined;
  const value = textAt(blob, span) ?? blob.toString("utf8", span.start, span.end);
  return { field, value };
}
