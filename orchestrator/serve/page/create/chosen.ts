import { streamLabel } from "../../../../protocol/catalog.ts";
import { isTimeOfChange } from "../../../setup/proposal.ts";
import type { NewConnection, NewEnds, OfferedTable } from "../../service.ts";

/** How a table is copied, by the field's short word: a form of many tables stays small. */
export const MODES = {
  overwrite: { mode: "full_refresh_overwrite", label: "Full refresh | overwrite" },
  append: { mode: "full_refresh_append", label: "Full refresh | append" },
  new: { mode: "incremental_append", label: "Incremental | append" },
  dedup: { mode: "incremental_append_dedup", label: "Incremental | deduped + history" },
} as const satisfies Record<
  string,
  { mode: NewConnection["streams"][number]["mode"]; label: string }
>;

export type ModeWord = keyof typeof MODES;

/** One table as the form has it. */
export interface ChosenTable {
  readonly isTaken: boolean;
  readonly mode: ModeWord;
  readonly cursor: string;
  /** Column names with commas between them. */
  readonly key: string;
}

/** The whole form, as it was entered. Tables stand in the order in which they were offered. */
export interface Chosen {
  readonly name: string;
  readonly kind: NewConnection["tables"];
  readonly prefix: string;
  readonly runs: "by_hand" | "every" | "cron";
  readonly every: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly syncsAtOnce: boolean;
  readonly tables: readonly ChosenTable[];
}

/**
 * How a table may be copied: only what changed where it has a column called like a time of change, with
 * its own key where it has one; else whole.
 */
export function proposedFor({ cursors, primary_key }: OfferedTable): ChosenTable {
  const cursor = cursors.find(isTimeOfChange);
  const mode = cursor === undefined ? "overwrite" : primary_key.length > 0 ? "dedup" : "new";
  return {
    isTaken: true,
    mode,
    cursor: cursor ?? "",
    key: primary_key.join(", "),
  };
}

/** The form as it is shown first. */
export function firstChoice(name: string, offered: readonly OfferedTable[]): Chosen {
  return {
    name,
    kind: "raw_and_final",
    prefix: "",
    runs: "by_hand",
    every: "1h",
    cron: "0 * * * *",
    timeZone: "",
    syncsAtOnce: true,
    tables: offered.map(proposedFor),
  };
}

/** The form as it came back. What it lacks is empty; what no field of ours could hold is as proposed. */
export function chosenIn(form: URLSearchParams, offered: readonly OfferedTable[]): Chosen {
  const text = (name: string) => (form.get(name) ?? "").trim();
  const runs = text("runs");
  const kind = text("kind");
  return {
    name: text("name"),
    kind: kind === "final_only" || kind === "raw_only" ? kind : "raw_and_final",
    prefix: text("prefix"),
    runs: runs === "every" || runs === "cron" ? runs : "by_hand",
    every: text("every"),
    cron: text("cron"),
    timeZone: text("zone"),
    syncsAtOnce: form.has("at_once"),
    tables: offered.map((table, index) => {
      const mode = text(`m${index}`);
      const cursor = columnAt(table.cursors, text(`c${index}`));
      return {
        isTaken: form.has(`t${index}`),
        mode: Object.hasOwn(MODES, mode) ? (mode as ModeWord) : proposedFor(table).mode,
        cursor: cursor ?? "",
        key: text(`k${index}`),
      };
    }),
  };
}

/** A column that a form names by its place, which no escaping of the page alters. */
function columnAt(columns: readonly string[], place: string): string | undefined {
  return /^\d{1,5}$/.test(place) ? columns[Number(place)] : undefined;
}

/** What is wrong with it, in sentences; empty: it can be created as far as this page can tell. */
export function mistakesIn(chosen: Chosen, offered: readonly OfferedTable[]): string[] {
  const { name, runs, every, cron, tables } = chosen;
  const mistakes: string[] = [];
  if (name === "") mistakes.push("The connection needs a name.");
  if (tables.every(({ isTaken }) => !isTaken)) mistakes.push("Choose at least one table.");
  if (runs === "every" && every === "") mistakes.push("Say how often it runs, such as 10m or 1h.");
  if (runs === "cron" && cron === "")
    mistakes.push("Say when it runs, such as 0 * * * * for every hour.");
  for (const [index, table] of tables.entries()) {
    const { namespace, name: own, columns } = offered[index]!;
    const label = streamLabel({ name: own, ...(namespace !== undefined && { namespace }) });
    const isIncremental = table.mode === "new" || table.mode === "dedup";
    if (!table.isTaken || !isIncremental) continue;
    if (table.cursor === "")
      mistakes.push(`${label}: choose the column that tells what is new, or copy the table whole.`);
    if (table.mode === "dedup" && keyOf(table, offered[index]!).length === 0)
      mistakes.push(`${label}: name the columns that identify a row, or choose another mode.`);
    for (const column of table.mode === "dedup" ? keyOf(table, offered[index]!) : [])
      if (!columns.includes(column)) mistakes.push(`${label}: there is no column ${column}.`);
  }
  return mistakes;
}

/** What the service is asked to create. */
export function connectionOf(
  ends: NewEnds,
  chosen: Chosen,
  offered: readonly OfferedTable[],
): NewConnection {
  const { name, kind, prefix, runs, every, cron, timeZone, tables } = chosen;
  return {
    ...ends,
    connection: name,
    tables: kind,
    ...(prefix !== "" && { prefix }),
    streams: tables.flatMap((table, index) => {
      const offer = offered[index]!;
      const { mode } = MODES[table.mode];
      if (!table.isTaken) return [];
      return [
        {
          ...(offer.namespace !== undefined && { namespace: offer.namespace }),
          name: offer.name,
          mode,
          ...(mode.startsWith("incremental") && { cursor: table.cursor }),
          ...(table.mode === "dedup" && { key: keyOf(table, offer) }),
        },
      ];
    }),
    ...(runs === "every" && { schedule: { every } }),
    ...(runs === "cron" && {
      schedule: { cron, ...(timeZone !== "" && { time_zone: timeZone }) },
    }),
  };
}

/** A table's own key as it was shown is that key, whatever its columns are called. */
function keyOf({ key }: ChosenTable, { primary_key }: OfferedTable): string[] {
  if (key === primary_key.join(", ")) return [...primary_key];
  return key
    .split(",")
    .map((column) => column.trim())
    .filter((column) => column !== "");
}
