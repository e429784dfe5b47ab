import { streamKey, streamLabel, type Stream } from "../../protocol/catalog.ts";
import type { TraceEstimate } from "../../protocol/messages.ts";
import { escapeControls } from "../escape.ts";
import { byteSize, grouped, table } from "../output/table.ts";
import { COPY_MODES, type CopyMode } from "../setup/copy-modes.ts";
import { answered, prompts } from "../setup/prompts.ts";
import { lackOf, propose, type Proposal } from "../setup/proposal.ts";
import { askCursor, askForLack } from "./ask-for-lack.ts";

type Sizes = ReadonlyMap<string, TraceEstimate>;

/** Most lines of a list at a time. */
const LINES = 12;

/** Asks which tables to copy and how, and proposes cursor and key for each. Throws `CANCELLED`. */
export async function askTables(offered: readonly Stream[], sizes: Sizes): Promise<Proposal[]> {
  const chosen = await askWhich(offered, sizes);
  const mode = await askMode("How are they copied?", "merge");
  const proposals = chosen.map((stream) => orWhole(propose(stream, mode)));
  const { log, select } = await prompts();
  for (;;) {
    log.message(proposalLines(proposals).join("\n"));
    const options = [
      { value: -1, label: "Take them like this" },
      ...proposals.map(({ stream }, value) => ({ value, label: `Change ${labelOf(stream)}` })),
    ];
    const choice = await answered(select({ message: "All right?", options, maxItems: LINES }));
    if (choice === -1) return proposals;
    proposals[choice] = await askAnew(proposals[choice]!);
  }
}

async function askWhich(offered: readonly Stream[], sizes: Sizes): Promise<Stream[]> {
  const { multiselect } = await prompts();
  const rows = offered.map((stream) => [labelOf(stream), ...sizeOf(sizes.get(streamKey(stream)))]);
  const labels = table(["", "", ""], rows).slice(1);
  const options = labels.map((label, value) => ({ value, label }));
  const chosen = await answered(
    multiselect({
      message: "Which tables? (space chooses, a all, Enter goes on)",
      options,
      initialValues: options.map(({ value }) => value),
      maxItems: LINES,
      required: true,
    }),
  );
  return chosen.toSorted((a, b) => a - b).map((index) => offered[index]!);
}

function sizeOf(size: TraceEstimate | undefined): [rows: string, bytes: string] {
  const { row_estimate: rows = 0, byte_estimate: bytes = 0 } = size ?? {};
  return rows === 0 ? ["", ""] : [`~${grouped(rows)} rows`, byteSize(bytes)];
}

async function askMode(message: string, initialValue: CopyMode): Promise<CopyMode> {
  const { select } = await prompts();
  const options = Object.entries(COPY_MODES).map(([value, { says }]) => ({
    value: value as CopyMode,
    label: `${value.padEnd(8)}  ${says}`,
  }));
  return answered(select<CopyMode>({ message, options, initialValue }));
}

/** What cannot be copied as wanted is copied whole. */
function orWhole(proposal: Proposal): Proposal {
  return lackOf(proposal) === undefined ? proposal : propose(proposal.stream, "replace");
}

async function askAnew({ stream, mode }: Proposal): Promise<Proposal> {
  const wanted = await askMode(`How is ${labelOf(stream)} copied?`, mode);
  const proposal = propose(stream, wanted);
  const withCursor =
    proposal.cursor === undefined ? proposal : { ...proposal, cursor: await askCursor(proposal) };
  return orWhole(await askForLack(withCursor));
}

function proposalLines(proposals: readonly Proposal[]): string[] {
  const rows = proposals.map(({ stream, mode, cursor = "", key }) =>
    [labelOf(stream), mode, cursor, key.join(", ")].map(escapeControls),
  );
  return table(["table", "mode", "cursor", "key"], rows);
}

function labelOf(stream: Stream): string {
  return escapeControls(streamLabel(stream));
}
