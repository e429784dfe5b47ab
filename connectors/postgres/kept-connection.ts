import { connect, type ConnectOptions } from "./connection.ts";
import { Session } from "./session.ts";
import type { PostgresConfig } from "./settings.ts";

/** Where a command leaves a connection for the next one of its process. */
export interface Shelf {
  /** Whether another command may come. */
  readonly isOpen: boolean;
  readonly take: () => { readonly close: () => Promise<void> } | undefined;
  readonly leave: (kept: KeptConnection) => void;
}

/** How a command begins and ends with a connection. */
export interface Manners {
  /**
   * Makes a session what the command needs. On a connection that was kept, its first turn shows whether
   * that still works.
   *
   * @param isNew whether nothing is known of the connection yet.
   */
  readonly begin: (session: Session, isNew: boolean) => Promise<unknown>;
  /** Statements that take back what was set outside of transactions. */
  readonly reset: readonly string[];
}

/** A connection between two commands. */
export class KeptConnection {
  readonly #session: Session;
  readonly #config: string;

  /** @param session one that rests. */
  constructor(session: Session, config: PostgresConfig) {
    this.#session = session;
    this.#config = JSON.stringify(config);
  }

  /** A session on it; undefined when it is closed, because it broke or `config` wants another. */
  async renewed(config: PostgresConfig, options: ConnectOptions): Promise<Session | undefined> {
    if (this.#config === JSON.stringify(config)) return this.#session.renewed(options);
    await this.close();
    return undefined;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/**
 * Runs `work` on the connection that the command before it left in the process, or on a new one, and
 * leaves it to the next one, if any may come and all went well: a distant server is signed in to, and told
 * from a pooler, once. One that broke meanwhile is as if there had been none.
 */
export async function onKeptConnection<T>(
  config: PostgresConfig,
  options: ConnectOptions,
  shelf: Shelf | undefined,
  { begin, reset }: Manners,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const left = shelf?.take();
  const kept = left instanceof KeptConnection ? await left.renewed(config, options) : undefined;
  const isKept = kept !== undefined && (await isOfUse(kept, begin));
  const session = isKept ? kept : await openUnpinned(config, options);
  let isLeft = false;
  try {
    if (!isKept) await begin(session, true);
    const result = await work(session);
    if (shelf?.isOpen === true) {
      session.rest(...reset);
      shelf.leave(new KeptConnection(session, config));
      isLeft = true;
    }
    return result;
  } finally {
    if (!isLeft) await session.close();
  }
}

/** Whether a command can begin on it; else it is closed. */
async function isOfUse(kept: Session, begin: Manners["begin"]): Promise<boolean> {
  try {
    await begin(kept, false);
    return true;
  } catch {
    // Whatever is wrong: if it is not the connection, a new one has it, too.
    await kept.close();
    return false;
  }
}

async function openUnpinned(config: PostgresConfig, options: ConnectOptions): Promise<Session> {
  return new Session(await connect(config, { ...options, pin: "nothing" }), config, options);
}
