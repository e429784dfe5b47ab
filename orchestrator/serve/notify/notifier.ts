import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { asFailure } from "../../../protocol/errors.ts";
import type { Notify, NotifyTarget } from "../../config/config.ts";
import type { ConnectionProgressFacts, Service } from "../service.ts";
import { runCommand } from "./command.ts";
import { newsOf } from "./news.ts";
import { notificationOf, type Notification } from "./notification.ts";
import { nameOfTarget, targetFor } from "./target.ts";
import { NOTIFY_TIMES, type NotifyTimes } from "./times.ts";
import { Told } from "./told.ts";
import { postNotification, type Outcome } from "./webhook.ts";

export interface NotifierOptions {
  readonly service: Pick<Service, "subscribe" | "connections" | "connection" | "jobs" | "job">;
  /** Who is told of a connection; asked each time, since the configuration may be read again. */
  readonly targetsOf: (connection: string) => Notify | undefined;
  /** Where what was told is kept. */
  readonly home: string;
  /** Where commands run. */
  readonly folder: string;
  /** A line for the log of `serve`. */
  readonly note: (line: string) => void;
  readonly times?: NotifyTimes;
}

export interface Notifier {
  /** Takes no more news, and resolves when nothing is on its way. What was not delivered is told after the next start. */
  stop(): Promise<void>;
}

/** Deliveries at once: all connections may fail together, as when a server is gone. */
const AT_ONCE = 4;

/** Latest jobs of a connection that are looked through at the start for one that counts. */
const JOBS_LOOKED_AT = 20;

/**
 * Tells of connections that fail, and that work again. What failed while nobody was there to tell it is
 * told now. That somebody could not be told is said, and told with the next job.
 */
export function startNotifier(options: NotifierOptions): Notifier {
  const notifying = new Notifying(options);
  const { service } = options;
  const unsubscribe = service.subscribe((event) => {
    if (event.event === "job_ended") notifying.look(event.connection, event.job);
    else if (event.event === "progress") notifying.lookAtProgress(event.progress);
  });
  for (const { connection } of service.connections()) notifying.lookBack(connection);
  return {
    async stop() {
      unsubscribe();
      await notifying.stop();
    },
  };
}

/** What is to be looked at of a connection next: the latest alone, what came before it is in its record. */
interface Look {
  readonly job: number;
  readonly attempt?: number;
}

interface Attempt {
  readonly job: number;
  readonly attempt: number;
}

class Notifying {
  readonly #options: NotifierOptions;
  readonly #times: NotifyTimes;
  readonly #told: Told;
  readonly #next = new Map<string, Look>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #turn = pLimit(AT_ONCE);
  readonly #stopped = new AbortController();
  readonly #cut = new AbortController();
  /** The last attempt that was seen to wait for another, of each connection. */
  readonly #retried = new Map<string, Attempt>();
  /** Since when the attempt under way gets on, of connections that are followed and were told of. */
  readonly #well = new Map<string, Attempt & { readonly since: number }>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#times = options.times ?? NOTIFY_TIMES;
    this.#told = new Told(options.home, options.note);
  }

  /** One connection's news go out one after the other: a recovery behind the failure. */
  look(connection: string, job: number, attempt?: number): void {
    if (this.#stopped.signal.aborted) return;
    this.#next.set(connection, { job, ...(attempt !== undefined && { attempt }) });
    if (this.#underWay.has(connection)) return;
    this.#underWay.set(connection, this.#work(connection));
  }

  /** A connection that is followed fails, and works again, without its job ending. */
  lookAtProgress({
    connection,
    job,
    attempt,
    retry_in_seconds,
    streams,
  }: ConnectionProgressFacts): void {
    if (retry_in_seconds !== null) {
      const seen = this.#retried.get(connection);
      if (seen?.job === job && seen.attempt === attempt) return;
      this.#retried.set(connection, { job, attempt });
      if (this.#isFollowed(connection)) this.look(connection, job);
      return;
    }
    const isWell = streams.some(({ phase }) => phase !== "to come");
    if (!isWell || this.#told.of(connection) === undefined || !this.#isFollowed(connection)) return;
    const now = performance.now();
    const well = this.#well.get(connection);
    const since = well?.job === job && well.attempt === attempt ? well.since : now;
    this.#well.set(connection, { job, attempt, since });
    if (now - since >= this.#times.wellMs) this.look(connection, job, attempt);
  }

  #isFollowed(connection: string): boolean {
    const schedule = this.#options.service.connection(connection)?.schedule;
    return schedule != null && "follow" in schedule;
  }

  lookBack(connection: string): void {
    const jobs = this.#options.service.jobs({ connection, limit: JOBS_LOOKED_AT });
    const last = jobs.find(
      ({ type, status }) =>
        (type === "sync" || type === "refresh") && (status === "failed" || status === "succeeded"),
    );
    if (last) this.look(connection, last.id);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#next.clear();
    const timer = setTimeout(() => this.#cut.abort(), this.#times.answerMs);
    await Promise.all(this.#underWay.values());
    clearTimeout(timer);
  }

  async #work(connection: string): Promise<void> {
    for (;;) {
      await Promise.resolve(); // whoever called goes on first
      const look = this.#next.get(connection);
      this.#next.delete(connection);
      if (look === undefined) {
        this.#underWay.delete(connection);
        return;
      }
      await this.#turn(() => this.#tell(connection, look)).catch((error: unknown) => {
        this.#options.note(`${connection}: nobody could be told: ${asFailure(error).message}`);
      });
    }
  }

  async #tell(connection: string, look: Look): Promise<void> {
    const job = this.#options.service.job(look.job);
    if (job === undefined) return;
    const targets = this.#options.targetsOf(connection) ?? {};
    const before = this.#told.of(connection);
    const { event, trouble } = newsOf(before, job, look.attempt);
    // Nobody waits for word: there is nothing to remember either.
    if (Object.keys(targets).length === 0) return this.#told.set(connection, undefined);
    if (event === null) return;
    const target = targetFor(targets, event);
    const notification = notificationOf(event, job, (trouble ?? before)!);
    const isTold = target === undefined || (await this.#deliver(target, notification));
    if (!isTold) return;
    this.#told.set(connection, trouble);
    if (target) this.#options.note(`${whatOf(notification)} was told to ${nameOfTarget(target)}`);
  }

  async #deliver(target: NotifyTarget, notification: Notification): Promise<boolean> {
    for (let tries = 0; ; tries++) {
      const outcome = await this.#try(target, notification);
      if (outcome.isDelivered) return true;
      const wait = outcome.mayPass ? this.#times.waitsMs[tries] : undefined;
      const isOver = wait === undefined || this.#stopped.signal.aborted;
      const next = isOver ? "" : `; trying again in ${wait / 1000} s`;
      this.#options.note(
        `${whatOf(notification)} could not be told to ${nameOfTarget(target)}: ${outcome.why}${next}`,
      );
      if (isOver || !(await this.#wait(wait))) return false;
    }
  }

  #try(target: NotifyTarget, notification: Notification): Promise<Outcome> {
    const { answerMs, commandMs } = this.#times;
    const cut = this.#cut.signal;
    if ("url" in target) return postNotification(target.url, notification, answerMs, cut);
    const { folder, note } = this.#options;
    const [name] = target.command;
    return runCommand(target.command, notification, {
      folder,
      commandMs,
      cut,
      note: (line) => note(`${notification.connection}: ${name}: ${line}`),
    });
  }

  /** False: it was cut short, since there is to be an end. */
  async #wait(ms: number): Promise<boolean> {
    const { signal } = this.#stopped;
    await sleep(ms, undefined, { signal }).catch(() => {});
    return !signal.aborted;
  }
}

function whatOf({ connection, event, job }: Notification): string {
  return `${connection}: the ${event} of job ${job}`;
}
