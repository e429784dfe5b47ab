import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import { replaceFile } from "../store/atomic-file.ts";
import { packageFolder, type Launch } from "./launch.ts";

/**
 * Remembers what our own connectors answered to `spec`, by the content of their code, so that a sync
 * starts without asking them. Others are asked each time: of which files their answer is made is
 * theirs to know, and an old one does not say which settings are secret now. It is a cache: deleting
 * it is harmless, failing to write it too.
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
      if (key === undefined) return;
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
 * What the built code of one of our connectors, which is one file, is known by; undefined for any other
 * program. Times and sizes would not do: packages are installed with the same time for all files.
 */
function keyOf({ file, args }: Launch): string | undefined {
  const script = args.at(-1) ?? ""; // behind what Node itself is told
  const connectors = join(packageFolder(), "connectors");
  if (file !== process.execPath || !script.startsWith(connectors)) return undefined;
  const name = script.split("/").at(-2)!;
  const code = readFileSync(join(packageFolder(), "dist", "connectors", name, "main.cjs"));
  return createHash("sha256").update(script).update(code).digest("hex").slice(0, 32);
}
