import { CommanderError } from "commander";
import { dirname, join, resolve } from "node:path";
import { asFailure } from "../protocol/errors.ts";
import { EXIT, statusOfFailure } from "./commands/exit-status.ts";
import type { Config } from "./config/config.ts";
import { processConsole, type Console, type OutputOptions } from "./output/console.ts";
import { buildProgram } from "./program.ts";
import type { Home } from "./store/home.ts";

/** Options that every command takes. */
export interface GlobalOptions extends OutputOptions {
  readonly config: string;
  readonly home?: string;
}

/** What every command gets. Files are read when they are asked for. */
export interface Session {
  readonly console: Console;
  readonly configPath: string;
  config(): Promise<Config>;
  home(): Promise<Home>;
}

/** Runs one command line and returns its exit status. Never throws and never exits. */
export async function run(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.done;
  const program = buildProgram(async (action, options) => {
    status = await action(sessionOf(options));
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return status;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.config;
    const { code, kind, message, hint } = asFailure(thrown);
    const { json } = program.opts<GlobalOptions>();
    if (json) {
      const failure = { code, kind, message, ...(hint && { hint }) };
      process.stdout.write(`${JSON.stringify({ failure })}\n`);
    }
    process.stderr.write(`${code}: ${message}${hint ? `\n${hint}` : ""}\n`);
    return statusOfFailure(code, kind);
  }
}

function sessionOf(options: GlobalOptions): Session {
  const configPath = options.config;
  const homePath = options.home ?? join(dirname(resolve(configPath)), ".syncline");
  return {
    console: processConsole(options),
    configPath,
    config: async () => (await import("./config/load.ts")).loadConfig(configPath, process.env),
    home: async () => (await import("./store/home.ts")).openHome(resolve(homePath)),
  };
}
