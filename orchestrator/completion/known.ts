import { readdirSync } from "node:fs";
import { join } from "node:path";
import { streamLabel } from "../../protocol/catalog.ts";
import type { Config } from "../config/config.ts";
import { withEnvFile } from "../config/env-file.ts";
import { loadLayout } from "../config/load.ts";
import { ALLOW_COMMANDS } from "../config/secret-stores.ts";
import { age } from "../output/times.ts";
import { readJob } from "../store/jobs.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";

/** A word that may come next, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly is: string;
}

/** So many jobs are offered, the latest ones. */
const JOBS = 20;

/**
 * What a project has names for, as far as its files tell: no connector is started, no program is run
 * for a secret, nothing is written, and no password is needed. Throws what reading them throws.
 */
export class Known {
  readonly #configPath: string;
  readonly #home: string;
  #config: Config | undefined;

  constructor(configPath: string, home: string) {
    this.#configPath = configPath;
    this.#home = home;
  }

  connections(): Candidate[] {
    return [...this.#layout.connections.values()].map(({ name, source, destination }) => ({
      word: name,
      is: `${source.name} to ${destination.name}`,
    }));
  }

  sources(): Candidate[] {
    return [...this.#layout.sources.keys()].map((word) => ({ word, is: "source" }));
  }

  destinations(): Candidate[] {
    return [...this.#layout.destinations.keys()].map((word) => ({ word, is: "destination" }));
  }

  /** Those that the last syncs of these connections knew, or of all. */
  streams(connections: readonly string[]): Candidate[] {
    const names = connections.length > 0 ? connections : this.connections().map(({ word }) => word);
    return names.flatMap((name) =>
      (readKnownCatalog(this.#home, name)?.streams ?? []).map((stream) => ({
        word: streamLabel(stream),
        is: `stream of ${name}`,
      })),
    );
  }

  jobs(): Candidate[] {
    const folder = join(this.#home, "jobs");
    const ids = readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => b - a);
    return ids.slice(0, JOBS).flatMap((id) => {
      const job = readJob(folder, id);
      if (job === undefined) return [];
      return { word: String(id), is: `${job.type} of ${job.connection}, ${age(job.created_at)}` };
    });
  }

  get #layout(): Config {
    const env = { ...withEnvFile(this.#configPath, process.env), [ALLOW_COMMANDS]: undefined };
    return (this.#config ??= loadLayout(this.#configPath, env));
  }
}
