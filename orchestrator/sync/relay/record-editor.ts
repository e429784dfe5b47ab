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

const UNCHANGED = Buffer.from('"unchanged"');
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
 * the record as the source sent it, whatever other mappers do.
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
    if (values && !this.#conditions.every((condition) => holds(condition, values)))
      return undefined;
    parts.push(CLOSE);
    return { data: Buffer.concat(parts), dataEnd };
  }

  /**
   * What follows the data of a record, up to the end of its line: where it names columns that a change left
   * as they were, they get the names that they have now. Throws `protocol.bad_message`.
   */
  tail(rest: Buffer): Buffer {
    if (this.#plans.size === 0 || !rest.includes(UNCHANGED)) return rest;
    const record = parsedBehindData(rest);
    const names = record.meta?.unchanged ?? [];
    const unchanged = names.flatMap((name) => {
      const plan = this.#plans.get(name);
      if (plan === undefined) return [name];
      return plan.key === undefined ? [] : [JSON.parse(plan.key.toString("utf8")) as string];
    });
    const { data: _, ...behind } = { ...record, meta: { ...record.meta, unchanged } };
    return Buffer.from(`,${JSON.stringify(behind).slice(1)}}`);
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

/** A record without its data. */
function parsedBehindData(rest: Buffer): {
  readonly data: 0;
  readonly meta?: { readonly unchanged?: readonly string[] };
} {
  try {
    return JSON.parse(`{"data":0${rest.toString("utf8", 0, rest.length - 1)}`) as never;
  } catch {
    throw new Failure("protocol.bad_message", "what follows the data of a RECORD is no JSON");
  }
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
