import { Cron } from "croner";

/**
 * A cron expression of five fields, or a word such as `@daily`, in a time zone. A time of day that a
 * change of the clock leaves out comes right behind it, and one that comes twice comes the first time
 * alone; what goes by the hour or the minute goes on as the hours do. Throws for what is none.
 */
export function cronOf(expression: string, timeZone: string): Cron {
  return new Cron(expression, {
    mode: "5-part",
    timezone: timeZone,
    fixedTimeRule: "no-wildcard",
  });
}

/** What is wrong with a cron expression; undefined: nothing. */
export function cronMistake(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  const isWord = fields.length === 1 && expression.startsWith("@");
  if (fields.length === 6)
    return "has six fields, and seconds are not scheduled: leave the first one out, or use `every: 30s`";
  if (fields.length !== 5 && !isWord)
    return `expected five fields, such as "30 2 * * *", and it has ${fields.length}`;
  if (expression.includes("?")) return "has a ?, which means another time whenever it is read";
  try {
    if (cronOf(expression, "UTC").nextRun(new Date(0)) !== null) return undefined;
  } catch (error) {
    return `is no cron expression: ${withoutName(error)}`;
  }
  return "never comes";
}

/** Whether there is a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The time zone of this machine. */
export function machineTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function withoutName(error: unknown): string {
  return (error as Error).message
    .replace(/^\w+: /, "")
    .replace(/^[A-Z](?![A-Z])/, (first) => first.toLowerCase());
}
