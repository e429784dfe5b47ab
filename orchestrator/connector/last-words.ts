/** Most lines that are repeated in a message. */
const MOST = 5;

/** What Node prints behind an error, of itself. */
const OF_NODE = /^(\s+(code: '|requireStack: |'[^']*'$|\],?$)|\}$|Node\.js v\d)/;

/**
 * What a program that failed printed last, as one text: without the frames of a traceback, which come
 * before the line that says what happened in Python, and behind it in JavaScript.
 */
export function wordsThatMatter(lines: readonly string[]): string {
  const traceback = lines.findLastIndex((line) => line.startsWith("Traceback (most recent call"));
  const rest = traceback === -1 ? lines : lines.slice(traceback + 1);
  return rest
    .filter((line) => line.trim() !== "" && !/^\s+(at |File |\^)/.test(line))
    .filter((line) => !OF_NODE.test(line))
    .filter((line) => traceback === -1 || !/^\s/.test(line))
    .slice(-MOST)
    .map((line) => line.trim())
    .join("; ");
}
