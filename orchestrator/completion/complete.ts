import type { Command, Option } from "commander";
import { BUILT_IN_CONNECTORS } from "../config/program.ts";
import { homeOf } from "../api/project.ts";
import { COPY_MODES } from "../setup/copy-modes.ts";
import { Known, type Candidate } from "./known.ts";
import { FILES, SCRIPTS } from "./scripts.ts";

type Answer = readonly Candidate[] | typeof FILES;
type Ask = (known: Known, typed: Typed) => Answer;

const BUILT_IN = BUILT_IN_CONNECTORS.map((word) => ({ word, is: "connector of this package" }));

/** What may stand in the place of an argument, by its name in the help. */
const ARGUMENTS: Readonly<Record<string, Ask>> = {
  connection: (known) => known.connections(),
  new: (known) => known.connections(),
  source: (known) => known.sources(),
  name: (known) => [...known.sources(), ...known.destinations(), ...known.connections()],
  connector: (known) => [...known.sources(), ...known.destinations(), ...BUILT_IN],
  job: (known) => [...known.jobs(), ...known.connections()],
  file: () => FILES,
  shell: () => Object.keys(SCRIPTS).map((word) => ({ word, is: "shell" })),
  command: (_, { program }) => commandsOf(program),
};

/** What may stand behind an option. */
const OPTIONS: Readonly<Record<string, Ask>> = {
  "--stream": (known, { operands }) => known.streams(operands),
  "--mode": () => Object.entries(COPY_MODES).map(([word, { says }]) => ({ word, is: says })),
  "--config": () => FILES,
  "--home": () => FILES,
  "--save": () => FILES,
};

/** A command line so far: all words but the one that is being typed. */
interface Typed {
  readonly program: Command;
  /** The command it is of, as far as it is clear. */
  readonly command: Command;
  /** Its arguments. */
  readonly operands: readonly string[];
  /** What options were given that take a value, by their long names. */
  readonly values: ReadonlyMap<string, string>;
  /** The option whose value comes next. */
  readonly open: Option | undefined;
}

/**
 * What may stand in the place of the last of these words: lines for the scripts. Nothing where nothing
 * fits, and where what would tell cannot be read: whoever presses TAB wants no error.
 *
 * @param given the words behind `syncline`; bash cuts them at `=`.
 */
export function complete(program: Command, given: readonly string[]): string[] {
  const words = given.at(-1) === "=" ? [...given, ""] : given;
  const typed = read(
    program,
    words.slice(0, -1).filter((word) => word !== "="),
  );
  const last = words.at(-1) ?? "";
  const [flag = "", value] = /^(--[^=]+=)(.*)$/s.exec(last)?.slice(1) ?? [];
  const answer = value === undefined ? next(typed, last) : valuesOf(typed, flag.slice(0, -1));
  if (answer === FILES) return [FILES];
  const fitting = answer.filter(({ word }) => word.startsWith(value ?? last) && isPlain(word));
  return fitting.map(({ word, is }) => `${flag}${word}\t${is.split("\n", 1)[0]}`);
}

function next(typed: Typed, last: string): Answer {
  const { command, operands, open } = typed;
  if (open) return ask(OPTIONS[open.long ?? ""], typed);
  if (last.startsWith("-")) return optionsOf(command).flatMap(optionCandidate);
  if (operands.length === 0 && command.commands.length > 0) return commandsOf(command);
  const { registeredArguments: all } = command;
  const argument = all[operands.length] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  const answer = ask(ARGUMENTS[argument?.name() ?? ""], typed);
  if (answer === FILES) return answer;
  return answer.filter(({ word }) => !operands.includes(word));
}

function valuesOf(typed: Typed, flag: string): Answer {
  return ask(OPTIONS[flag], typed);
}

function ask(about: Ask | undefined, typed: Typed): Answer {
  if (about === undefined) return [];
  const config = typed.values.get("--config") ?? "syncline.yaml";
  try {
    return about(new Known(config, homeOf(config, typed.values.get("--home"))), typed);
  } catch {
    return [];
  }
}

/** Takes words apart as commander would, of a command line that is not whole. */
function read(program: Command, words: readonly string[]): Typed {
  let command = program;
  let open: Option | undefined;
  const operands: string[] = [];
  const values = new Map<string, string>();
  for (const word of words) {
    if (open) {
      values.set(open.long!, word);
      open = undefined;
    } else if (word.startsWith("-")) {
      const [flag, value] = word.split(/=(.*)/s);
      const option = optionsOf(command).find(({ long, short }) => flag === long || flag === short);
      if (value !== undefined) values.set(flag!, value);
      else if (option?.required) open = option;
    } else {
      const inner =
        operands.length === 0 && subcommandsOf(command).find((one) => one.name() === word);
      if (inner) command = inner;
      else operands.push(word);
    }
  }
  return { program, command, operands, values, open };
}

/** Its own and those of all commands. */
function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

function optionCandidate({ long, description }: Option): Candidate[] {
  return long ? [{ word: long, is: description }] : [];
}

/** Those that the help shows. */
function subcommandsOf(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

function commandsOf(command: Command): Candidate[] {
  return subcommandsOf(command).map((one) => ({ word: one.name(), is: one.description() }));
}

/** Whether a line can hold it, and a shell takes it for a candidate. */
function isPlain(word: string): boolean {
  return !/[\p{Cc}]/u.test(word) && !word.startsWith(":");
}
