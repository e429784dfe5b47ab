import { randomBytes } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../protocol/errors.ts";
import { bootId, isRunning, startTimeOf } from "./process-identity.ts";

/** Two that start at the same instant see each other and both step back; so they try again. */
const TRIES = 8;
const STEP_BACK_MS = 40;

interface Holder {
  pid: number;
  startTime: string | undefined;
  bootId: string | undefined;
  host: string;
  since: string;
}

/** The right to run a connection. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a connection: one process at a time, and none after a crash.
 *
 * Everybody who wants the lock writes a file of its own and then looks at the files of others. Who
 * sees a living other one steps back; so two can never both hold it, whatever the timing, and the
 * file of a dead process can be removed without a race, because nobody else uses that name.
 * Throws `sync.locked`.
 */
export async function lockConnection(folder: string, connection: string): Promise<Lock> {
  let other: Holder | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const path = announce(folder, connection);
    other = livingOther(folder, connection, path);
    if (other === undefined) return { release: () => rmSync(path, { force: true }) };
    rmSync(path, { force: true });
    const age = Date.now() - Date.parse(other.since);
    if (age > TRIES * STEP_BACK_MS * 2) break;
    await sleep(Math.random() * STEP_BACK_MS);
  }
  const { pid, since, host } = other!;
  const elsewhere = host === hostname() ? "" : ` on ${host}`;
  throw new Failure(
    "sync.locked",
    `connection ${connection} is in use by process ${pid}${elsewhere} since ${since}`,
    {
      hint:
        elsewhere === ""
          ? "wait for it, or stop it"
          : `if that machine is gone, delete ${join(folder, `${connection}.*.lock`)}`,
      facts: { pid },
    },
  );
}

function announce(folder: string, connection: string): string {
  const token = randomBytes(8).toString("hex");
  const path = join(folder, `${connection}.${token}.lock`);
  const draft = join(folder, `.${token}.draft`);
  const holder: Holder = {
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    bootId: bootId(),
    host: hostname(),
    since: new Date().toISOString(),
  };
  try {
    writeFileSync(draft, JSON.stringify(holder), { flag: "wx", mode: 0o600 });
    linkSync(draft, path); // appears with its content, never half-written
  } catch (error) {
    throw new Failure("state.unwritable", `no lock can be written in ${folder}`, { cause: error });
  } finally {
    rmSync(draft, { force: true });
  }
  return path;
}

/** Another process that holds or wants the lock. Files of dead processes are removed. */
function livingOther(folder: string, connection: string, own: string): Holder | undefined {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isOfConnection =
      name.startsWith(`${connection}.`) &&
      /^[0-9a-f]{16}\.lock$/.test(name.slice(connection.length + 1));
    if (!isOfConnection || path === own) continue;
    const holder = read(path);
    if (holder === undefined) continue;
    if (isAlive(holder)) return holder;
    rmSync(path, { force: true });
  }
  return undefined;
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined; // released between listing and reading
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true; // nobody here can tell
  if (holder.bootId !== bootId()) return false;
  return isRunning(holder.pid) && startTimeOf(holder.pid) === holder.startTime;
}
