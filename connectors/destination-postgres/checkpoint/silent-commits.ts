import type { Session } from "../../postgres/session.ts";
import type { Owner } from "../plan/owner.ts";
import { untilFree } from "../schema/lock.ts";
import { endSilentCommits } from "./queries.ts";

/** How long a writer that is about to commit may say nothing, in seconds. */
const LONGEST_SILENCE = 5;

/**
 * Sees to it that whoever waits for a commit of `owner` does not wait for ever. A writer whose machine
 * or connection died between the last statement of its transaction and its COMMIT is there for the
 * server until TCP gives it up, which takes hours. It is ended; a COMMIT that is on its way comes
 * before or not at all. A commit that the server is at is waited for, however long it takes.
 */
export async function settleCommits(
  session: Session,
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  await untilFree(signal, async () => {
    const query = endSilentCommits(owner, LONGEST_SILENCE);
    return (await session.query("look for a commit that does not come", query)).length === 0;
  });
}
