import type { Socket } from "node:net";
import { connectSsh, type SshConnection } from "./connection.ts";
import type { SshTunnel } from "./settings.ts";

/** A connection to an SSH server that is open, or on its way, and how many use it. */
interface Shared {
  readonly connection: Promise<SshConnection>;
  readonly giveUp: AbortController;
  users: number;
}

/** By the settings that it is made with. */
const open = new WeakMap<SshTunnel, Shared>();

/**
 * A connection to a database through an SSH server. All that have the same settings, the object itself, go
 * through one connection to that server, which ends with the last of them.
 *
 * @throws `ssh.*`; `postgres.unreachable` when that server cannot connect to the database; the reason of
 * `signal`.
 */
export async function openThroughTunnel(
  tunnel: SshTunnel,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const shared = join(tunnel);
  try {
    const connection = await unlessAborted(shared.connection, signal);
    const opening = connection.forward(host, port);
    const stream = await unlessAborted(opening, signal).catch((error: unknown) => {
      void opening.then(
        (late) => late.destroy(),
        () => {},
      );
      throw error;
    });
    stream.once("close", () => leave(tunnel, shared));
    return stream;
  } catch (error) {
    leave(tunnel, shared);
    throw error;
  }
}

function join(tunnel: SshTunnel): Shared {
  let shared = open.get(tunnel);
  if (shared === undefined) {
    const giveUp = new AbortController();
    shared = { connection: connectSsh(tunnel, giveUp.signal), giveUp, users: 0 };
    open.set(tunnel, shared);
    const forget = forgetting(tunnel, shared);
    shared.connection.then((connection) => connection.onceGone(forget), forget);
  }
  shared.users++;
  return shared;
}

function leave(tunnel: SshTunnel, shared: Shared): void {
  if (--shared.users > 0) return;
  forgetting(tunnel, shared)();
  shared.giveUp.abort();
  shared.connection.then(
    (connection) => connection.close(),
    () => {},
  );
}

/** Whoever comes next makes another connection. */
const forgetting = (tunnel: SshTunnel, shared: Shared) => () => {
  if (open.get(tunnel) === shared) open.delete(tunnel);
};

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
