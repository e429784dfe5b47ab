import { chmod, readdir } from "node:fs/promises";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { start, succeeded } from "../support/run.ts";

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
