import { stat } from "node:fs/promises";
import { expect } from "vitest";
import { it } from "./fixtures.ts";
import { runExecutable, start } from "./run.ts";
import { startOnTerminal } from "./terminal.ts";

it("gives each test two empty databases, logical WAL and values as text", async ({
  source,
  destination,
}) => {
  await source.exec(
    "create table t (id int8, at timestamp); insert into t values (9007199254740993, '2022-09-01 16:30:13.93903')",
  );

  expect(await source.query("select * from t")).toEqual([
    { id: "9007199254740993", at: "2022-09-01 16:30:13.93903" },
  ]);
  expect(
    await destination.rows("select count(*) from pg_tables where schemaname = 'public'"),
  ).toEqual([["0"]]);
  expect(await source.rows("show wal_level")).toEqual([["logical"]]);
});

it("gives each test a folder", async ({ folder }) => {
  expect((await stat(folder)).isDirectory()).toBe(true);
});

it("runs a program to its end and tells how it ended", async () => {
  const finished = await runExecutable("/bin/sh", ["-c", "cat; echo oops >&2; exit 3"], {
    stdin: '{"type":"LOG","log":{"level":"INFO","message":"é"}}\n',
  });

  expect(finished).toMatchObject({ exitCode: 3, signal: null, stderr: "oops\n" });
  expect(finished.messages()).toEqual([{ type: "LOG", log: { level: "INFO", message: "é" } }]);
});

it("waits for a line of a running program, and says so when it ends without", async () => {
  const running = start("/bin/sh", ["-c", "echo one; read x; echo two $x; kill -9 $$"]);

  expect(await running.line((line) => line === "one")).toBe("one");
  running.write("three\n");
  expect(await running.line((line) => line.startsWith("two"))).toBe("two three");
  expect(await running.line((line) => line === "one")).toBe("one");
  await expect(running.line((line) => line === "four")).rejects.toThrow(/SIGKILL/);
  expect(await running.finished).toMatchObject({ exitCode: null, signal: "SIGKILL" });
});

it("shows what a person at a terminal would see, and presses keys", async () => {
  const script = 'tput cols; printf "\\033[31mred\\033[0m\\rR\\n"; read x; echo "got $x"; exit 3';
  const session = startOnTerminal("/bin/bash", ["-c", script], { columns: 120 });

  expect(await session.shows((screen) => screen.includes("Red"))).toContain("120\nRed");
  session.press("yes\r");
  await session.shows((screen) => screen.includes("got yes"));
  expect(await session.finished).toEqual({ exitCode: 3, screen: "120\nRed\nyes\ngot yes" });
  await expect(session.shows((screen) => screen.includes("no"))).rejects.toThrow("ended without");
});
