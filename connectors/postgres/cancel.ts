import type { Client } from "pg";
import type { PostgresConfig } from "./settings.ts";
import { openSocket } from "./socket.ts";

/** Length 16, code 80877102. */
const CANCEL_REQUEST = [0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e];
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Asks the server to stop what runs on `client`, by the protocol's own request, which connection
 * poolers understand too. Best effort: when it gets lost, the statement goes on to its end. Carries
 * nothing secret but the session's cancel key, and is sent unencrypted as libpq always did.
 */
export function cancelRunning(client: Client, config: PostgresConfig): void {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const request = Buffer.alloc(16);
  request.set(CANCEL_REQUEST);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  void send(config, request);
}

async function send(config: PostgresConfig, request: Buffer): Promise<void> {
  try {
    const patience = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const { socket } = await openSocket(config, "never", {}, patience);
    socket.on("error", () => {}); // best effort, as said above
    socket.resume().end(request);
  } catch {
    // Best effort, as said above.
  }
}
