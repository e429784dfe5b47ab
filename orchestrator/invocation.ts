import { existsSync } from "node:fs";
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
  #config: Promise<Config> | undefined;

  constructor(options: GlobalOptions) {
    this.console = processConsole(options);
    this.configPath = options.config;
    this.#options = options;
    if (options.config === "-" || options.config === "")
      throw new Failure("usage.invalid", "--config takes the name of a file, and this is none", {
        hint: "paths in a configuration and its state belong to a folder, so it is not read from stdin",
      });
    if (options.home === "")
      throw new Failure("usage.invalid", "--home takes a folder, and this is none");
    // Every connector of this run is to know, and our environment is what they get theirs from.
    if (options.showServerMessages) process.env[SERVER_MESSAGES_VARIABLE] = "1";
    this.#home = homeOf(options.config, options.home);
  }

  /** The same run with another configuration file, or another folder for what it keeps. */
  with(other: Pick<Partial<GlobalOptions>, "config" | "home">): Invocation {
    return new Invocation({ ...this.#options, ...other });
  }

  /** The same run of a configuration that is in no file, or not in one alone. */
  withConfig(config: Config): Invocation {
    const other = this.with({});
    other.#config = Promise.resolve(config);
    return other;
  }

  /** Variables may also be in a file `.env` beside it. Throws `config.unreadable`, or `config.invalid` with every problem. */
  config(): Promise<Config> {
    return (this.#config ??= this.#load());
  }

  async #load(): Promise<Config> {
    const [{ loadConfig }, { withEnvFile }] = await Promise.all([
      import("./config/load.ts"),
      import("./config/env-file.ts"),
    ]);
    return loadConfig(this.configPath, withEnvFile(this.configPath, process.env));
  }

  /** The same for commands that start no connector: no variable of their settings need be set. */
  async layout(): Promise<Config> {
    const [{ loadLayout }, { withEnvFile }] = await Promise.all([
      import("./config/load.ts"),
      import("./config/env-file.ts"),
    ]);
    return loadLayout(this.configPath, withEnvFile(this.configPath, process.env));
  }

  /** The connections with these names, or all. Throws `usage.invalid` too. */
  async connections(names: readonly string[]): Promise<ConnectionConfig[]> {
    return chosen(names, await this.config());
  }

  /** The same, of `layout`. */
  async connectionsAtRest(names: readonly string[]): Promise<ConnectionConfig[]> {
    return chosen(names, await this.layout());
  }

  /** The same for commands that only look back. Throws `usage.invalid` where `--home` names no folder. */
  async formerHome(): Promise<Home> {
    if (this.#options.home !== undefined && !existsSync(this.#home))
      throw new Failure("usage.invalid", `--home: there is no folder ${this.#home}`, {
        hint: "the first sync makes it",
      });
    return this.home();
  }

  /** Makes the folder where it is missing. Throws `state.unwritable`. */
  async home(): Promise<Home> {
    return (await import("./store/home.ts")).openHome(this.#home);
  }
}

/** The folder for what is kept: the one that was named, or `.syncline` beside the configuration. */
export function homeOf(config: string, home: string | undefined): string {
  return resolve(home ?? join(dirname(resolve(config)), ".syncline"));
}

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
