/** @guarantee bounded-memory */
import { expect } from "vitest";
import type { ConfiguredStream } from "../../../protocol/catalog.ts";
import { it } from "../../support/fixtures.ts";
import { commandOf, runExecutable } from "../../support/run.ts";
import { SourceDriver } from "./drive.ts";

const MB = 1024 * 1024;

/** Has a Node process print the most memory it ever held, in KiB, as the last line of its stderr. */
const TELL_MEMORY = `--import "data:text/javascript,process.on('exit',()=>console.error(process.resourceUsage().maxRSS))"`;

/** Lines that are no RECORD: STARTED, RUNNING, STATE, COMPLETE, and the LOG that counts records. */
const OTHER_LINES = 5;

/** Reads a stream whose lines nobody keeps. */
async function measure(driver: SourceDriver, streams: readonly ConfiguredStream[]) {
  const args = await driver.readArguments(streams);
  const script = `"$0" "$@" | wc -lc; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await runExecutable(
    "bash",
    ["--norc", "-c", script, ...commandOf("source-postgres"), ...args],
    { env: { NODE_OPTIONS: TELL_MEMORY } },
  );
  const [lines, bytes, status] = stdout.trim().split(/\s+/).map(Number);
  const kibibytes = Number(stderr.trim().split("\n").at(-1));
  return { records: lines! - OTHER_LINES, bytes, status, memory: kibibytes * 1024 };
}

it("reads a row of 100 MB in memory for that row", async ({ source, folder }) => {
  // Stored as it is: compressing and decompressing it would be most of the time.
  await source.exec(`create table big (t text) with (autovacuum_enabled = false); alter table big alter t set storage external;
    insert into big select repeat('x', 100000000)`);
  const driver = new SourceDriver(source, folder);

  const read = await measure(driver, await driver.configure(["big"]));

  expect(read).toMatchObject({ records: 1, status: 0 });
  expect(read.bytes).toBeGreaterThan(100_000_000);
  // As it came, and as JSON; escaped, the bytes could be more.
  expect(read.memory).toBeLessThan(400 * MB);
});

it("reads rows of jsonb of 10 MB in memory for a few of them", async ({ source, folder }) => {
  await source.exec(`create table big (id int, j jsonb) with (autovacuum_enabled = false); alter table big alter j set storage external;
    insert into big select i, jsonb_build_object('text', repeat('ä"', 3333333)) from generate_series(1, 10) i`);
  const driver = new SourceDriver(source, folder);

  const read = await measure(driver, await driver.configure(["big"]));

  expect(read).toMatchObject({ records: 10, status: 0 });
  expect(read.bytes).toBeGreaterThan(10 * 13_333_332);
  expect(read.memory).toBeLessThan(350 * MB);
});

it("reads a million narrow rows in memory for none of them", async ({ source, folder }) => {
  await source.exec(
    "create table narrow with (autovacuum_enabled = false) as select i from generate_series(1, 1000000) i",
  );
  const driver = new SourceDriver(source, folder);

  const read = await measure(driver, await driver.configure(["narrow"]));

  expect(read).toMatchObject({ records: 1_000_000, status: 0 });
  expect(read.memory).toBeLessThan(150 * MB);
});
