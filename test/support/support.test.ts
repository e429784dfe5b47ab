import { stat } from "node:fs/promises";
import { expect } from "vitest";
import { it } from "./fixtures.ts";
import { runExecutable, start } from "./run.ts";

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
