import { randomBytes } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../protocol/errors.ts";
import { lookFor, thisProcess, type ProcessIdentity } from "./process-identity.ts";
import { BEAT_MS, lastSign, showLife, watchForLife } from "./sign-of-life.ts";
import { stateUnwritable } from "./unwritable.ts";

/** Two that start at the same instant see each other and both step back; so they try again. */
const TRIES = 8;
const STEP_BACK_MS = 40;

interface Holder extends ProcessIdentity {
  readonly since: string;
}

/** The file of another process that holds or wants the lock. */
interface Claim {
  readonly path: string;
  readonly holder: Holder;
  readonly isInSight: boolean;
}

/** Who holds, or wants, the lock of a connection, as far as can be seen from here. */
export interface LockSighting {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** False where nobody here can tell whether the process still lives. */
  readonly isInSight: boolean;
  /** When it gave its last sign of life, in milliseconds of its own clock. */
  readonly lastSign: number;
}

/** Processes that hold or want the lock of a connection and are not known to be gone. */
export function seenHolders(folder: string, connection: string): LockSighting[] {
  return claimsOf(folder, connection).flatMap((path) => {
    const holder = read(path);
    const sighting = holder && lookFor(holder);
    if (holder === undefined || sighting === "gone") return [];
    const { pid, host, since } = holder;
    return { pid, host, since, isInSight: sighting === "alive", lastSign: lastSign(path) ?? 0 };
  });
}

/** The right to run a connection. */
export interface Lock {
  /**
   * Aborts with a `sync.locked` when another process has taken us for gone, after we were stopped for
   * long where it could not see us.
   */
  readonly lost: AbortSignal;
  release(): void;
}

export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Told when it takes half a minute to find out whether a holder elsewhere still lives. */
  readonly onWait?: (text: string) => void;
  /** Time between two signs of life. */
  readonly beatMs?: number;
}

/**
 * Takes the lock of a connection: one process at a time, and none after a crash.
 *
 * Everybody who wants the lock writes a file of its own and then looks at the files of others. Who
 * sees a living other one steps back; so two can never both hold it, whatever the timing, and the
 * file of a dead process can be removed without a race, because nobody else uses that name. A process
 * on another machine or in another container cannot be seen; its file is watched for signs of life.
 * Throws `sync.locked`, and the reason of `signal`.
 */
export async function lockConnection(
  folder: string,
  connection: string,
  { signal, onWait, beatMs = BEAT_MS }: LockOptions = {},
): Promise<Lock> {
  let other: Claim | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const path = announce(folder, connection);
    other = livingOther(folder, connection, path);
    if (other === undefined) return held(path, connection, beatMs);
    rmSync(path, { force: true });
    if (!other.isInSight) {
      const { pid, host } = other.holder;
      onWait?.(`finding out whether process ${pid} on ${host}, which had the lock, still lives`);
      const sign = await watchForLife(other.path, beatMs, signal);
      if (sign === "alive") break;
      rmSync(other.path, { force: true });
      continue;
    }
    const age = Date.now() - Date.parse(other.holder.since);
    if (age > TRIES * STEP_BACK_MS * 2) break;
    await sleep(Math.random() * STEP_BACK_MS);
  }
  const { pid, since, host } = other!.holder;
  const elsewhere = host === hostname() ? "" : ` on ${host}`;
  throw new Failure(
    "sync.locked",
    `connection ${connection} is in use by process ${pid}${elsewhere} since ${since}`,
    { hint: "wait for it, or stop it", facts: { pid } },
  );
}

function held(path: string, connection: string, beatMs: number): Lock {
  const lost = new AbortController();
  const life = showLife(path, beatMs, () => {
    const message = `connection ${connection} was taken over by another process while this one stood still`;
    lost.abort(new Failure("sync.locked", message));
  });
  return {
    lost: lost.signal,
    release() {
      life.stop();
      rmSync(path, { force: true });
    },
  };
}

function announce(folder: string, connection: string): string {
  const token = randomBytes(8).toString("hex");
  const path = join(folder, `${connection}.${token}.lock`);
  const draft = join(folder, `.${token}.draft`);
  const holder: Holder = { ...thisProcess(), since: new Date().toISOString() };
  try {
    writeFileSync(draft, JSON.stringify(holder), { flag: "wx", mode: 0o600 });
    linkSync(draft, path); // appears with its content, never half-written
  } catch (error) {
    throw stateUnwritable(`no lock can be written in ${folder}`, error);
  } finally {
    rmSync(draft, { force: true });
  }
  return path;
}

/** Another process that holds or wants the lock. Files of dead processes are removed. */
function livingOther(folder: string, connection: string, own: string): Claim | undefined {
  for (const path of claimsOf(folder, connection)) {
    if (path === own) continue;
    const holder = read(path);
    if (holder === undefined) continue;
    const sighting = lookFor(holder);
    if (sighting !== "gone") return { path, holder, isInSight: sighting === "alive" };
    rmSync(path, { force: true });
  }
  return undefined;
}

function claimsOf(folder: string, connection: string): string[] {
  return readdirSync(folder)
    .filter(
      (name) =>
        name.startsWith(`${connection}.`) &&
        /^[0-9a-f]{16}\.lock$/.test(name.slice(connection.length + 1)),
    )
    .map((name) => join(folder, name));
}

function read(path: string): Holder | undefined {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as Holder | null) ?? undefined;
  } catch {
    return undefined; // released between listing and reading
  }
}
