import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { EMPTY_CONFIG } from "../api/new-connection.ts";
import { asFailure } from "../../protocol/errors.ts";
import type { Config } from "../config/config.ts";
import type { Env } from "../config/env.ts";
import { withEnvFile } from "../config/env-file.ts";
import { loadConfig, parseConfig } from "../config/load.ts";

/** A configuration as it is in its file, which is read again when that or the `.env` beside it changes. */
export class WatchedConfig {
  readonly path: string;
  readonly env: Env;
  #stamp: string;
  #config: Config;

  /** Throws what is wrong with the file; one that is not there is empty. */
  constructor(path: string, env: Env) {
    this.path = path;
    this.env = env;
    this.#stamp = this.#look();
    this.#config =
      stampOf(path) === ABSENT ? parseConfig(EMPTY_CONFIG, path, this.variables()) : this.#read();
  }

  get current(): Config {
    return this.#config;
  }

  /** Variables may be in `.env`. Throws `config.invalid`, `config.unreadable`. */
  variables(): Env {
    return withEnvFile(this.path, this.env);
  }

  /**
   * Reads it again where it has changed since. Undefined: it has not. With `problem`, what is wrong with
   * it, the one before counts.
   */
  refresh(): { readonly problem: string | null } | undefined {
    const stamp = this.#look();
    if (stamp === this.#stamp) return undefined;
    this.#stamp = stamp;
    try {
      this.#config = this.#read();
      return { problem: null };
    } catch (error) {
      return { problem: asFailure(error).message };
    }
  }

  #read(): Config {
    return loadConfig(this.path, this.variables());
  }

  #look(): string {
    return [this.path, join(dirname(this.path), ".env")].map(stampOf).join();
  }
}

const ABSENT = "absent";

/** Changes whenever a file does. One that cannot be looked at is there: reading it says what is wrong. */
function stampOf(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? ABSENT : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
