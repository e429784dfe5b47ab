import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import { replaceFile } from "../store/atomic-file.ts";
import { packageFolder, type Launch } from "./launch.ts";

/**
 * Remembers what `spec` answered, per program file and its time of change, so that a sync starts
 * without asking. It is a cache: deleting it is harmless, failing to write it too.
 */
export class SpecCache {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, "cache");
  }

  get(launch: Launch): ConnectorSpecification | undefined {
    try {
      const key = keyOf(launch);
      if (key === undefined) return undefined;
      return JSON.parse(readFileSync(this.#path(key), "utf8")) as ConnectorSpecification;
    } catch {
      return undefined;
    }
  }

  put(launch: Launch, spec: ConnectorSpecification): void {
    try {
      const key = keyOf(launch);
      if (!key) return;
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      replaceFile(this.#path(key), JSON.stringify(spec), { durable: false });
    } catch {
      // The next start asks again.
    }
  }

  #path(key: string): string {
    return join(this.#folder, `spec-${key}.json`);
  }
}

/**
 * Every file on the command line counts, with its time and size; for what comes with the package,
 * its built code. A command without any file of its own (`python -m x`) is not cached.
 */
function keyOf(launch: Launch): string | undefined {
  const files: string[] = [];
  const words = [launch.file, ...launch.args];
  for (const word of words) {
    const file = statOf(word);
    if (file) files.push(file);
  }
  if (files.length < 2 && words.length > 1) return undefined;
  const inPackage = launch.args.length === 1 && launch.args[0]!.startsWith(packageFolder());
  if (inPackage) {
    const name = launch.args[0]!.split("/").at(-2)!;
    for (const part of ["spec.js", "main.js"]) {
      const file = statOf(join(packageFolder(), "dist", "connectors", name, part));
      if (file) files.push(file);
    }
  }
  return createHash("sha256")
    .update(JSON.stringify([words, files]))
    .digest("hex")
    .slice(0, 32);
}

function statOf(path: string): string | undefined {
  const stat = path.startsWith("/") ? statSync(path, { throwIfNoEntry: false }) : undefined;
  return stat?.isFile() ? `${stat.mtimeMs} ${stat.size}` : undefined;
}
