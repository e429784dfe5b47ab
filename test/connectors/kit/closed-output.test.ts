import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";

const SOURCE = join(import.meta.dirname, "../../../connectors/source-postgres/bin.js");

it("a reader of --help that went away ends it without a stack", async () => {
  const source = spawn(process.execPath, [SOURCE, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  source.stdout.destroy();

  const [stderr, [code]] = await Promise.all([text(source.stderr), once(source, "exit")]);

  expect(stderr).toBe("");
  expect(code).toBe(141);
});

it.for(["--help", "spec"])("%s on a full disk says so and ends with 1", async (word) => {
  const full = await open("/dev/full", "w");
  const source = spawn(process.execPath, [SOURCE, word], { stdio: ["ignore", full.fd, "pipe"] });
  await full.close();

  const [stderr, [code]] = await Promise.all([text(source.stderr!), once(source, "exit")]);

  expect(stderr).toMatch(/^source-postgres: the output cannot be written: ENOSPC.*\n$/);
  expect(code).toBe(1);
});

it("a reader of stderr that went away costs the streams nothing that can be read", async ({
  source: database,
  folder,
}) => {
  await database.query("create table there as select 1 as id");
  const stream = (name: string) => ({
    stream: {
      name,
      namespace: "public",
      json_schema: { type: "object", properties: { id: { type: "integer" } } },
      supported_sync_modes: ["full_refresh"],
    },
    sync_mode: "full_refresh",
    destination_sync_mode: "overwrite",
  });
  const [config, catalog] = [join(folder, "config.json"), join(folder, "catalog.json")];
  await writeFile(config, JSON.stringify(database.config));
  await writeFile(catalog, JSON.stringify({ streams: [stream("missing"), stream("there")] }));
  const args = [SOURCE, "read", "--config", config, "--catalog", catalog];
  const source = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  source.stderr.destroy();

  const [stdout, [code]] = await Promise.all([text(source.stdout), once(source, "exit")]);

  expect(code).toBe(1);
  expect(stdout).toContain('{"id":1}');
  expect(stdout).not.toContain("internal.bug");
});
