import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { loadConfig, loadLayout } from "../../../orchestrator/config/load.ts";
import { triggerText } from "../../../orchestrator/serve/schedule.ts";
import type { Failure } from "../../../protocol/errors.ts";
import { it } from "../../support/fixtures.ts";

const END = "{ command: [node, ./connector.mjs] }";

/** A file whose one connection has these settings too. */
function fileWith(folder: string, settings: string, more = ""): string {
  const path = join(folder, "syncline.yaml");
  const connection = `source: s, destination: d${settings && `, ${settings}`}`;
  const text = `sources: { s: ${END} }\ndestinations: { d: ${END} }\nconnections: { c: { ${connection} } }\n${more}`;
  writeFileSync(path, text);
  return path;
}

function mistakes(load: () => unknown): string[] {
  try {
    load();
    return [];
  } catch (error) {
    return (error as Failure).message.split("\n").map((line) => line.replace(/^\S+ /, ""));
  }
}

describe("when a connection runs by itself", () => {
  it.for([
    ["", undefined],
    ["every: 90s", { everySeconds: 90 }],
    ["every: 10m", { everySeconds: 600 }],
    ["every: 1d", { everySeconds: 86_400 }],
    [
      'schedule: "30 2 * * *", time_zone: Europe/Berlin',
      { cron: "30 2 * * *", timeZone: "Europe/Berlin" },
    ],
    ['schedule: "@daily", time_zone: UTC', { cron: "@daily", timeZone: "UTC" }],
  ] as const)("is read from %s", ([settings, schedule], { folder }) => {
    const path = fileWith(folder, settings);
    expect(loadConfig(path, {}).connections.get("c")!.schedule).toEqual(schedule);
  });

  it("goes by the clock of the machine where no time zone is named", ({ folder }) => {
    const path = fileWith(folder, 'schedule: "0 * * * *"');
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const expected = { cron: "0 * * * *", timeZone };
    expect(loadConfig(path, {}).connections.get("c")!.schedule).toEqual(expected);
  });

  it.for([
    [
      'schedule: "0 0 * * * *"',
      "connections.c.schedule: has six fields, and seconds are not scheduled: leave the first one out, or use `every: 30s`",
    ],
    [
      'schedule: "hourly"',
      'connections.c.schedule: expected five fields, such as "30 2 * * *", and it has 1',
    ],
    [
      'schedule: "60 * * * *"',
      "connections.c.schedule: is no cron expression: invalid value for minute: 60",
    ],
    ['schedule: "0 0 30 2 *"', "connections.c.schedule: never comes"],
    [
      'schedule: "? 1 * * *"',
      "connections.c.schedule: has a ?, which means another time whenever it is read",
    ],
    [
      'schedule: "0 1 * * *", time_zone: Europe/Berlim',
      "connections.c.time_zone: no time zone is called Europe/Berlim (did you mean Europe/Berlin?); expected a name such as Europe/Berlin",
    ],
    [
      "every: 10m, time_zone: UTC",
      "connections.c.time_zone: is that of a `schedule`, and there is none",
    ],
    [
      "every: '10'",
      "connections.c.every: must have the form a number and s, m, h or d, such as 10m",
    ],
    ["every: 0m", "connections.c.every: must have the form a number and s, m, h or d, such as 10m"],
    [
      "every: 10m, follow: true",
      "connections.c.follow: every and follow exclude each other: they say when it runs",
    ],
    [
      'every: 10m, schedule: "0 1 * * *"',
      "connections.c.every: schedule and every exclude each other: they say when it runs",
    ],
    [
      'follow: true, schedule: "0 1 * * *"',
      "connections.c.follow: schedule and follow exclude each other: they say when it runs",
    ],
  ] as const)("is refused with what is wrong in %s", ([settings, expected], { folder }) => {
    const path = fileWith(folder, settings);
    expect(mistakes(() => loadConfig(path, {}))).toEqual([expected]);
  });

  it.for([
    [{ everySeconds: 5400 }, "every 90 minutes"],
    [{ everySeconds: 3600 }, "every hour"],
    [{ follow: true as const }, "follows"],
    [{ cron: "0 * * * *", timeZone: "UTC" }, "every hour, UTC"],
    [{ cron: "7 * * * *", timeZone: "UTC" }, "every hour at minute 7, UTC"],
    [{ cron: "*/15 * * * *", timeZone: "UTC" }, "every 15 minutes, UTC"],
    [{ cron: "* * * * *", timeZone: "UTC" }, "every minute, UTC"],
    [{ cron: "5 2 * * *", timeZone: "UTC" }, "every day at 02:05, UTC"],
    [{ cron: "5 2 * * 7", timeZone: "UTC" }, "every Sunday at 02:05, UTC"],
    [{ cron: "5 2 1 * *", timeZone: "UTC" }, "on day 1 of every month at 02:05, UTC"],
    [{ cron: "@daily", timeZone: "UTC" }, "every day at 00:00, UTC"],
    [{ cron: "5 2 * 3 MON#2", timeZone: "UTC" }, "5 2 * 3 MON#2, UTC"],
  ] as const)("is told in words: %j", ([trigger, words]) => {
    expect(triggerText(trigger)).toBe(words);
  });
});

describe("whom a connection tells of failures", () => {
  it("is its own choice, and the whole file's for what it leaves open", ({ folder }) => {
    const more =
      "notify: { on_failure: 'https://a.example/x', on_recovery: 'https://a.example/y' }\n";
    const path = fileWith(folder, "notify: { on_failure: { command: [./tell.sh, now] } }", more);
    expect(loadConfig(path, {}).connections.get("c")!.notify).toEqual({
      onFailure: { command: [join(folder, "tell.sh"), "now"] },
      onRecovery: { url: "https://a.example/y" },
    });
    expect(loadConfig(fileWith(folder, ""), {}).connections.get("c")!.notify).toEqual({});
  });

  /** @guarantee no-secrets */
  it("is refused without repeating it, since a webhook is a secret", ({ folder }) => {
    const path = fileWith(folder, "notify: { on_failure: 'ftp://Canary4711' }");
    expect(mistakes(() => loadConfig(path, {}))).toEqual([
      "connections.c.notify.on_failure: expected a URL that begins with https:// or http://",
    ]);
    const halves = fileWith(folder, "notify: { on_failure: 'https://a/Canary4711${HOOK}' }");
    expect(mistakes(() => loadConfig(halves, {})).join()).not.toMatch(/Canary|4711/);
  });

  it("is of no concern to commands that only look back, whatever variables it needs", ({
    folder,
  }) => {
    const path = fileWith(
      folder,
      "notify: { on_failure: '${HOOK}' }",
      "notify: { on_recovery: '${HOOK}' }\n",
    );
    expect(loadLayout(path, {}).connections.has("c")).toBe(true);
    const config = loadConfig(path, { HOOK: "http://127.0.0.1:1/" });
    expect(config.connections.get("c")!.notify).toEqual({
      onFailure: { url: "http://127.0.0.1:1/" },
      onRecovery: { url: "http://127.0.0.1:1/" },
    });
  });
});
