import { existsSync } from "node:fs";
import { basename } from "node:path";
import { streamLabel, type Stream } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Config } from "../config/config.ts";
import { parseConfig } from "../config/load.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { loginOf } from "../libpq/login.ts";
import { copyModeOf, COPY_MODES } from "../setup/copy-modes.ts";
import { COPIED_AS_IT_IS, copyName, draftText, type Draft } from "../setup/draft.ts";
import { askPassword } from "../setup/ask-password.ts";
import { answered, canAsk, CANCELLED, prompts } from "../setup/prompts.ts";
import { columnNames, lackOf, propose, type Proposal } from "../setup/proposal.ts";
import { refuseExisting, writeConfig } from "../setup/write-config.ts";
import { globMatches } from "../sync/streams/select-streams.ts";
import type { StreamOptions } from "./command.ts";
import { askForLack } from "./ask-for-lack.ts";
import { withConnectors } from "./ask-connectors.ts";
import { EXIT } from "../output/exit-status.ts";
import { runJobs } from "./run-jobs.ts";
import { SYNC_ALL } from "../api/run.ts";
import { tryEnds } from "../api/try-out.ts";

export interface CopyOptions extends StreamOptions {
  readonly mode: string;
  readonly cursor?: string;
  readonly key?: readonly string[];
  /** True without a file name. */
  readonly save?: string | true;
}

/**
 * Runs the sync that two URLs amount to. It is kept like any other, in `.syncline` beside the
 * configuration that `--save` writes, under a name made of both ends: a copy that is repeated goes on.
 */
export async function copyTables(
  invocation: Invocation,
  [from, to]: readonly string[],
  options: CopyOptions,
): Promise<number> {
  const { save } = options;
  const here = typeof save === "string" ? invocation.with({ config: save }) : invocation;
  if (save !== undefined) refuseExisting(here.configPath);
  let draft = draftOf(here, from!, to!);
  const variables = new Set<string>();
  const build = (tables: readonly Proposal[] | undefined) => {
    const made = draftText({ ...draft, tables }, process.env);
    for (const name of Object.keys(made.variables)) variables.add(name);
    const config = parseConfig(made.text, here.configPath, { ...process.env, ...made.variables });
    return { ...made, config };
  };
  try {
    let offered: readonly Stream[] | undefined;
    while (offered === undefined)
      try {
        const ends = endsOf(build(undefined).config);
        const status = await withConnectors(here, async (open) => {
          offered = (await tryEnds(open, ends)).streams;
          return EXIT.done;
        });
        if (status !== EXIT.done) return status;
      } catch (error) {
        draft = await withPassword(here, draft, error);
      }
    const { config, text } = build(await chosenTables(here, offered, options));
    if (save !== undefined) {
      writeConfig(here.configPath, text);
      tellSaved(here, variables);
    }
    const connection = connectionOf(config, draft);
    const ended = await runJobs(here.withConfig(config), [connection], SYNC_ALL);
    if (ended === EXIT.done && save === undefined) await offerToSave(here, text, variables);
    return ended;
  } catch (error) {
    if (error === CANCELLED) return EXIT.interrupted;
    throw error;
  }
}

function draftOf({ console }: Invocation, from: string, to: string): Draft {
  const note = (text: string) => void (console.quiet || console.note(text));
  const ends = {
    source: loginOf(from, "the source", process.env, note),
    destination: loginOf(to, "the destination", process.env, note),
  };
  return { ...ends, settings: COPIED_AS_IT_IS, connection: copyName(ends), tables: undefined };
}

/**
 * The draft with the password for which the server of one end asked; whoever needs none is not asked.
 * Throws what is not for want of one, with the ways to give it where nobody can be asked, and `CANCELLED`.
 */
async function withPassword({ console }: Invocation, draft: Draft, error: unknown): Promise<Draft> {
  const { code, origin: end, message } = error as Partial<Failure>;
  if (code !== "postgres.auth_failed" || !end || draft[end].password !== undefined) throw error;
  if (!canAsk(console))
    throw new Failure(code, message!, {
      hint: `leave it in ~/.pgpass, a service file or PGPASSWORD, or in the URL of the ${end}; on a terminal \`syncline copy\` asks for it`,
    });
  const login = await askPassword(draft[end], `${draft[end].username} at the ${end}`);
  if (login.password === undefined) throw error;
  return { ...draft, [end]: login };
}

/** The one source and the one destination. */
function endsOf({ sources, destinations }: Config) {
  const [source] = [...sources.values()];
  const [destination] = [...destinations.values()];
  return { source: source!, destination: destination! };
}

function connectionOf(config: Config, { connection }: Draft) {
  return config.connections.get(connection)!;
}

/** Undefined for all of them, replaced: then tables that are made later are copied as well. */
async function chosenTables(
  { console }: Invocation,
  offered: readonly Stream[],
  { stream: names = [], mode: word, cursor, key }: CopyOptions,
): Promise<Proposal[] | undefined> {
  const mode = copyModeOf(word);
  if (offered.length === 0)
    throw new Failure("stream.missing", "the source has no table that this user may read");
  if (mode === "replace" && names.length === 0) return undefined;
  if (cursor !== undefined && COPY_MODES[mode].sync_mode === "full_refresh")
    throw new Failure("usage.invalid", `--cursor has no meaning with --mode ${mode}`, {
      hint: "append and merge copy only what changed",
    });
  const tables: Proposal[] = [];
  for (const stream of choose(offered, names)) {
    refuseUnknown(stream, [...(cursor === undefined ? [] : [cursor]), ...(key ?? [])]);
    const proposal = propose(stream, mode, { cursor, ...(key && { key }) });
    const whole = canAsk(console) ? await askForLack(proposal) : proposal;
    refuseLack(whole);
    const facts = [
      ...(whole.cursor === undefined ? [] : [`cursor ${whole.cursor}`]),
      ...(whole.key.length === 0 ? [] : [`key ${whole.key.join(", ")}`]),
    ];
    if (facts.length > 0 && !console.quiet)
      console.note(escapeControls(`${streamLabel(stream)}: ${mode}, ${facts.join(", ")}`));
    tables.push(whole);
  }
  return tables;
}

function choose(offered: readonly Stream[], names: readonly string[]): Stream[] {
  if (names.length === 0) return [...offered];
  const chosen = names.flatMap((name) => {
    const found = offered.filter(
      (stream) => globMatches(name, stream.name) || globMatches(name, streamLabel(stream)),
    );
    if (found.length > 0) return found;
    const known = offered.map((stream) => (name.includes(".") ? streamLabel(stream) : stream.name));
    throw new Failure(
      "stream.missing",
      `the source has no table ${name} that this user may read${didYouMean(name, known)}`,
    );
  });
  return [...new Set(chosen)];
}

function refuseUnknown(stream: Stream, columns: readonly string[]): void {
  const known = columnNames(stream);
  for (const column of columns)
    if (!known.includes(column))
      throw new Failure(
        "usage.invalid",
        `${streamLabel(stream)} has no column ${column}${didYouMean(column, known)}`,
      );
}

function refuseLack(proposal: Proposal): void {
  const label = streamLabel(proposal.stream);
  const lack = lackOf(proposal);
  if (lack === undefined) return;
  const other = "--mode replace copies it whole, and --stream chooses other tables";
  if (lack === "key")
    throw new Failure("usage.invalid", `${label} has no primary key, which merge needs`, {
      hint: `name columns that identify a row with --key, or use --mode append; ${other}`,
    });
  throw new Failure(
    "usage.invalid",
    `${label} has no column by which ${proposal.mode} could find what changed`,
    {
      hint:
        lack === "cursor" ? `name one that grows with every change with --cursor; ${other}` : other,
    },
  );
}

async function offerToSave(
  here: Invocation,
  text: string,
  variables: ReadonlySet<string>,
): Promise<void> {
  const { configPath, console } = here;
  if (!canAsk(console) || existsSync(configPath)) return;
  const { confirm } = await prompts();
  const message = `Save this as ${basename(configPath)}, for \`syncline sync\`?`;
  if (!(await answered(confirm({ message, initialValue: false })))) return;
  writeConfig(configPath, text);
  tellSaved(here, variables);
}

function tellSaved({ configPath, console }: Invocation, variables: ReadonlySet<string>): void {
  if (console.quiet) return;
  const names = [...variables].join(" and ");
  const needs = names && `; set ${names}, here or in a file .env beside it`;
  console.note(`wrote ${configPath}, which \`syncline sync\` runs${needs}`);
}
