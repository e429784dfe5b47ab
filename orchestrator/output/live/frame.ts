import { byteSize, grouped } from "../table.ts";
import type { ConnectionProgress, Phase, StreamView } from "./connection-progress.ts";

/** Puts colour on a text. */
export type Paint = (
  style: "bold" | "dim" | "cyan" | "magenta" | "yellow" | "green",
  text: string,
) => string;

const COLOURS: Readonly<Record<Phase, Parameters<Paint>[0]>> = {
  swapping: "magenta",
  merging: "magenta",
  copying: "magenta",
  "waiting for a lock": "yellow",
  waiting: "yellow",
  reading: "cyan",
  loading: "cyan",
  "to come": "dim",
  done: "green",
};

/** The phases in the order of interest: streams of the first are shown first. */
const PHASES = Object.keys(COLOURS) as Phase[];

/** Phases of streams that get a line of their own; the others are counted. */
const SHOWN: ReadonlySet<Phase> = new Set(PHASES.slice(0, 7));

/** A stream's name is not cut shorter than this; a column goes instead. */
const NAME_CHARS = 16;
const GAP = 2;

interface Column {
  readonly heading: string;
  /** The lower, the sooner it goes where there is no room. */
  readonly rank: number;
  text(stream: StreamView, isWide: boolean): string;
}

const COLUMNS: readonly Column[] = [
  { heading: "phase", rank: 9, text: ({ phase }, isWide) => phaseText(phase, isWide) },
  { heading: "rows", rank: 8, text: ({ rows }) => grouped(rows) },
  { heading: "rows/s", rank: 7, text: ({ rowsPerSecond }) => grouped(rowsPerSecond) },
  { heading: "MB/s", rank: 1, text: ({ bytesPerSecond }) => (bytesPerSecond / 1e6).toFixed(1) },
  {
    heading: "read",
    rank: 6,
    text: ({ share }) => (share === undefined ? "" : `${Math.floor(share * 100)}%`),
  },
  { heading: "left", rank: 5, text: ({ secondsLeft }) => clock(secondsLeft) },
  {
    heading: "saved",
    rank: 4,
    text: ({ savedSecondsAgo: ago }) => (ago === undefined ? "" : `${clock(ago)} ago`),
  },
];

/**
 * What a screen of this size shows of connections as they run, a line each for them and for the
 * streams that are at something; the others are counted. Never more lines than `rows`, and none as
 * wide as `columns`.
 *
 * @param now by the monotonic clock.
 */
export function frame(
  connections: readonly ConnectionProgress[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
  now: number,
  paint: Paint,
): string[] {
  const width = columns - 1;
  const room = Math.max(1, rows - 1);
  // A heading and a line of counts each, at least.
  const most = Math.max(1, Math.floor((room - 1) / 2));
  const shown = connections.slice(0, most);
  const more = connections.length - shown.length;
  let left = room - (more > 0 ? 1 : 0) - 2 * shown.length;
  const lines = shown.flatMap((connection, at) => {
    const fair = Math.floor(left / (shown.length - at));
    const own = connectionLines(connection, { width, room: fair }, now, paint);
    left -= own.length - 2;
    return own;
  });
  if (more > 0) lines.push(cut(`${more} more connections are under way`, width));
  return lines.slice(0, room);
}

function connectionLines(
  connection: ConnectionProgress,
  { width, room }: { readonly width: number; readonly room: number },
  now: number,
  paint: Paint,
): string[] {
  const streams = connection.streams(now);
  const active = streams
    .filter(({ phase }) => SHOWN.has(phase))
    .sort((one, other) => PHASES.indexOf(one.phase) - PHASES.indexOf(other.phase));
  // One line of the room is for the headings.
  const shown = room >= 2 ? active.slice(0, room - 1) : [];
  const counts = PHASES.flatMap((phase) => {
    const count = streams.filter((one) => one.phase === phase && !shown.includes(one)).length;
    return count > 0 ? [`${grouped(count)} ${phase}`] : [];
  });
  return [
    paint("bold", cut(heading(connection, streams, now), width)),
    ...(shown.length > 0 ? streamTable(shown, width, paint) : []),
    ...(counts.length > 0 ? [paint("dim", cut(`  ${counts.join(", ")}`, width))] : []),
  ];
}

/** `orders: job 12, attempt 2 of 5, 1,234 rows, 400 rows/s, 1.2 MB/s, 0:42`. */
export function heading(
  { name, job, maxAttempts, retryAt, begun, stats }: ConnectionProgress,
  streams: readonly StreamView[],
  now: number,
): string {
  const attempt = job?.attempts.length ?? 0;
  const sum = (of: (stream: StreamView) => number) =>
    streams.reduce((total, stream) => total + of(stream), 0);
  const isRead = stats !== undefined && retryAt === undefined;
  const facts = [
    ...(job ? [`job ${job.id}`] : []),
    ...(maxAttempts === Infinity ? ["following"] : []),
    ...(attempt > 1 ? [attemptText(attempt, maxAttempts)] : []),
    ...(retryAt === undefined
      ? []
      : [`waiting for another attempt, in ${clock(Math.max(0, retryAt - now) / 1000)}`]),
    ...(!isRead && retryAt === undefined ? ["starting"] : []),
    ...(isRead
      ? [
          `${grouped(sum(({ rows }) => rows))} rows`,
          `${grouped(sum(({ rowsPerSecond }) => rowsPerSecond))} rows/s`,
          `${byteSize(Math.round(sum(({ bytesPerSecond }) => bytesPerSecond)))}/s`,
        ]
      : []),
    clock((now - begun) / 1000),
  ];
  return `${name}: ${facts.join(", ")}`;
}

function attemptText(attempt: number, most: number): string {
  const of = most === Infinity ? "" : ` of ${Math.max(attempt, most)}`;
  return `attempt ${attempt}${of}`;
}

function streamTable(streams: readonly StreamView[], width: number, paint: Paint): string[] {
  const isWide = width >= 100;
  let cells = COLUMNS.map((column) => {
    const texts = streams.map((stream) => column.text(stream, isWide));
    return { column, texts, width: Math.max(column.heading.length, ...texts.map((t) => t.length)) };
  }).filter(({ texts }) => texts.some((text) => text !== ""));
  const longest = Math.max("stream".length, ...streams.map(({ label }) => label.length));
  const taken = () => cells.reduce((sum, cell) => sum + GAP + cell.width, 2);
  while (cells.length > 1 && width - taken() < Math.min(longest, NAME_CHARS)) {
    const least = Math.min(...cells.map(({ column }) => column.rank));
    cells = cells.filter(({ column }) => column.rank !== least);
  }
  const nameWidth = Math.max(1, Math.min(longest, width - taken()));
  const line = (name: string, texts: readonly string[], style: Parameters<Paint>[0]) => {
    const parts = cells.map(({ column, width: room }, at) => {
      const text = texts[at]!;
      const padded = column.heading === "phase" ? text.padEnd(room) : text.padStart(room);
      return column.heading === "phase" ? paint(style, padded) : padded;
    });
    return ["", cut(name, nameWidth).padEnd(nameWidth), ...parts].join(" ".repeat(GAP)).trimEnd();
  };
  return [
    paint(
      "dim",
      line(
        "stream",
        cells.map(({ column }) => column.heading),
        "dim",
      ),
    ),
    ...streams.map(({ label, phase }, row) =>
      line(
        label,
        cells.map(({ texts }) => texts[row]!),
        COLOURS[phase],
      ),
    ),
  ];
}

function phaseText(phase: Phase, isWide: boolean): string {
  return phase === "waiting" && isWide ? "waiting for the destination" : phase;
}

/** `1:05`, `2:01:05`. */
export function clock(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "";
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
