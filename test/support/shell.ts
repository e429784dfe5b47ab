import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { start, type Running } from "./run.ts";

/** How a command of a shell ended. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One bash, as somebody has it open: what a command changes (`cd`, variables, `set`) stays. */
export class Shell {
  readonly #bash: Running;
  readonly #outputs: string;
  #commands = 0;

  private constructor(bash: Running, outputs: string) {
    this.#bash = bash;
    this.#outputs = outputs;
  }

  /** @param scratch a folder for what the commands print. */
  static async open(
    scratch: string,
    options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  ): Promise<Shell> {
    const bash = start("bash", ["--noprofile", "--norc"], options);
    return new Shell(bash, await mkdtemp(join(scratch, "shell-")));
  }

  /** Runs one command, of any number of lines, to its end. Rejects when it ends the shell itself. */
  async run(command: string): Promise<Ended> {
    const number = ++this.#commands;
    const [out, err] = [join(this.#outputs, `${number}.out`), join(this.#outputs, `${number}.err`)];
    // In files: the command's own output must not be mistaken for the shell's word on it.
    this.#bash.write(
      `{ ${command}\n} < /dev/null > '${out}' 2> '${err}'; echo "ended ${number} $?"\n`,
    );
    const said = await this.#bash.line((line) => line.startsWith(`ended ${number} `));
    return {
      status: Number(said.split(" ")[2]),
      stdout: await readFile(out, "utf8"),
      stderr: await readFile(err, "utf8"),
    };
  }

  async close(): Promise<void> {
    this.#bash.endInput();
    await this.#bash.finished;
  }
}
