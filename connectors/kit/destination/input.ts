import type { Readable } from "node:stream";

/**
 * The chunks of `stdin` until it ends or `signal` aborts, whichever comes first. An abort ends it
 * the way the end of the input does, so check the signal where the difference matters.
 */
export async function* inputOf(stdin: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  // Racing each chunk against a promise of the abort would leave something behind for every chunk.
  const stop = () => void stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (!signal.aborted) yield* stdin as AsyncIterable<Buffer>;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
