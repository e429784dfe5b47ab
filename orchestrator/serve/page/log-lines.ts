/** A line of an attempt's log. */
export interface LogLine {
  /** ISO 8601. */
  readonly time: string;
  readonly level: string;
  /** `syncline`, `source shop`, `destination warehouse`. */
  readonly origin: string;
  readonly text: string;
}

const LINE = /^(\S+) (\S+)\s+(syncline|(?:source|destination) \S+): (.*)$/;

/** How a statement begins, as a destination logs it before it is sent. */
const STATEMENT =
  /^(alter|analyze|comment on|copy|create|delete from|drop|insert into|lock table|merge into|select|set|truncate|update|vacuum|with) /i;

/** The lines of a log; what is none of ours is one without time, level and origin. */
export function logLines(text: string): LogLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, time = "", level = "", origin = "", rest = line] = LINE.exec(line) ?? [];
      return { time, level, origin, text: rest };
    });
}

/** The statements among the lines of destinations, each with its further lines, in their order. */
export function sqlStatements(lines: readonly LogLine[]): string[] {
  const statements: string[] = [];
  let isOpen = false;
  for (const { origin, text } of lines) {
    if (!origin.startsWith("destination ")) isOpen = false;
    else if (STATEMENT.test(text)) isOpen = statements.push(text) > 0;
    else if (isOpen && /^\s/.test(text)) statements.push(`${statements.pop()!}\n${text}`);
    else isOpen = false;
  }
  return statements;
}
