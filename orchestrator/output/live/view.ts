import { stripVTControlCharacters, styleText } from "node:util";
import type { Console } from "../console.ts";
import { byteSize, grouped } from "../table.ts";
import { clock, frame, type Paint } from "./frame.ts";
import type { ConnectionProgress } from "./connection-progress.ts";

/** The table is drawn this often. */
const DRAW_MS = 250;

/** How often a line is printed where there is no terminal. */
const LINE_MS = 30_000;

/** Shows connections while they run, beside whatever else is printed. */
export interface View {
  add(connection: ConnectionProgress): void;
  remove(connection: ConnectionProgress): void;
  /** Lets something be printed without what is drawn in its way. */
  print(write: () => void): void;
  close(): void;
}

/**
 * On a terminal a table that is kept current, elsewhere a line per connection now and then, and
 * nothing where only errors are wanted. All of it goes to stderr.
 */
export async function openView(console: Console, stderr: NodeJS.WriteStream): Promise<View> {
  if (console.quiet) return { add() {}, remove() {}, print: (write) => write(), close() {} };
  const isTerminal = stderr.isTTY && !process.env["CI"] && process.env["TERM"] !== "dumb";
  return isTerminal ? drawnView(stderr) : lineView((line) => console.note(line), LINE_MS);
}

async function drawnView(stderr: NodeJS.WriteStream): Promise<View> {
  const { createLogUpdate } = await import("log-update");
  // With the cursor hidden, a kill would leave it so.
  const draw = createLogUpdate(stderr, { showCursor: true });
  const paint: Paint = (style, text) => styleText(style, text, { stream: stderr });
  const running = new Set<ConnectionProgress>();
  let drawn: readonly string[] = [];
  const clear = () => {
    if (drawn.length > 0) draw.clear();
    drawn = [];
  };
  const redraw = () => {
    if (running.size === 0) return;
    const size = { columns: stderr.columns || 80, rows: stderr.rows || 24 };
    drawn = frame([...running], size, performance.now(), paint);
    draw(drawn.join("\n"));
  };
  const drawAnew = () => {
    if (drawn.length > 0) stderr.write(eraseFolded(drawn, stderr.columns || 80));
    draw.done(); // it knows lines as it drew them
    redraw();
  };
  const timer = setInterval(redraw, DRAW_MS);
  stderr.on("resize", drawAnew);
  return {
    add: (connection) => void running.add(connection),
    remove: (connection) => void running.delete(connection),
    print(write) {
      clear();
      write();
    },
    close() {
      clearInterval(timer);
      stderr.off("resize", drawAnew);
      clear();
    },
  };
}

/** Erases lines above the cursor, which a terminal folded when it became as narrow as `columns`. */
function eraseFolded(lines: readonly string[], columns: number): string {
  const rowsOf = (line: string) =>
    Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
  const rows = lines.reduce((sum, line) => sum + rowsOf(line), 0);
  return `\u001b[${rows}A\r\u001b[J`;
}

/** A line per connection each time, for a log file. */
export function lineView(note: (line: string) => void, everyMs: number): View {
  const running = new Set<ConnectionProgress>();
  const timer = setInterval(() => {
    for (const connection of running) note(progressLine(connection, performance.now()));
  }, everyMs);
  timer.unref();
  return {
    add: (connection) => void running.add(connection),
    remove: (connection) => void running.delete(connection),
    print: (write) => write(),
    close: () => clearInterval(timer),
  };
}

/** How far a connection is, in one line. */
function progressLine(connection: ConnectionProgress, now: number): string {
  const streams = connection.streams(now);
  const { stats, name, begun, retryAt } = connection;
  const seconds = clock((now - begun) / 1000);
  if (retryAt !== undefined)
    return `${name}: waiting for another attempt, in ${clock(Math.max(0, retryAt - now) / 1000)}, ${seconds}`;
  if (stats === undefined) return `${name}: starting, ${seconds}`;
  const sum = (key: "emitted" | "committed" | "bytes") =>
    stats.streams.reduce((total, stream) => total + stream[key], 0);
  const rate = streams.reduce((total, one) => total + one.rowsPerSecond, 0);
  const done = streams.filter(({ phase }) => phase === "done").length;
  const at = streams
    .filter(({ phase }) => phase !== "done" && phase !== "to come")
    .slice(0, 3)
    .map(({ label, phase, share }) => {
      const percent = share === undefined ? "" : ` (${Math.floor(share * 100)}%)`;
      return `${phase}${phase === "waiting for a lock" ? " on" : ""} ${label}${percent}`;
    });
  return `${name}: ${[
    `${grouped(sum("emitted"))} rows read`,
    `${grouped(sum("committed"))} committed`,
    byteSize(sum("bytes")),
    `${grouped(rate)} rows/s`,
    `${done}/${streams.length} streams`,
    ...at,
    seconds,
  ].join(", ")}`;
}
