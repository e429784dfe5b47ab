import { createHash } from "node:crypto";
import { Failure } from "../../../protocol/errors.ts";
import { forEachMember, MALFORMED } from "../../../protocol/json-scan.ts";
import type { Condition, Mapper } from "../../config/config.ts";
import { targetName } from "../streams/naming.ts";

/** What becomes of one field. */
interface FieldPlan {
  /** The member's new key, with quotes; undefined drops the member. */
  readonly key: Buffer | undefined;
  /** Digest method, as Node calls it. */
  readonly hash: string | undefined;
}

const COMMA = Buffer.from(",");
const COLON = Buffer.from(":");
const OPEN = Buffer.from("{");
const CLOSE = Buffer.from("}");

/** Where an edited data object ends in the line it came from, and what it is now. */
export interface EditedData {
  readonly data: Buffer;
  readonly dataEnd: number;
}

/**
 * Changes the data of RECORD lines on bytes: values that are not hashed keep every byte. Filters see
 * the record as the source sent it, whatever other mappers do. They let every deletion pass: it has no
 * values to look at, and the row it is of may be there.
 */
export class RecordEditor {
  readonly #plans = new Map<string, FieldPlan>();
  readonly #conditions: readonly Condition[];
  /** Columns to keep; undefined keeps all. */
  readonly #kept: ReadonlySet<string> | undefined;
  /** Keys as they are spelled, so that each spelling is parsed once. */
  readonly #names = new Map<string, string>();

  constructor(mappers: readonly Mapper[], kept?: readonly string[]) {
    this.#kept = kept && new Set(kept);
    this.#conditions = mappers.flatMap((mapper) =>
      mapper.type === "filter" ? [mapper.condition] : [],
    );
    for (const mapper of mappers) {
      if (mapper.type === "filter") continue;
      const name = targetName(mapper);
      this.#plans.set(mapper.field, {
        key: name === undefined ? undefined : Buffer.from(JSON.stringify(name)),
        hash: mapper.type === "hash" ? nodeMethod(mapper.method) : undefined,
      });
    }
  }

  /**
   * The new data for the object at `start`; undefined when a filter drops the record. Throws
   * `protocol.bad_message` when it is not well-formed.
   */
  edit(bytes: Buffer, start: number, end: number): EditedData | undefined {
    const parts: Buffer[] = [OPEN];
    const values = this.#conditions.length > 0 ? new Map<string, string>() : undefined;
    const dataEnd = forEachMember(bytes, start, end, (keyStart, keyEnd, from, to) => {
      const name = this.#nameOf(bytes, keyStart, keyEnd);
      values?.set(name, textOf(bytes, from, to));
      if (this.#kept && !this.#kept.has(name)) return;
      const plan = this.#plans.get(name);
      if (plan && plan.key === undefined) return;
      if (parts.length > 1) parts.push(COMMA);
      const isNull = bytes[from] === 0x6e;
      const value =
        plan?.hash && !isNull
          ? Buffer.from(
              `"${createHash(plan.hash)
                .update(textOf(bytes, from, to))
                .digest("hex")}"`,
            )
          : bytes.subarray(from, to);
      parts.push(plan?.key ?? bytes.subarray(keyStart, keyEnd), COLON, value);
    });
    if (dataEnd === MALFORMED)
      throw new Failure("protocol.bad_message", "the data of a RECORD is not well-formed JSON");
    if (values && !this.#conditions.every((one) => holds(one, values))) return undefined;
    parts.push(CLOSE);
    return { data: Buffer.concat(parts), dataEnd };
  }

  /** The `meta` of a RECORD, with the names that its fields get; what is said of dropped ones goes. */
  editMeta(meta: Buffer): Buffer {
    const said = JSON.parse(meta.toString()) as Said;
    const renamed: Record<string, unknown> = { ...said };
    if (Array.isArray(said.unchanged))
      renamed["unchanged"] = said.unchanged.flatMap((name) => this.#newName(name));
    if (Array.isArray(said.changes))
      renamed["changes"] = said.changes.flatMap((one) =>
        this.#newName(one?.field).map((field) => ({ ...one, field })),
      );
    return Buffer.from(JSON.stringify(renamed));
  }

  /** The name that a field gets; none for one that is dropped. */
  #newName(name: unknown): unknown[] {
    if (typeof name !== "string") return [name];
    if (this.#kept && !this.#kept.has(name)) return [];
    const plan = this.#plans.get(name);
    if (plan === undefined) return [name];
    return plan.key === undefined ? [] : [JSON.parse(plan.key.toString()) as unknown];
  }

  #nameOf(bytes: Buffer, start: number, end: number): string {
    const spelled = bytes.toString("utf8", start, end);
    let name = this.#names.get(spelled);
    if (name === undefined) {
      name = JSON.parse(spelled) as string;
      if (this.#names.size < 10_000) this.#names.set(spelled, name);
    }
    return name;
  }
}

/** What the `meta` of a RECORD says of fields. */
interface Said {
  readonly unchanged?: readonly unknown[];
  readonly changes?: readonly ({ readonly field?: unknown } | null)[];
}

function nodeMethod(method = "SHA-256"): string {
  return method.toLowerCase().replace("-", "");
}

/** A value as a text: a string's own, of anything else its JSON. */
function textOf(bytes: Buffer, start: number, end: number): string {
  const spelled = bytes.toString("utf8", start, end);
  return bytes[start] === 0x22 ? (JSON.parse(spelled) as string) : spelled;
}

function holds(condition: Condition, values: ReadonlyMap<string, string>): boolean {
  if ("equal" in condition) return values.get(condition.equal.field) === condition.equal.value;
  if ("not" in condition) return !condition.not.some((inner) => holds(inner, values));
  if ("and" in condition) return condition.and.every((inner) => holds(inner, values));
  return condition.or.some((inner) => holds(inner, values));
}
