/**
 * The times of schedules, found by looking at every minute: an oracle for cron expressions in time zones
 * that shares nothing with what computes them.
 */

export type Pattern =
  | { readonly kind: "daily"; readonly minute: number; readonly hours: readonly number[] }
  | { readonly kind: "hourly"; readonly minute: number }
  | { readonly kind: "minutes"; readonly step: number };

export const MINUTE = 60_000;

export function expressionOf(pattern: Pattern): string {
  if (pattern.kind === "daily") return `${pattern.minute} ${pattern.hours.join(",")} * * *`;
  return pattern.kind === "hourly" ? `${pattern.minute} * * * *` : `*/${pattern.step} * * * *`;
}

interface Local {
  readonly date: string;
  readonly hour: number;
  readonly minute: number;
}

const known = new Map<string, Local>();
const formats = new Map<string, Intl.DateTimeFormat>();

function localAt(moment: number, zone: string): Local {
  const key = `${moment}${zone}`;
  const found = known.get(key);
  if (found) return found;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    formats.set(zone, format);
  }
  const [date, time] = format.format(moment).split(", ") as [string, string];
  const [hour, minute] = time.split(":").map(Number) as [number, number];
  const local = { date, hour, minute };
  known.set(key, local);
  return local;
}

/** Every time of the pattern that is later than `from` and not later than `to`. */
export function slotsBetween(pattern: Pattern, zone: string, from: number, to: number): number[] {
  const slots: number[] = [];
  for (let at = Math.floor(from / MINUTE + 1) * MINUTE; at <= to; at += MINUTE)
    if (isSlot(pattern, zone, at)) slots.push(at);
  return slots;
}

function isSlot(pattern: Pattern, zone: string, at: number): boolean {
  const { hour, minute } = localAt(at, zone);
  if (pattern.kind === "minutes") return minute % pattern.step === 0;
  if (pattern.kind === "hourly") return minute === pattern.minute;
  const ofDay = hour * 60 + minute;
  const before = localAt(at - MINUTE, zone);
  const hasLeapt =
    before.date === localAt(at, zone).date && before.hour * 60 + before.minute + 1 < ofDay;
  const isFirstOfDay = before.date !== localAt(at, zone).date;
  return pattern.hours.some((wanted) => {
    const time = wanted * 60 + pattern.minute;
    // Left out by the clock: the first minute behind the gap stands for it.
    if (hasLeapt && before.hour * 60 + before.minute < time && time < ofDay) return true;
    if (isFirstOfDay && time < ofDay) return true;
    return time === ofDay && !cameBefore(at, zone);
  });
}

/** Whether the clock has shown this time of this day before, in the hours before. */
function cameBefore(at: number, zone: string): boolean {
  const { date, hour, minute } = localAt(at, zone);
  return [30, 60, 120].some((minutes) => {
    const other = localAt(at - minutes * MINUTE, zone);
    return other.date === date && other.hour === hour && other.minute === minute;
  });
}
