/** A fenced block of a Markdown page. */
export interface Block {
  /** What stands behind the fence: `sh`, `yaml`, … */
  readonly language: string;
  readonly text: string;
  /** Number of the line its fence is on, from 1. */
  readonly line: number;
}

/** The fenced blocks of a page, in order. Throws when the last one is not closed. */
export function fencedBlocks(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of page.split("\n").entries()) {
    const fence = /^```(\S*)\s*$/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (!open) open = { language: fence[1]!, line: index + 1, lines: [] };
    else {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join("\n") });
      open = undefined;
    }
  }
  if (open) throw new Error(`the block at line ${open.line} is not closed`);
  return blocks;
}

/** The commands of a shell block: its lines, those that a command goes on in put together. */
export function commandsOf(text: string): string[] {
  const commands: string[] = [];
  let open = "";
  for (const line of text.split("\n")) {
    if (open === "" && /^\s*(#|$)/.test(line)) continue;
    open = open === "" ? line : `${open}\n${line}`;
    const heredoc = /<<-?\s*'?"?(\w+)/.exec(open)?.[1];
    const isOpen = heredoc === undefined ? /(\||&&|\\)\s*$/.test(line) : line.trim() !== heredoc;
    if (isOpen) continue;
    commands.push(open);
    open = "";
  }
  if (open !== "") throw new Error(`a command does not end: ${open}`);
  return commands;
}
