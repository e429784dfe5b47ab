import type { Readable } from "node:stream";

/**
 * The chunks of `stdin`, of at most `chunkBytes`, until it ends or `signal` aborts, whichever comes
 * first. An abort ends it the way the end of the input does, so check the signal where the difference
 * matters.
 */
export async function* inputOf(
  stdin: Readable,
  signal: AbortSignal,
  chunkBytes: number,
): AsyncGenerator<Buffer> {
  // Racing each chunk against a promise of the abort would leave something behind for every chunk.
  const stop = () => void stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (!signal.aborted)
      for await (const chunk of stdin as AsyncIterable<Buffer>)
        if (chunk.length <= chunkBytes) yield chunk;
        else yield* pieces(chunk, chunkBytes);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function* pieces(chunk: Buffer, bytes: number): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += bytes) yield chunk.subarray(at, at + bytes);
}
