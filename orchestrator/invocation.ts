import { Failure } from "../protocol/errors.ts";
import { Project, type ProjectOptions } from "./api/project.ts";
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

/** One run of `syncline`: what every command gets, a project and a console. */
export class Invocation {
  readonly console: Console;
  readonly project: Project;
  readonly #options: GlobalOptions;

  /** @param known of a configuration that is in no file, or not in one alone. */
  constructor(options: GlobalOptions, known?: Config) {
    this.console = processConsole(options);
    this.#options = options;
    if (options.config === "-" || options.config === "")
      throw new Failure("usage.invalid", "--config takes the name of a file, and this is none", {
        hint: "paths in a configuration and its state belong to a folder, so it is not read from stdin",
      });
    if (options.home === "")
      throw new Failure("usage.invalid", "--home takes a folder, and this is none");
    // Every connector of this run is to know, and our environment is what they get theirs from.
    if (options.showServerMessages) process.env[SERVER_MESSAGES_VARIABLE] = "1";
    this.project = new Project(options, known);
  }

  /** The same run with another configuration file, or another folder for what it keeps. */
  with(other: Pick<Partial<GlobalOptions>, "config" | "home">): Invocation {
    return new Invocation({ ...this.#options, ...other });
  }

  /** The same run of a configuration that is in no file, or not in one alone. */
  withConfig(config: Config): Invocation {
    return new Invocation(this.#options, config);
  }

  /** Which project it is, for what reads its files again and again. */
  get projectOptions(): ProjectOptions {
    const { config, home } = this.#options;
    return { config, ...(home !== undefined && { home }) };
  }

  /** As it was given. */
  get configPath(): string {
    return this.project.configPath;
  }

  config(): Promise<Config> {
    return this.project.config();
  }

  layout(): Promise<Config> {
    return this.project.layout();
  }

  connections(names: readonly string[]): Promise<ConnectionConfig[]> {
    return this.project.connections(names);
  }

  connectionsAtRest(names: readonly string[]): Promise<ConnectionConfig[]> {
    return this.project.connectionsAtRest(names);
  }

  formerHome(): Promise<Home> {
    return this.project.formerHome();
  }

  home(): Promise<Home> {
    return this.project.home();
  }
}
