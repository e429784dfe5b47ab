import { finished, type Readable } from "node:stream";

/**
 * The chunks of `stdin`, of at most `chunkBytes`, until it ends or `signal` aborts, whichever comes
 * first. An abort ends it the way the end of the input does, so check the signal where the difference
 * matters. A chunk is valid until the next one is asked for; nothing is read meanwhile.
 */
export async function* inputOf(
  stdin: Readable,
  signal: AbortSignal,
  chunkBytes: number,
): AsyncGenerator<Buffer> {
  const input = new Chunks(stdin);
  // Racing each chunk against a promise of the abort would leave something behind for every chunk.
  const stop = () => void stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) return;
    for (;;) {
      const chunk = await input.next();
      if (chunk === undefined) return;
      if (chunk.length <= chunkBytes) yield chunk;
      else yield* pieces(chunk, chunkBytes);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    stdin.destroy();
  }
}

/** The chunks of a stream, one at a time, in the memory they were read into: iterating would copy them. */
class Chunks {
  readonly #stream: Readable;
  #chunk: Buffer | undefined;
  #end: "ended" | Error | undefined;
  #wake: () => void = () => {};

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.pause();
    stream.on("data", (chunk: Buffer) => {
      stream.pause();
      this.#chunk = chunk;
      this.#wake();
    });
    finished(stream, { writable: false }, (error) => {
      this.#end = error ?? "ended";
      this.#wake();
    });
  }

  /** The next one, after which the one before must not be used any more; undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    this.#chunk = undefined;
    if (this.#end === undefined) {
      this.#stream.resume();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#chunk !== undefined) return this.#chunk;
    if (this.#end instanceof Error) throw this.#end;
    return undefined;
  }
}

function* pieces(chunk: Buffer, bytes: number): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += bytes) yield chunk.subarray(at, at + bytes);
}
