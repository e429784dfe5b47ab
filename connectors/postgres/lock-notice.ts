import type { Session } from "./session.ts";
import { label, type Sql, type Table } from "./sql.ts";

/** A lock that is there by then is not worth a word. */
const LOOK_AFTER_MS = 2_000;
const LOOK_AGAIN_MS = 10_000;

/** A lock that is waited for. */
export interface LockWait {
  /** Undefined where the server does not tell. */
  readonly table: Table | undefined;
  /** The table and the sessions that hold the lock, as a clause. */
  readonly text: string;
}

/** Told of a wait when it takes long, again when it is another one, and with undefined when it is over. */
export type OnLockWait = (wait: LockWait | undefined) => void;

/**
 * Tells of what a session does that it waits for other sessions' locks, when nothing of it ends for a while.
 * Found out on another connection: this one waits. Behind a pooler nobody can tell which of the server's
 * sessions is ours, and nothing is told.
 */
export class LockNotice {
  readonly #session: Session;
  readonly #onWait: OnLockWait;
  #running = 0;
  #told: LockWait | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The look under way; another one makes its answer worth nothing. */
  #looking: Promise<void> | undefined;

  constructor(session: Session, onWait: OnLockWait) {
    this.#session = session;
    this.#onWait = onWait;
  }

  /** Runs what may wait; some of it may be sent while other is under way. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    this.#lookIn(LOOK_AFTER_MS);
    try {
      return await work();
    } finally {
      this.#running--;
      clearTimeout(this.#timer);
      const looking = this.#looking;
      this.#looking = undefined;
      await looking;
      this.#tell(undefined);
      if (this.#running > 0) this.#lookIn(LOOK_AFTER_MS);
    }
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const looking: Promise<void> = this.#look(() => this.#looking === looking);
      this.#looking = looking;
    }, ms);
  }

  async #look(counts: () => boolean): Promise<void> {
    // A remark is no reason to fail.
    const wait = await findWait(this.#session).catch(() => undefined);
    if (!counts()) return;
    this.#tell(wait);
    this.#lookIn(LOOK_AGAIN_MS);
  }

  #tell(wait: LockWait | undefined): void {
    if (wait?.text !== this.#told?.text) this.#onWait(wait);
    this.#told = wait;
  }
}

async function findWait(session: Session): Promise<LockWait | undefined> {
  const query = findLockWait(session.processId);
  const rows = await session.onOtherConnection((other) =>
    other.whileReading(() => other.query("look for what holds a lock", query)),
  );
  if (rows.length === 0) return undefined;
  const holders = rows.map(({ pid, application, state }) => {
    const about = [application, state].filter((part) => part != null && part !== "").join(", ");
    return about === "" ? pid : `${pid} (${about})`;
  });
  const { schema, name } = rows[0]!;
  const table = schema && name ? { schema, name } : undefined;
  return {
    table,
    text: `waiting for a lock on ${table ? label(table) : "a table"}, which is held or asked for by session ${holders.join(", ")}`,
  };
}

/**
 * The table on which the server's process `pid` waits for a lock, its own or of a row, and the sessions it
 * waits for. Only where that process is one of ours: numbers of a pooler's are nobody's, or somebody else's.
 */
function findLockWait(pid: number): Sql {
  return {
    text: `select n.nspname as schema, c.relname as name, b.pid::text as pid,
  a.application_name as application, a.state
from pg_locks l
left join pg_locks r on r.pid = l.pid and r.locktype = 'tuple' and l.locktype = 'transactionid'
left join pg_class c on c.oid = coalesce(l.relation, r.relation)
left join pg_namespace n on n.oid = c.relnamespace
join pg_stat_activity ours on ours.pid = l.pid and ours.usename = current_user
  and ours.application_name = current_setting('application_name')
cross join unnest(pg_blocking_pids(l.pid)) as b(pid)
left join pg_stat_activity a on a.pid = b.pid
where l.pid = $1::int and not l.granted and l.locktype in ('relation', 'tuple', 'transactionid')
order by b.pid`,
    values: [String(pid)],
  };
}
