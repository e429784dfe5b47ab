import { dirname, join, resolve } from "node:path";
import { Failure } from "../protocol/errors.ts";
import { didYouMean } from "../protocol/nearest-name.ts";
import type { Config, ConnectionConfig } from "./config/config.ts";
import { SERVER_MESSAGES_VARIABLE } from "./connector/environment.ts";
import { processConsole, type Console, type OutputOptions } from "./output/console.ts";
import type { Home } from "./store/home.ts";

/** The options that every command takes. */
export interface GlobalOptions extends OutputOptions {
  readonly config: string;
  readonly home?: string;
  readonly showServerMessages?: boolean;
}

/** One run of `syncline`: what every command gets. Files are read when they are asked for. */
export class Invocation {
  readonly console: Console;
  /** As it was given. */
  readonly configPath: string;
  readonly #home: string;
  readonly #options: GlobalOptions;

  constructor(options: GlobalOptions) {
    this.console = processConsole(options);
    this.configPath = options.config;
    this.#options = options;
    // Every connector of this run is to know, and our environment is what they get theirs from.
    if (options.showServerMessages) process.env[SERVER_MESSAGES_VARIABLE] = "1";
    this.#home = resolve(options.home ?? join(dirname(resolve(options.config)), ".syncline"));
  }

  /** The same run with another configuration file, or another folder for what it keeps. */
  with(other: Pick<Partial<GlobalOptions>, "config" | "home">): Invocation {
    return new Invocation({ ...this.#options, ...other });
  }

  /** Variables may also be in a file `.env` beside it. Throws `config.unreadable`, or `config.invalid` with every problem. */
  async config(): Promise<Config> {
    const [{ loadConfig }, { withEnvFile }] = await Promise.all([
      import("./config/load.ts"),
      import("./config/env-file.ts"),
    ]);
    return loadConfig(this.configPath, withEnvFile(this.configPath, process.env));
  }

  /** The connections with these names, or all. Throws `usage.invalid` too. */
  async connections(names: readonly string[]): Promise<ConnectionConfig[]> {
    const { connections } = await this.config();
    if (names.length === 0) return [...connections.values()];
    return [...new Set(names)].map((name) => {
      const found = connections.get(name);
      if (found) return found;
      const known = [...connections.keys()];
      const hint = didYouMean(name, known) || ` (there is ${known.join(", ") || "none"})`;
      throw new Failure("usage.invalid", `no connection is called ${name}${hint}`);
    });
  }

  /** Makes the folder where it is missing. Throws `state.unwritable`. */
  async home(): Promise<Home> {
    return (await import("./store/home.ts")).openHome(this.#home);
  }
}
