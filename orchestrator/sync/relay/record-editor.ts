import { hash } from "node:crypto";
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

/** A member of records, by a spelling of its key. */
interface Member {
  /** The key as it is spelled, with quotes. */
  readonly spelled: Buffer;
  readonly name: string;
  readonly isKept: boolean;
  /** Undefined: it stays as it is. */
  readonly plan: FieldPlan | undefined;
}

/** Spellings of keys that are remembered; the keys of an object that is a map have no end. */
const MOST_MEMBERS = 10_000;

/** What a record has room in at first. */
const LEAST_BYTES = 4096;

/** Memory of a larger record is handed out instead of kept: whoever has one of 100 MB may have no other. */
const MOST_KEPT_BYTES = 64 * 1024;

/** The longest digest in hexadecimal, with quotes, and what separates members. */
const ROOM_OF_MEMBER = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LETTER_N = 0x6e;

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
  /** By their keys as they are spelled, so that each spelling is parsed once. */
  readonly #members = new Map<string, Member>();
  /** Those of the record before, in its order: records of a stream mostly have the same. */
  readonly #before: Member[] = [];
  /** What an object becomes, before it is copied from here. */
  #memory = Buffer.allocUnsafe(LEAST_BYTES);

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
    const values = this.#conditions.length > 0 ? new Map<string, string>() : undefined;
    let at = 0;
    let position = 0;
    this.#memory[at++] = OPEN;
    const dataEnd = forEachMember(bytes, start, end, (keyStart, keyEnd, from, to) => {
      const member = this.#memberAt(position++, bytes, keyStart, keyEnd);
      values?.set(member.name, textOf(bytes, from, to));
      const { plan } = member;
      if (!member.isKept || (plan && plan.key === undefined)) return;
      this.#makeRoom(at, (plan?.key?.length ?? 0) + (to - keyStart) + ROOM_OF_MEMBER);
      const memory = this.#memory;
      if (at > 1) memory[at++] = COMMA;
      if (plan?.key === undefined) {
        at += bytes.copy(memory, at, keyStart, to);
        return;
      }
      at += plan.key.copy(memory, at);
      memory[at++] = COLON;
      if (plan.hash === undefined || bytes[from] === LETTER_N) {
        at += bytes.copy(memory, at, from, to);
        return;
      }
      memory[at++] = QUOTE;
      at += memory.write(digestOf(plan.hash, bytes, from, to), at, "latin1");
      memory[at++] = QUOTE;
    });
    if (dataEnd === MALFORMED)
      throw new Failure("protocol.bad_message", "the data of a RECORD is not well-formed JSON");
    if (values && !this.#conditions.every((one) => holds(one, values))) return undefined;
    this.#makeRoom(at, 1);
    this.#memory[at++] = CLOSE;
    return { data: this.#take(at), dataEnd };
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

  /** @param position among the members of its record. */
  #memberAt(position: number, bytes: Buffer, start: number, end: number): Member {
    const before = this.#before[position];
    if (
      before !== undefined &&
      before.spelled.length === end - start &&
      before.spelled.compare(bytes, start, end) === 0
    )
      return before;
    const member = this.#memberOf(bytes.toString("utf8", start, end));
    if (position < MOST_MEMBERS) this.#before[position] = member;
    return member;
  }

  #memberOf(spelled: string): Member {
    const known = this.#members.get(spelled);
    if (known !== undefined) return known;
    const name = JSON.parse(spelled) as string;
    const member = {
      spelled: Buffer.from(spelled),
      name,
      isKept: this.#kept === undefined || this.#kept.has(name),
      plan: this.#plans.get(name),
    };
    if (this.#members.size < MOST_MEMBERS) this.#members.set(spelled, member);
    return member;
  }

  #makeRoom(at: number, bytes: number): void {
    if (at + bytes <= this.#memory.length) return;
    const memory = Buffer.allocUnsafe(Math.max(2 * this.#memory.length, at + bytes));
    this.#memory.copy(memory, 0, 0, at);
    this.#memory = memory;
  }

  /** The first bytes of the memory, which change no more. */
  #take(bytes: number): Buffer {
    const taken = this.#memory.subarray(0, bytes);
    if (this.#memory.length <= MOST_KEPT_BYTES) return Buffer.from(taken);
    this.#memory = Buffer.allocUnsafe(LEAST_BYTES);
    return taken;
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

/** The digest of a value's text, in hexadecimal. */
function digestOf(method: string, bytes: Buffer, start: number, end: number): string {
  const isString = bytes[start] === QUOTE;
  const text = isString ? bytes.subarray(start + 1, end - 1) : bytes.subarray(start, end);
  const isPlain = !isString || !text.includes(BACKSLASH);
  return hash(method, isPlain ? text : textOf(bytes, start, end), "hex");
}

/** A value as a text: a string's own, of anything else its JSON. */
function textOf(bytes: Buffer, start: number, end: number): string {
  const spelled = bytes.toString("utf8", start, end);
  return bytes[start] === QUOTE ? (JSON.parse(spelled) as string) : spelled;
}

function holds(condition: Condition, values: ReadonlyMap<string, string>): boolean {
  if ("equal" in condition) return values.get(condition.equal.field) === condition.equal.value;
  if ("not" in condition) return !condition.not.some((inner) => holds(inner, values));
  if ("and" in condition) return condition.and.every((inner) => holds(inner, values));
  return condition.or.some((inner) => holds(inner, values));
}
