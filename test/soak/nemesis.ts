import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "../support/fixtures.ts";
import { type PostgresServer, restart } from "../support/postgres-server.ts";
import { descendants } from "../support/processes.ts";
import { type Action, type Proxy, startProxy, type WireMessage } from "../support/proxy.ts";
import type { SeededRandom } from "./random.ts";

/** One end of a connection: a server of the soak's own, and a database on it. */
export interface End {
  readonly server: PostgresServer;
  readonly database: Database;
}

const SIDES = ["source", "destination"] as const;
export type Side = (typeof SIDES)[number];

/** What there is to kill: each alone, or all of them at once. */
const VICTIMS = ["syncline", "source-postgres", "destination-postgres", "all"] as const;
export type Victim = (typeof VICTIMS)[number];

/** Faults that were done, by kind, over all seeds of this process. */
const faultsDone = new Map<string, number>();

/** The sum of them, and how often each was done. */
export function describeFaults(): string {
  const counts = [...faultsDone].map(([kind, count]) => `${count} × ${kind}`).toSorted();
  const sum = [...faultsDone.values()].reduce((total, count) => total + count, 0);
  return `${sum} faults: ${counts.join(", ")}\n`;
}

/** A fault that waits for its moment: a step of the writers, or a message on a wire. */
interface Planned {
  readonly fault: Fault;
  readonly step?: number;
  readonly message?: { readonly side: Side; readonly number: number };
}

interface Fault {
  readonly kind: string;
  readonly strike: (syncline: number) => Promise<void>;
}

/** Steps of the writers within which a fault comes that waits for one. */
const STEPS = 300;

/** A fault that waits for a message comes at one of so many, the first ones most often. */
const MESSAGES = 3_000;

const LONGEST_PAUSE_MS = 900;

/** Stands between the connectors and their servers, and does what the seed says when it is time. */
export class Nemesis {
  readonly #random: SeededRandom;
  readonly #ends: Readonly<Record<Side, End>>;
  readonly #proxies = new Map<Side, Proxy>();
  readonly #messages: Record<Side, number> = { source: 0, destination: 0 };
  /** What is done to the next message. */
  readonly #wire = new Map<Side, () => Action | Promise<Action>>();
  #planned: Planned[] = [];
  #syncline: number | undefined;
  /** Faults come one after the other: a server that is being restarted cannot be restarted. */
  #striking: Promise<void> = Promise.resolve();

  private constructor(random: SeededRandom, ends: Readonly<Record<Side, End>>) {
    this.#random = random;
    this.#ends = ends;
  }

  static async open(random: SeededRandom, ends: Readonly<Record<Side, End>>): Promise<Nemesis> {
    const nemesis = new Nemesis(random, ends);
    for (const side of SIDES) {
      const decide = async (message: WireMessage) => nemesis.#decide(side, message);
      nemesis.#proxies.set(side, await startProxy(ends[side].database.config, decide));
    }
    return nemesis;
  }

  /** Where a connector finds its server. */
  place(side: Side): { host: string; port: number } {
    const { host, port } = this.#proxies.get(side)!;
    return { host, port };
  }

  /**
   * Chooses what is to happen in the next job.
   *
   * @param victims what there is to kill: in a shell pipe no orchestrator.
   */
  plan(faults: number, victims: readonly Victim[] = VICTIMS): void {
    this.#planned = Array.from({ length: faults }, () => {
      const fault = this.#anyFault(victims);
      if (this.#random.below(2) === 0) return { fault, step: this.#random.below(STEPS) };
      const number = Math.ceil(MESSAGES ** this.#random.fraction());
      return { fault, message: { side: this.#random.pick(SIDES), number } };
    });
  }

  begin(syncline: number): void {
    for (const side of SIDES) this.#messages[side] = 0;
    this.#syncline = syncline;
  }

  /** Tells which step the writers are at. */
  async step(number: number): Promise<void> {
    await this.#strike(({ step }) => step === number);
  }

  /** After the job: nothing more happens, and all that was broken is up again. */
  async end(): Promise<void> {
    this.#syncline = undefined;
    this.#planned = [];
    this.#wire.clear();
    await this.#striking;
  }

  /** Breaks what went through it. Calling it again does nothing. */
  async close(): Promise<void> {
    const proxies = [...this.#proxies.values()];
    this.#proxies.clear();
    for (const proxy of proxies) await proxy.close();
  }

  async #decide(side: Side, { type }: WireMessage): Promise<Action> {
    if (type === "ssl" || this.#syncline === undefined) return "pass";
    const number = ++this.#messages[side];
    await this.#strike(
      ({ message }) => message !== undefined && message.side === side && message.number === number,
    );
    const act = this.#wire.get(side);
    this.#wire.delete(side);
    return act?.() ?? "pass";
  }

  async #strike(isDue: (planned: Planned) => boolean): Promise<void> {
    const due = this.#planned.filter(isDue);
    if (due.length === 0) return;
    this.#planned = this.#planned.filter((planned) => !due.includes(planned));
    for (const { fault } of due) this.#striking = this.#after(this.#striking, fault);
    await this.#striking;
  }

  async #after(before: Promise<void>, { kind, strike }: Fault): Promise<void> {
    await before;
    if (this.#syncline === undefined) return;
    faultsDone.set(kind, (faultsDone.get(kind) ?? 0) + 1);
    await strike(this.#syncline);
  }

  /** One of all kinds, those that are likeliest in life most often. */
  #anyFault(victims: readonly Victim[]): Fault {
    const random = this.#random;
    const victim = random.pick(victims);
    const side = random.pick(SIDES);
    const kill = { kind: `kill -9 ${victim}`, strike: signalTo(victim, "SIGKILL") };
    const end = { kind: `kill ${victim}`, strike: signalTo(victim, "SIGTERM") };
    const milliseconds = random.below(LONGEST_PAUSE_MS);
    const sleep = { kind: `stop and continue ${victim}`, strike: sleepOf(victim, milliseconds) };
    const wire = random.pick(["close", "reset", "freeze"] as const);
    const passed = random.pick([0, 3, "all"] as const);
    const cut = {
      kind: `${wire} the ${side}'s connection`,
      strike: async () => {
        this.#wire.set(side, () => ({ pass: passed, fault: wire }));
      },
    };
    const hold = {
      kind: `hold up the ${side}'s connection`,
      strike: async () => {
        this.#wire.set(side, async (): Promise<Action> => {
          await pause(milliseconds);
          return "pass";
        });
      },
    };
    const { server, database } = this.#ends[side];
    const sessions = {
      kind: `end the ${side}'s sessions`,
      strike: async () => endSessions(database),
    };
    const crash = {
      kind: `crash the ${side}'s server`,
      strike: async () => restart(server, "immediate"),
    };
    return random.pick([kill, kill, kill, kill, end, sleep, cut, cut, hold, sessions, crash]);
  }
}

const signalTo = (victim: string, signal: NodeJS.Signals) => async (syncline: number) => {
  for (const pid of pidsOf(victim, syncline)) send(pid, signal);
};

const sleepOf = (victim: string, milliseconds: number) => async (syncline: number) => {
  const pids = pidsOf(victim, syncline);
  for (const pid of pids) send(pid, "SIGSTOP");
  await pause(milliseconds);
  for (const pid of pids) send(pid, "SIGCONT");
};

function pidsOf(victim: string, syncline: number): number[] {
  if (victim === "syncline") return [syncline];
  if (victim === "all") return [syncline, ...descendants(syncline, "")];
  return descendants(syncline, `${victim}/bin.js`);
}

/** Sends a signal to a process that may be gone. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended in this instant: then nothing happens this time
  }
}

async function endSessions(database: Database): Promise<void> {
  const sql = `
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'syncline %'`;
  await database.rows(sql).catch(() => {}); // its server was crashed before
}
