import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { AttemptLog, type LogLine } from "../../orchestrator/store/attempt-log.ts";
import { it } from "../support/fixtures.ts";

/** @guarantee words-are-no-commands */
describe("the log of an attempt", () => {
  it.for<readonly [string, string]>([
    ["a second line", "a\n2026-01-01T00:00:00.000Z INFO  syncline: all is well"],
    ["a carriage return", "bad\rgood"],
    ["a terminal's title", "\u001b]0;owned\u0007"],
    ["a copy to the clipboard", "\u001b]52;c;b3duZWQ=\u0007"],
    ["a one-byte control sequence", "\u009b2J"],
    ["a text that reads backwards", "\u202etxt.exe\u2066"],
    ["separators of lines and paragraphs", "a\u2028b\u2029c"],
  ])("shows %s as what it is, under its origin", ([, text], { folder }) => {
    const heard: LogLine[] = [];
    const log = new AttemptLog(folder, (line) => heard.push(line));

    log.connector("source s", "INFO", text);
    log.close();

    const written = readFileSync(join(folder, "logs.log"), "utf8");
    for (const shown of [written, ...heard.map((line) => `${line.text}\n`)])
      expect(shown.slice(0, -1)).not.toMatch(
        /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u,
      );
    for (const line of written.trimEnd().split("\n")) expect(line).toMatch(/ INFO {2}source s: /);
  });

  it(
    "costs no sync anything when it cannot be written",
    { skip: process.platform !== "linux" },
    ({ folder }) => {
      for (const name of ["logs.log", "events.ndjson"])
        symlinkSync("/dev/full", join(folder, name));
      const heard: string[] = [];
      const log = new AttemptLog(folder, ({ text }) => heard.push(text));

      log.own("INFO", "a line");
      log.event({ event: "something" });
      log.own("INFO", "another");
      log.close();

      expect(heard).toEqual(["a line", "another"]);
    },
  );
});
