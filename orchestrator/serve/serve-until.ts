import type { StopRequest } from "../sync/work.ts";
import type { Serving } from "./serve.ts";

/**
 * Serves until it is asked to stop or another process has taken the home over, and ends what runs. Resolves
 * when all has ended. Throws what `stop` of a `Serving` throws.
 */
export async function serveUntil(
  { gracefully, now }: StopRequest,
  serving: Pick<Serving, "lost" | "stop">,
): Promise<void> {
  await aborted(AbortSignal.any([gracefully, serving.lost]));
  const hurry = () => {
    serving.stop("now").catch(() => {}); // the one that is waited for fails of the same
  };
  now.addEventListener("abort", hurry, { once: true });
  try {
    // Who asked twice while it was starting is not asked again.
    await serving.stop(now.aborted ? "now" : "gracefully");
  } finally {
    now.removeEventListener("abort", hurry);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
