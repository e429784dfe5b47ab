import { once } from "node:events";
import type { CancelKey } from "./driver.ts";
import type { PostgresConfig } from "./settings.ts";
import { openSocket } from "./socket.ts";

/** Length 16, code 80877102. */
const CANCEL_REQUEST = [0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e];
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Asks the server to stop what runs on one connection, by the protocol's own request, which
 * connection poolers understand too. Best effort: when it gets lost, the statement goes on to its
 * end. Carries nothing secret but the session's cancel key, and is sent unencrypted as libpq always
 * did.
 *
 * A request stops whatever runs when it arrives, so the next statement must not be sent before the
 * server has dealt with it: then this resolves, after 10 seconds at most. Never rejects.
 */
export async function requestCancel(key: CancelKey, config: PostgresConfig): Promise<void> {
  const patience = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    const { socket } = await openSocket(config, "never", {}, patience);
    patience.addEventListener("abort", () => socket.destroy(), { once: true });
    // The server says nothing: it closes the connection once it has signalled the session.
    const closed = once(socket, "close");
    // Not `end`: a pooler may drop the request of a client that seems to have gone.
    socket.resume().write(cancelRequest(key));
    await closed;
  } catch {
    // Best effort, as said above.
  }
}

function cancelRequest({ processId, secretKey }: CancelKey): Buffer {
  const request = Buffer.alloc(16);
  request.set(CANCEL_REQUEST);
  request.writeInt32BE(processId, 8);
  request.writeInt32BE(secretKey, 12);
  return request;
}
