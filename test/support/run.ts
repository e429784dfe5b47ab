import { execa } from "execa";
import { basename, join } from "node:path";
import { LIMITS_VARIABLE, type Limits } from "../../connectors/kit/limits.ts";
import type { Message } from "../../protocol/messages.ts";
import { CollectedOutput } from "./output.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Our executables; they run what `npm run build` left in `dist`. */
const EXECUTABLES: Readonly<Record<string, string>> = {
  syncline: join(ROOT, "orchestrator/bin.js"),
  "source-postgres": join(ROOT, "connectors/source-postgres/bin.js"),
  "destination-postgres": join(ROOT, "connectors/destination-postgres/bin.js"),
};

/** A process of the tests gets these of our own environment, and what the test gives it. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "LANG", LIMITS_VARIABLE];

export interface RunOptions {
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** When batches, commits and checkpoints are due; without it as the whole test run has it. */
  readonly limits?: LimitsChoice;
}

/** The limits of production, the tiny ones of tests, or production's with some of them changed. */
export type LimitsChoice = "production" | "tiny" | Partial<Limits>;

/** The environment of a process that is to have these limits, and of all that it starts. */
export function limitsEnvironment(limits: LimitsChoice): Record<string, string> {
  const text = typeof limits === "string" ? limits : JSON.stringify(limits);
  return { [LIMITS_VARIABLE]: text === "production" ? "" : text };
}

export interface Finished {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout as protocol messages. Throws when one is not JSON. */
  messages(): Message[];
}

export interface Running {
  readonly pid: number;
  /** Sends input; `endInput` closes it. */
  write(input: string | Buffer): void;
  endInput(): void;
  /** Resolves with the first line of stdout that `isWanted`, also one printed already. Rejects when the process ends without. */
  line(isWanted: (line: string) => boolean): Promise<string>;
  /** The same for stderr. */
  errorLine(isWanted: (line: string) => boolean): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process ended and its output is complete; never rejects. */
  readonly finished: Promise<Finished>;
}

/** The processes under way, each with the folder that it runs in. */
const underWay = new Map<Running, string>();

/** Kills what still runs in a folder, and waits until it is gone: a folder that is written to cannot be removed. */
export async function endAllIn(folder: string): Promise<void> {
  const left = [...underWay].filter(([, cwd]) => cwd === folder).map(([running]) => running);
  for (const running of left) running.kill("SIGKILL");
  await Promise.all(left.map(({ finished }) => finished));
}

/**
 * Runs one of our executables by name, a `.js` or `.mjs` file with Node, or anything else by path,
 * to its end. Never rejects because of how the process ends.
 */
export async function runExecutable(
  executable: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const running = start(executable, args, options);
  if (options.stdin === undefined) running.endInput();
  return running.finished;
}

/** Starts what `runExecutable` runs. `stdin` is written and closed; without it the input stays open. */
export function start(
  executable: string,
  args: readonly string[],
  options: RunOptions = {},
): Running {
  const [file, ...leading] = commandOf(executable);
  const cwd = options.cwd ?? process.cwd();
  const subprocess = execa(file!, [...leading, ...args], {
    env: environmentOf(options),
    extendEnv: false,
    cwd,
    reject: false,
    stripFinalNewline: false,
    buffer: false,
    forceKillAfterDelay: false,
  });
  subprocess.stdin.on("error", () => {}); // it ended without reading its input; its exit tells why
  if (options.stdin !== undefined) subprocess.stdin.end(options.stdin);

  const stdout = new CollectedOutput(subprocess.stdout);
  const stderr = new CollectedOutput(subprocess.stderr);
  const finished = subprocess.then((result): Finished => ({
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    stdout: stdout.text,
    stderr: stderr.text,
    messages: () => parseLines(stdout.text),
  }));
  const lineOf = async (output: CollectedOutput, isWanted: (line: string) => boolean) => {
    const ended = finished.then(({ exitCode, signal, stderr: errors }): never => {
      throw new Error(
        `${executable} ended (${exitCode ?? signal}) without the line waited for\n${errors}`,
      );
    });
    return Promise.race([output.line(isWanted), ended]);
  };
  const running: Running = {
    pid: subprocess.pid!,
    write: (input) => {
      subprocess.stdin.write(input);
    },
    endInput: () => {
      subprocess.stdin.end();
    },
    line: (isWanted) => lineOf(stdout, isWanted),
    errorLine: (isWanted) => lineOf(stderr, isWanted),
    kill: (signal) => {
      subprocess.kill(signal);
    },
    finished,
  };
  underWay.set(running, cwd);
  void finished.then(() => underWay.delete(running));
  return running;
}

/** The whole environment of a process that is started with these options. */
export function environmentOf({ limits, env }: RunOptions): Record<string, string> {
  const inherited = Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  return { ...inherited, ...(limits && limitsEnvironment(limits)), ...env };
}

/** Gives back a process that ended with status 0; throws with its output for any other. */
export function succeeded<Process extends Finished>(finished: Process): Process {
  if (finished.exitCode === 0) return finished;
  throw new Error(
    `ended with ${finished.exitCode ?? finished.signal}\n${finished.stdout.slice(-4000)}\n${finished.stderr.slice(-4000)}`,
  );
}

/** The whole command line of `executable`, for tests that build a shell pipe. */
export function commandOf(executable: string): readonly string[] {
  const known = EXECUTABLES[executable];
  if (known !== undefined) return [process.execPath, known];
  return /\.m?js$/.test(basename(executable)) ? [process.execPath, executable] : [executable];
}

function parseLines(output: string): Message[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Message);
}
