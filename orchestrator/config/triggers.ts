import type { Path } from "../../protocol/config/schema.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Notify, NotifyTarget, Schedule } from "./config.ts";
import { cronMistake, isTimeZone, machineTimeZone } from "./cron.ts";
import type { GivenConnection, GivenNotify } from "./schema.ts";

/** Who is told what is wrong, and where. */
type Report = (path: Path, message: string) => void;

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** When a connection is to run by itself; undefined: when somebody says so, or it follows. */
export function scheduleOf(
  given: Pick<GivenConnection, "schedule" | "time_zone" | "every" | "follow">,
  at: Path,
  report: Report,
): Schedule | undefined {
  const { schedule: cron, time_zone: zone, every, follow } = given;
  const kinds = [
    ...(cron === undefined ? [] : ["schedule"]),
    ...(every === undefined ? [] : ["every"]),
    ...(follow ? ["follow"] : []),
  ];
  if (kinds.length > 1)
    report([...at, kinds[1]!], `${kinds.join(" and ")} exclude each other: they say when it runs`);
  if (zone !== undefined && cron === undefined)
    report([...at, "time_zone"], "is that of a `schedule`, and there is none");
  if (zone !== undefined && !isTimeZone(zone)) report([...at, "time_zone"], unknownZone(zone));
  if (every !== undefined) return { everySeconds: secondsOf(every) };
  if (cron === undefined) return undefined;
  const mistake = cronMistake(cron);
  if (mistake !== undefined) report([...at, "schedule"], mistake);
  return { cron: cron.trim(), timeZone: zone ?? machineTimeZone() };
}

/** `10m` in seconds; the schema has its form. */
function secondsOf(every: string): number {
  return Number(every.slice(0, -1)) * UNIT_SECONDS[every.slice(-1)]!;
}

function unknownZone(zone: string): string {
  const hint = didYouMean(zone, Intl.supportedValuesOf("timeZone"));
  return `no time zone is called ${zone}${hint}; expected a name such as Europe/Berlin`;
}

/** Who is told of what, with the paths of programs made absolute. */
export function notifyOf(
  given: GivenNotify,
  at: Path,
  {
    report,
    fromFolder,
    hasSecrets,
  }: {
    readonly report: Report;
    readonly fromFolder: (path: string) => string;
    /** Whether variables are filled in. */
    readonly hasSecrets: boolean;
  },
): Notify {
  const target = (key: keyof GivenNotify): NotifyTarget | undefined => {
    const one = given[key];
    if (one === undefined) return undefined;
    if (typeof one !== "string")
      return {
        command: one.command.map((word) => (/^\.\.?\//.test(word) ? fromFolder(word) : word)),
      };
    // It may be a secret as a whole: no message repeats it.
    if (hasSecrets && !/^https?:$/.test(protocolOf(one)))
      report([...at, key], "expected a URL that begins with https:// or http://");
    return { url: one };
  };
  const [onFailure, onRecovery] = [target("on_failure"), target("on_recovery")];
  return { ...(onFailure && { onFailure }), ...(onRecovery && { onRecovery }) };
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return "";
  }
}
