import type { JsonObject } from "../../../protocol/json.ts";

/** Finds the places in a copy from which a later read can resume. */
export interface SafePlaces {
  /**
   * Sees every row after it was printed: where its hidden columns lie, still escaped. Whether a read
   * can resume before this row. Must not keep `bytes`.
   */
  isSafeBefore(bytes: Buffer, hidden: Int32Array): boolean;
  /** Sees the last row of each chunk in the same way. Whether a read can resume after it. */
  isSafeAfter(bytes: Buffer, hidden: Int32Array): boolean;
  /** The state to resume from at the last safe place, up to which `records` were printed. */
  stateAt(records: number): JsonObject;
}

/**
 * Safe places of a read in the order rows are stored: after every row. Expects `ctid` as the hidden
 * column at index `at`.
 */
export class StoredOrder implements SafePlaces {
  readonly #at: number;
  readonly #from: string | undefined;
  readonly #blob: (ctid: string, records: number) => JsonObject;
  #ctid = "";
  #isBeyond: boolean;

  /**
   * @param from where an interrupted read stopped: no place before it is safe, because what that
   *   read delivered and what this one did would be two different things.
   * @param blob makes the state for a place up to which `records` were printed; called when it is
   *   printed.
   */
  constructor(
    at: number,
    from: string | undefined,
    blob: (ctid: string, records: number) => JsonObject,
  ) {
    this.#at = at * 2;
    this.#from = from;
    this.#blob = blob;
    this.#isBeyond = from === undefined;
  }

  isSafeBefore(): boolean {
    return false;
  }

  isSafeAfter(bytes: Buffer, hidden: Int32Array): boolean {
    this.#ctid = bytes.toString("latin1", hidden[this.#at], hidden[this.#at + 1]);
    this.#isBeyond ||= isAfter(this.#ctid, this.#from!);
    return this.#isBeyond;
  }

  stateAt(records: number): JsonObject {
    return this.#blob(this.#ctid, records);
  }
}

function isAfter(ctid: string, other: string): boolean {
  const [block, line] = partsOf(ctid);
  const [otherBlock, otherLine] = partsOf(other);
  return block! > otherBlock! || (block === otherBlock && line! > otherLine!);
}

const partsOf = (ctid: string) => ctid.slice(1, -1).split(",").map(Number);

/**
 * Safe places of a read in the order of its cursor: between two values, once all rows at or below
 * the value of the last read are out. Expects as hidden columns at index `at` the cursor, in a form
 * that equal values share, and whether it is beyond the last read's.
 */
export class CursorOrder implements SafePlaces {
  readonly #at: number;
  readonly #blob: (cursor: string, count: number) => JsonObject;
  /** The value of the last row, in COPY's form, and how many rows in a row have it. */
  #value = Buffer.alloc(64);
  #valueBytes = -1;
  #count = 0;
  #isBeyond = false;
  /** The same of the last safe place. */
  #safeValue = Buffer.alloc(64);
  #safeBytes = 0;
  #safeCount = 0;

  /** @param blob makes the state for a value that `count` rows have; called when it is printed. */
  constructor(at: number, blob: (cursor: string, count: number) => JsonObject) {
    this.#at = at * 2;
    this.#blob = blob;
  }

  isSafeBefore(bytes: Buffer, hidden: Int32Array): boolean {
    const start = hidden[this.#at]!;
    const end = hidden[this.#at + 1]!;
    const value = this.#value;
    if (
      end - start === this.#valueBytes &&
      bytes.compare(value, 0, this.#valueBytes, start, end) === 0
    ) {
      this.#count++;
      return false;
    }
    const isSafe = this.#isBeyond;
    if (isSafe) {
      this.#value = this.#safeValue;
      this.#safeValue = value;
      this.#safeBytes = this.#valueBytes;
      this.#safeCount = this.#count;
    }
    if (end - start > this.#value.length) this.#value = Buffer.alloc((end - start) * 2);
    bytes.copy(this.#value, 0, start, end);
    this.#valueBytes = end - start;
    this.#isBeyond = bytes[hidden[this.#at + 2]!] === 0x74;
    this.#count = 1;
    return isSafe;
  }

  isSafeAfter(): boolean {
    return false;
  }

  stateAt(): JsonObject {
    const value = unescaped(this.#safeValue.toString("utf8", 0, this.#safeBytes));
    return this.#blob(value, this.#safeCount);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A value of COPY's text format as it was. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gsu, (_, letter: string) => ESCAPES[letter] ?? letter);
}
