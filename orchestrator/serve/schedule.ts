import type { Schedule } from "../config/config.ts";
import { cronOf } from "../config/cron.ts";

/** What has a connection run: its schedule, or that it follows and is begun again whenever it ended. */
export type Trigger = Schedule | { readonly follow: true };

/**
 * When a schedule is due next behind a moment: strictly later for a cron expression. Undefined: never
 * again. Both in milliseconds since 1970.
 */
export function nextAfter(schedule: Schedule, moment: number): number | undefined {
  if ("everySeconds" in schedule) return moment + schedule.everySeconds * 1000;
  return cronOf(schedule.cron, schedule.timeZone).nextRun(new Date(moment))?.getTime();
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** A trigger for people: `every 10 minutes`, `every day at 02:30, Europe/Berlin`. */
export function triggerText(trigger: Trigger): string {
  if ("follow" in trigger) return "follows";
  if ("everySeconds" in trigger) return `every ${durationText(trigger.everySeconds)}`;
  const { cron, timeZone } = trigger;
  return `${cronText(cron) ?? cron}, ${timeZone}`;
}

/** Of the expressions that most people write. */
function cronText(cron: string): string | undefined {
  if (cron.startsWith("@")) return WORDS[cron.toLowerCase()];
  const [minute, hour, day, month, weekday] = cron.split(/\s+/) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const isAnyDay = day === "*" && month === "*";
  const isDaily = isAnyDay && weekday === "*";
  const step = /^\*(?:\/(\d+))?$/.exec(minute);
  if (step && hour === "*" && isDaily) return `every ${durationText(Number(step[1] ?? 1) * 60)}`;
  if (!isNumber(minute)) return undefined;
  if (hour === "*" && isDaily)
    return Number(minute) === 0 ? "every hour" : `every hour at minute ${Number(minute)}`;
  if (!isNumber(hour)) return undefined;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (isDaily) return `every day at ${time}`;
  if (isAnyDay && isNumber(weekday)) return `every ${WEEKDAYS[Number(weekday) % 7]} at ${time}`;
  const isMonthly = isNumber(day) && month === "*" && weekday === "*";
  return isMonthly ? `on day ${Number(day)} of every month at ${time}` : undefined;
}

const WORDS: Readonly<Record<string, string>> = {
  "@hourly": "every hour",
  "@daily": "every day at 00:00",
  "@midnight": "every day at 00:00",
  "@weekly": "every Sunday at 00:00",
  "@monthly": "on day 1 of every month at 00:00",
};

const isNumber = (field: string) => /^\d+$/.test(field);

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** In the largest unit that leaves no rest: 5400 is `90 minutes`. */
function durationText(seconds: number): string {
  const [unit, size] = UNITS.find(([, one]) => seconds % one === 0)!;
  const count = seconds / size;
  return count === 1 ? unit : `${count} ${unit}s`;
}
