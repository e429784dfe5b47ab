import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { environmentOf, commandOf, type RunOptions } from "./run.ts";

export interface TerminalOptions extends Omit<RunOptions, "stdin"> {
  readonly columns?: number;
  readonly rows?: number;
}

/** A program on a pseudo-terminal, with the screen that a person would see. */
export interface TerminalSession {
  readonly pid: number;
  /** What the screen shows, lines without trailing spaces; what has scrolled away comes first. */
  screen(): string;
  /** Everything that was written, with all control sequences. */
  written(): string;
  /** Presses keys: `"\r"` is Enter, `"\x03"` Ctrl-C, `"\x1b[B"` arrow down. */
  press(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves with the screen once `isWanted` of it; rejects when the program ends without. */
  shows(isWanted: (screen: string) => boolean): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the program ended and its output is on the screen. */
  readonly finished: Promise<{ readonly exitCode: number; readonly screen: string }>;
}

/** Starts what `runExecutable` runs on a terminal of 80 columns, or as many as given. */
export function startOnTerminal(
  executable: string,
  args: readonly string[],
  options: TerminalOptions = {},
): TerminalSession {
  const { columns = 80, rows = 40 } = options;
  const [file, ...leading] = commandOf(executable);
  const screen = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 10_000,
    allowProposedApi: true,
  });
  const program = spawn(file!, [...leading, ...args], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd: options.cwd ?? process.cwd(),
    env: environmentOf(options),
  });

  let written = "";
  let looks: (() => void)[] = [];
  let isOver = false;
  const read = () => {
    const { active } = screen.buffer;
    const lines: string[] = [];
    for (let row = 0; row < active.length; row++)
      lines.push(active.getLine(row)!.translateToString(true));
    return lines.join("\n").trimEnd();
  };
  const lookAgain = () => {
    const due = looks;
    looks = [];
    for (const look of due) look();
  };
  program.onData((data) => {
    written += data;
    screen.write(data, lookAgain);
  });
  const finished = new Promise<{ exitCode: number; screen: string }>((resolve) => {
    program.onExit(({ exitCode, signal }) => {
      // An empty write is called back when all before it is drawn.
      screen.write("", () => {
        isOver = true;
        lookAgain();
        resolve({ exitCode: signal ? 128 + signal : exitCode, screen: read() });
      });
    });
  });

  return {
    pid: program.pid,
    screen: read,
    written: () => written,
    press: (keys) => program.write(keys),
    resize: (toColumns, toRows) => {
      program.resize(toColumns, toRows);
      screen.resize(toColumns, toRows);
    },
    shows: (isWanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const shown = read();
          if (isWanted(shown)) resolve(shown);
          else if (isOver)
            reject(new Error(`${executable} ended without showing what was waited for\n${shown}`));
          else looks.push(look);
        };
        look();
      }),
    kill: (signal) => program.kill(signal),
    finished,
  };
}
