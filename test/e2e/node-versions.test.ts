import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { commandOf, runExecutable, succeeded } from "../support/run.ts";

const run = promisify(execFile);

/** The versions we promise, but for the one that runs the tests anyway. */
const OTHER_VERSIONS = ["20", "22", "24"].filter(
  (version) => version !== process.versions.node.split(".")[0],
);

/** A version is a download of about 50 MB. */
const TIMEOUT_MS = 300_000;

for (const version of OTHER_VERSIONS) {
  it(
    `copies a table on Node ${version}`,
    { timeout: TIMEOUT_MS },
    async ({ source, destination, folder }) => {
      // npm's package `node` is the interpreter itself.
      const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
      await run("npm", ["install", "--prefix", join(folder, "node"), ...quiet, `node@${version}`]);
      const bin = join(folder, "node/node_modules/node/bin");
      const node = join(bin, "node");
      expect((await run(node, ["--version"])).stdout).toMatch(new RegExp(`^v${version}\\.`));
      await source.exec(`
      create table t (id int primary key, at timestamptz, j jsonb);
      insert into t select n, now(), '{"a": [1, null]}' from generate_series(1, 20000) n;
    `);
      const project = await Project.create(folder, {
        source,
        destination,
        connections: { c: { streams: [{ name: "t", namespace: "public" }] } },
      });

      const [, script] = commandOf("syncline");
      succeeded(
        await runExecutable(node, [script!, "sync", "c"], {
          cwd: project.folder,
          env: { PATH: `${bin}:${process.env["PATH"]}` },
        }),
      );

      const digest =
        "select count(*), md5(string_agg(t.id || t.at::text || t.j::text, ',' order by t.id)) from t";
      expect(await destination.rows(digest)).toEqual(await source.rows(digest));
    },
  );
}
