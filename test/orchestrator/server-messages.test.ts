import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const SETUP = `
  create table t (id int, v text); insert into t values (1, 'canary-4711');
  create view casts as select id, v::regproc::text as v from t;
`;

const GUARD = `
  create function guard() returns trigger language plpgsql as $$
    begin raise exception 'not %', new.v using errcode = '55000'; end $$;
  create trigger guard before insert on prefixed_t for each row execute function guard();
`;

const stream = (name: string) => ({
  name,
  namespace: "public",
  sync_mode: "full_refresh",
  destination_sync_mode: "append",
});

/** Everything under `.syncline`, in one text. */
async function kept(folder: string): Promise<string> {
  const home = join(folder, ".syncline");
  const files = await readdir(home, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), "utf8"));
  return (await Promise.all(texts)).join("\n");
}

/** @guarantee no-row-values */
describe("a database's own words", () => {
  it("are in no output, log or job record while they may quote rows, unless they are asked for by name", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(SETUP);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: {
        reads: { streams: [stream("casts")] },
        writes: { streams: [stream("t")], prefix: "prefixed_" },
      },
    });
    await project.syncline(["sync", "writes"]);
    await destination.exec(GUARD);

    const said = await project.syncline(["sync", "-v"]);
    const output = said.stdout + said.stderr + (await kept(folder));

    expect(said.exitCode).toBe(2);
    expect(output).not.toContain("canary-4711");
    expect(output).toContain("a function it needs does not exist");
    expect(output).toContain("SQLSTATE 55000");
    expect(output).toContain("--show-server-messages");

    const asked = await project.syncline(["sync", "--show-server-messages"]);

    expect(asked.stderr).toContain('function "canary-4711" does not exist');
    expect(asked.stderr).toContain("not canary-4711");
  });
});
