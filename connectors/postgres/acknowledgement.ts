import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/** How often a silent peer is looked after, and how often in vain before it is given up. */
export interface Patience {
  readonly everyMs: number;
  readonly looks: number;
}

/** Half a minute, as long as an idle connection is given before it is probed. */
export const PATIENCE: Patience = { everyMs: 5_000, looks: 6 };

/** Linux lists here what each connection still has to send again. */
const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

/**
 * Destroys `socket` with ETIMEDOUT when what was sent on it is not acknowledged for too long. That is
 * what TCP_USER_TIMEOUT is for, which Node cannot set: while bytes are on their way the system sends
 * no keepalive probes, and repeats the bytes for a quarter of an hour. A peer that is busy
 * acknowledges them all the same. Does nothing where the system does not tell.
 *
 * @param tcp the connection that carries `socket`, or `socket` itself.
 */
export function expectAcknowledgements(socket: Socket, tcp: Socket, patience: Patience): void {
  const { localPort, remotePort } = tcp;
  if (localPort === undefined || remotePort === undefined) return; // a Unix socket
  let received = tcp.bytesRead;
  let seen: readonly number[] = [];
  let vain = 0;
  const look = async () => {
    const isAlive = tcp.bytesRead !== received || tcp.bytesWritten === 0;
    received = tcp.bytesRead;
    const repeats = isAlive ? [] : await repetitions(localPort, remotePort);
    const isVain = repeats.length > 0 && repeats.every((n, i) => n > 0 && n >= (seen[i] ?? 0));
    seen = repeats;
    vain = isVain ? vain + 1 : 0;
    if (vain >= patience.looks) socket.destroy(timedOut());
  };
  const timer = setInterval(() => void look(), patience.everyMs);
  timer.unref();
  socket.once("close", () => clearInterval(timer));
}

/**
 * How often each connection between two ports had to repeat its oldest bytes since the peer last
 * acknowledged any. There is more than one where two hosts are reached from the same port.
 */
async function repetitions(localPort: number, remotePort: number): Promise<number[]> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, "latin1").catch(() => "")));
  return tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote]) => portOf(local) === localPort && portOf(remote) === remotePort)
    .map((fields) => Number.parseInt(fields[6] ?? "", 16) || 0);
}

/** Of an address such as `0100007F:1538`. */
function portOf(address: string | undefined): number {
  return Number.parseInt(address?.split(":")[1] ?? "", 16);
}

function timedOut(): Error {
  return Object.assign(new Error("the peer acknowledges nothing"), { code: "ETIMEDOUT" });
}
