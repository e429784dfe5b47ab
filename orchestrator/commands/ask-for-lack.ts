import { streamLabel } from "../../protocol/catalog.ts";
import { escapeControls } from "../escape.ts";
import { answered, prompts } from "../setup/prompts.ts";
import { columnNames, cursorCandidates, lackOf, type Proposal } from "../setup/proposal.ts";

/** Asks for the cursor and the key that a proposal lacks. What cannot be asked for stays away. */
export async function askForLack(proposal: Proposal): Promise<Proposal> {
  const { stream } = proposal;
  const label = escapeControls(streamLabel(stream));
  const lack = lackOf(proposal);
  if (lack === "cursor" && cursorCandidates(stream).length > 0)
    return askForLack({ ...proposal, cursor: await askCursor(proposal) });
  if (lack !== "key") return proposal;
  const { multiselect } = await prompts();
  const message = `Which columns of ${label} identify a row?`;
  const options = columnNames(stream).map(optionOf);
  return { ...proposal, key: await answered(multiselect({ message, options, required: true })) };
}

/** Asks for the column that grows with every change. */
export async function askCursor({ stream, cursor }: Proposal): Promise<string> {
  const { select } = await prompts();
  const message = `Which column of ${escapeControls(streamLabel(stream))} grows with every change?`;
  const options = cursorCandidates(stream).map(optionOf);
  return answered(
    select({
      message,
      options,
      maxItems: 12,
      ...(cursor !== undefined && { initialValue: cursor }),
    }),
  );
}

const optionOf = (column: string) => ({ value: column, label: escapeControls(column) });
