import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../../protocol/json.ts";
import { replaceFile } from "../store/atomic-file.ts";
import type { Home } from "../store/home.ts";
import { stateUnwritable } from "../store/unwritable.ts";
import type { Kept } from "./timetable.ts";

/** What the timetable knew when it was kept last, by connection; nothing where there is no such file. */
export function readKept(home: Home): ReadonlyMap<string, Kept> {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(pathIn(home), "utf8"));
  } catch {
    return new Map(); // without it pauses are forgotten, and what was missed
  }
  const connections = isObject(given) ? given["connections"] : undefined;
  if (!isObject(connections)) return new Map();
  return new Map(
    Object.entries(connections).filter((entry): entry is [string, Kept & object] =>
      isKept(entry[1]),
    ),
  );
}

/** Throws `state.unwritable`. */
export function writeKept(home: Home, connections: Readonly<Record<string, Kept>>): void {
  const path = pathIn(home);
  try {
    replaceFile(path, `${JSON.stringify({ connections }, null, 2)}\n`, { durable: false });
  } catch (error) {
    throw stateUnwritable(`${path} cannot be written`, error);
  }
}

function pathIn(home: Home): string {
  return join(home.path, "serve.json");
}

function isKept(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { trigger, since, isPaused, unfinished } = value;
  const isTrigger = trigger === null || isObject(trigger);
  const isUnfinished = unfinished === null || isObject(unfinished);
  return isTrigger && isUnfinished && typeof since === "number" && typeof isPaused === "boolean";
}
