import type { Readable } from "node:stream";

/**
 * The chunks of `stdin` until it ends or `signal` aborts, whichever comes first; an abort ends it
 * like the end of the input does, so check the signal where the difference matters. A chunk that
 * arrived before the abort is still handed out.
 */
export async function* inputOf(stdin: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  let stop: () => void = () => {};
  const aborted = new Promise<IteratorReturnResult<undefined>>((resolve) => {
    stop = () => resolve({ done: true, value: undefined });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  const chunks = stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const next = chunks.next();
      const result = await Promise.race([next, aborted]);
      if (result.done === true) {
        next.catch(() => {}); // destroying an input that still waits rejects the wait
        return;
      }
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stdin.destroy();
  }
}
