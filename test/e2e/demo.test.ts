import { chmod, readdir } from "node:fs/promises";
import { Client } from "pg";
import { expect, vi } from "vitest";
import { it } from "../support/fixtures.ts";
import { runExecutable, start, succeeded } from "../support/run.ts";

/** A temporary folder that the server's account may enter when the tests run as root. */
async function temporaryFolder(folder: string): Promise<{ env: { TMPDIR: string } }> {
  await chmod(folder, 0o711);
  return { env: { TMPDIR: folder } };
}

it(
  "tells the tutorials in plain text, and leaves nothing behind",
  { timeout: 120_000 },
  async ({ folder }) => {
    const demo = start("syncline", ["demo"], await temporaryFolder(folder));

    const { stdout } = succeeded(await demo.finished);

    expect(stdout).not.toContain("\u001b");
    expect(stdout).toMatch(/ 1 \| Mary X/);
    expect(stdout).toMatch(/_airbyte_raw_append_full_refresh_demo\n.*\n.*append_full_refresh_demo/);
    expect(stdout).toMatch(/\{"id": 1, "name": "Mary X"\}/);
    const append = stdout
      .slice(stdout.lastIndexOf("from append_full_refresh_demo"))
      .split("(5 rows)")[0]!;
    expect(append.match(/John D/g)).toHaveLength(2);
    const after = (text: string) => stdout.slice(stdout.lastIndexOf(text));
    const deleted = "delete from full_refresh_demo";
    expect(after(deleted).split("(2 rows)")[0]).not.toContain("Jane Y");
    const unseen = after("delete from table_two").split("(3 rows)")[0]!;
    expect(unseen).toMatch(/table_two +complete +0 +0 /);
    expect(unseen).toContain("Eg3 DD+Hst");
    expect(stdout).toMatch(/create trigger set_timestamp_on_table_two before update/);
    expect(after("Nothing changed")).toMatch(/table_one +complete +0 +0 /);
    expect(after("$ syncline state show")).toMatch(/public\.table_two .*after updated_at = /);
    expect(after("$ syncline logs")).toMatch(/copy "public"."table_one" /);
    expect(await readdir(folder)).toEqual([]);
  },
);

it("stops at Ctrl-C with its servers, and leaves nothing behind", async ({ folder }) => {
  const demo = start("syncline", ["demo"], await temporaryFolder(folder));
  await demo.line((line) => line.includes("$ syncline sync"));

  demo.kill("SIGINT");

  expect(await demo.finished).toMatchObject({ exitCode: 130, stderr: "" });
  expect(await readdir(folder)).toEqual([]);
});

it("stops when nobody reads it any more", async ({ folder }) => {
  const { env } = await temporaryFolder(folder);
  const demo = start(
    "bash",
    ["--norc", "-c", '"$0" "$@" | head -n 3', process.execPath, "orchestrator/bin.js", "demo"],
    { env },
  );

  const { stdout, stderr } = await demo.finished;

  expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
  expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
  expect(await readdir(folder)).toEqual([]);
});

it(
  "keeps the servers until they are told to end, and then nothing is left",
  { timeout: 120_000 },
  async ({ folder }) => {
    const options = await temporaryFolder(folder);
    const { stdout } = succeeded(await start("syncline", ["demo", "--keep"], options).finished);

    const [, pids = ""] = /^  kill -INT (.+)$/m.exec(stdout) ?? [];
    try {
      const [, ...urls] = /^  syncline copy (\S+) (\S+) --stream visits$/m.exec(stdout) ?? [];
      const copied = await runExecutable("syncline", ["copy", ...urls, "--stream", "visits"], {
        cwd: folder,
        ...options,
      });
      expect(succeeded(copied).stdout).toMatch(/public\.visits +complete +2 +2 /);
    } finally {
      for (const pid of pids.split(" ")) process.kill(Number(pid), "SIGINT");
    }
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual([".syncline"]), 20_000);
  },
);

it(
  "serves the tutorials' connections until Ctrl-C: a first sync, a changed row, and Sync now",
  { timeout: 120_000 },
  async ({ folder }) => {
    const demo = start("syncline", ["demo", "--serve"], await temporaryFolder(folder));
    const page = (await demo.line((line) => /^ {2}http:\/\/127/.test(line))).trim();
    const [, source, change] = /psql (\S+) -c "(.*)"/.exec(
      await demo.line((line) => line.includes("update full_refresh_demo")),
    )!;
    const [, destination, look] = /psql (\S+) -c "(.*)"/.exec(
      await demo.line((line) => line.includes("from overwrite_full_refresh_demo")),
    )!;
    for (const name of ["overwrite", "append"])
      await demo.line((line) => line.includes(`full-refresh-${name}: job`));
    for (const name of ["append", "deduped"])
      await demo.line((line) => line.includes(`incremental-${name}: job`));

    const text = await (await fetch(page)).text();
    const first = await ask(destination!, look!);
    await ask(source!, change!);
    const answer = await fetch(`${page}/api/v1/connections/full-refresh-overwrite/sync`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    await demo.line((line) => line.includes("full-refresh-overwrite: job 5"));
    const second = await ask(destination!, look!);
    demo.kill("SIGINT");

    expect(text).toContain("incremental-deduped");
    expect(answer.status).toBeLessThan(300);
    expect(names(first)).toEqual(["John D", "Mary X"]);
    expect(names(second)).toEqual(["John D", "Mary Z"]);
    expect(await demo.finished).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readdir(folder)).toEqual([]);
  },
);

it("serves no page of servers that are to be kept", async ({ folder }) => {
  const { exitCode, stderr } = await runExecutable("syncline", ["demo", "--serve", "--keep"], {
    cwd: folder,
  });

  expect(exitCode).toBe(2);
  expect(stderr).toContain("--keep and --serve exclude each other");
});

async function ask(url: string, sql: string): Promise<{ name: string }[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<{ name: string }>(sql)).rows;
  } finally {
    await client.end();
  }
}

const names = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => name).sort();
