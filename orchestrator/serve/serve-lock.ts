import { hostname } from "node:os";
import { Failure } from "../../protocol/errors.ts";
import type { Home } from "../store/home.ts";
import { lockConnection, seenHolders, type Lock } from "../store/lock.ts";

/** No connection can be called that: names begin with a letter or digit. */
const NAME = "_serve";

/**
 * Takes what only one `syncline serve` has of a home; connections have locks of their own, so that a sync
 * by hand goes on beside it. Throws `sync.locked` where another one serves it, and the reason of `signal`.
 */
export async function lockServe(
  home: Home,
  options: { readonly signal?: AbortSignal; readonly onWait?: (text: string) => void },
): Promise<Lock> {
  try {
    return await lockConnection(home.locks, NAME, options);
  } catch (error) {
    const [holder] = seenHolders(home.locks, NAME);
    if (!(error instanceof Failure) || error.code !== "sync.locked" || !holder) throw error;
    const elsewhere = holder.host === hostname() ? "" : ` on ${holder.host}`;
    throw new Failure(
      "sync.locked",
      `${home.path} is served by process ${holder.pid}${elsewhere} since ${holder.since}`,
      { hint: "stop it, or serve another home", facts: { pid: holder.pid } },
    );
  }
}
