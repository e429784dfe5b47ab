import { chmod, readdir } from "node:fs/promises";
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
    ["-c", '"$0" "$@" | head -n 3', process.execPath, "orchestrator/bin.js", "demo"],
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
