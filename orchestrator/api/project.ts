import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Config, ConnectionConfig } from "../config/config.ts";
import type { Env } from "../config/env.ts";
import type { Home } from "../store/home.ts";

/** Which configuration, and where what is kept of it is. */
export interface ProjectOptions {
  /** The configuration's file; default `syncline.yaml` in the working folder. */
  readonly config?: string;
  /** The folder for state, jobs and logs; default `.syncline` beside the configuration. */
  readonly home?: string;
  /** What `${NAME}` is taken from, before a file `.env` beside the configuration; default `process.env`. */
  readonly env?: Env;
}

/** A configuration and the folder for what is kept of it. Files are read when they are asked for. */
export class Project {
  /** As it was given. */
  readonly configPath: string;
  readonly #home: string;
  readonly #isHomeGiven: boolean;
  readonly #env: Env;
  #config: Promise<Config> | undefined;

  /** @param known of a configuration that is in no file, or not in one alone. */
  constructor(
    { config = "syncline.yaml", home, env = process.env }: ProjectOptions,
    known?: Config,
  ) {
    this.configPath = config;
    this.#home = homeOf(config, home);
    this.#isHomeGiven = home !== undefined;
    this.#env = env;
    if (known) this.#config = Promise.resolve(known);
  }

  /** Throws `config.unreadable`, or `config.invalid` with every problem. */
  config(): Promise<Config> {
    return (this.#config ??= this.#load());
  }

  async #load(): Promise<Config> {
    const [{ loadConfig }, { withEnvFile }] = await readers();
    return loadConfig(this.configPath, withEnvFile(this.configPath, this.#env));
  }

  /** The same for whoever starts no connector: no variable of their settings need be set. */
  async layout(): Promise<Config> {
    const [{ loadLayout }, { withEnvFile }] = await readers();
    return loadLayout(this.configPath, withEnvFile(this.configPath, this.#env));
  }

  /** The connections with these names, or all. Throws `usage.invalid` too. */
  async connections(names: readonly string[]): Promise<ConnectionConfig[]> {
    return chosen(names, await this.config());
  }

  /** The same, of `layout`. */
  async connectionsAtRest(names: readonly string[]): Promise<ConnectionConfig[]> {
    return chosen(names, await this.layout());
  }

  /** The same for those who only look back. Throws `usage.invalid` where the folder that was named is not there. */
  async formerHome(): Promise<Home> {
    if (this.#isHomeGiven && !existsSync(this.#home))
      throw new Failure("usage.invalid", `--home: there is no folder ${this.#home}`, {
        hint: "the first sync makes it",
      });
    return this.home();
  }

  /** Makes the folder where it is missing. Throws `state.unwritable`. */
  async home(): Promise<Home> {
    return (await import("../store/home.ts")).openHome(this.#home);
  }
}

/** The folder for what is kept: the one that was named, or `.syncline` beside the configuration. */
export function homeOf(config: string, home: string | undefined): string {
  return resolve(home ?? join(dirname(resolve(config)), ".syncline"));
}

function readers() {
  return Promise.all([import("../config/load.ts"), import("../config/env-file.ts")]);
}

/** Throws `usage.invalid` for a name that is not there. */
function chosen(names: readonly string[], { connections }: Config): ConnectionConfig[] {
  if (names.length === 0) return [...connections.values()];
  return [...new Set(names)].map((name) => {
    const found = connections.get(name);
    if (found) return found;
    const known = [...connections.keys()];
    const hint = didYouMean(name, known) || ` (there is ${known.join(", ") || "none"})`;
    throw new Failure("usage.invalid", `no connection is called ${name || '""'}${hint}`);
  });
}
