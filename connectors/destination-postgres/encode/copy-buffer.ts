/**
 * How a buffer grows: by eight, as long as it is small. What it outgrows stays in memory until it is
 * collected: of a buffer that doubles, as much as the buffer takes. Pages that nothing is written to take none.
 */
const STEP = 8;
const SMALL_BYTES = 1024 * 1024;

/**
 * A growing buffer of rows for COPY. Nothing here checks for room: call `reserve` once per row with
 * enough for the worst case, so that the loops that see every byte stay bare.
 */
export class CopyBuffer {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `extraBytes` more. */
  reserve(extraBytes: number): void {
    const wanted = this.length + extraBytes;
    if (wanted <= this.bytes.length) return;
    const { length: capacity } = this.bytes;
    const step = capacity < SMALL_BYTES ? STEP : 2;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, capacity * step));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** Appends the low 16 bits of `value`, the high byte first. */
  int16(value: number): void {
    const { bytes, length } = this;
    bytes[length] = value >>> 8;
    bytes[length + 1] = value;
    this.length = length + 2;
  }

  /** Appends the low 32 bits of `value`, the high byte first. */
  int32(value: number): void {
    this.int32At(this.length, value);
    this.length += 4;
  }

  /** Puts the low 32 bits of `value` over what is at `at`. */
  int32At(at: number, value: number): void {
    const { bytes } = this;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** Appends bytes as they are. */
  verbatim(source: Buffer, start: number, end: number): void {
    let o = this.length;
    const out = this.bytes;
    // Under a few dozen bytes a loop is faster than the call into native code.
    if (end - start < 48) for (let i = start; i < end; i++) out[o++] = source[i]!;
    else o += source.copy(out, o, start, end);
    this.length = o;
  }

  /** Appends ASCII text as it is. */
  ascii(text: string): void {
    this.length += this.bytes.write(text, this.length, "latin1");
  }
}
