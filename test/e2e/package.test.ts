import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createDatabase } from "../support/database.ts";
import { INSTALL_TIMEOUT_MS, packInto } from "../support/package.ts";
import { runExecutable, start, succeeded } from "../support/run.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];

describe("the package", () => {
  let folder: string;
  let tarball: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "syncline-package-"));
    tarball = await packInto(folder);
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it("holds what users need and nothing else", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout
      .trim()
      .split("\n")
      .map((name) => name.replace("package/", ""));

    const needed = [
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "orchestrator/bin.js",
      "connectors/source-postgres/bin.js",
      "connectors/destination-postgres/bin.js",
      "dist/protocol/index.d.ts",
      "dist/connectors/kit/index.d.ts",
    ];
    expect(needed.filter((name) => !files.includes(name))).toEqual([]);
    expect(
      files.filter((name) => /^(test|node_modules|\.)|\.(test|tsbuildinfo)/.test(name)),
    ).toEqual([]);
  });

  it(
    "works installed in an empty folder: commands, exports, types and a sync",
    async () => {
      const project = join(folder, "project");
      await run("npm", ["install", "--prefix", project, ...QUIET, tarball]);
      const bin = (name: string) => join(project, "node_modules/.bin", name);

      for (const name of ["source-postgres", "destination-postgres"]) {
        const spec = succeeded(await runExecutable(bin(name), ["spec"], { cwd: project }));
        expect(spec.messages()).toEqual([expect.objectContaining({ type: "SPEC" })]);
      }
      await expectSync(bin("syncline"), project);
      await expectPage(bin("syncline"), project);

      await writeFile(
        join(project, "consumer.mts"),
        `import { Failure, type Message } from "syncline/protocol";
         import { runSource, type Source } from "syncline/connector-kit";
         const message: Message = { type: "LOG", log: { level: "INFO", message: "hello" } };
         const source: Source<object> | undefined = undefined;
         if (typeof runSource !== "function" || source) throw new Failure("internal.bug", message.type);
         console.log("exports resolve");`,
      );
      const options = ["--module", "nodenext", "--target", "es2023", "--strict", "--types", "node"];
      const typeRoots = ["--typeRoots", join(ROOT, "node_modules/@types")];
      const tsc = join(ROOT, "node_modules/.bin/tsc");
      await run(tsc, [...options, ...typeRoots, "--ignoreConfig", "consumer.mts"], {
        cwd: project,
      });
      const { stdout } = await run(process.execPath, ["consumer.mjs"], { cwd: project });
      expect(stdout).toBe("exports resolve\n");
    },
    INSTALL_TIMEOUT_MS,
  );
});

/** Serves the page with the given `syncline`: what it is made of, and the files it loads. */
async function expectPage(syncline: string, cwd: string): Promise<void> {
  const serving = start(syncline, ["serve", "--listen", "127.0.0.1:0"], { cwd });
  try {
    const line = await serving.line((text) => text.includes("http://"));
    const [address] = /http:\/\/[^\s/]+/.exec(line)!;
    const page = await (await fetch(`${address}/`)).text();
    const files = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(page).toContain("1 connection, none failed at its last run.");
    expect(files).toHaveLength(4);
    for (const path of files) expect((await fetch(`${address}${path}`)).status).toBe(200);
  } finally {
    serving.kill("SIGTERM");
    await serving.finished;
  }
}

/** Copies a table with the given `syncline`, from a folder that knows nothing of this repository. */
async function expectSync(syncline: string, cwd: string): Promise<void> {
  const source = await createDatabase(inject("sourceUrl"));
  const destination = await createDatabase(inject("destinationUrl"));
  try {
    await source.database.exec(
      "create table t (id int primary key); insert into t values (1), (2)",
    );
    const config = {
      sources: { s: { connector: "source-postgres", config: source.database.config } },
      destinations: {
        d: { connector: "destination-postgres", config: destination.database.config },
      },
      connections: {
        c: { source: "s", destination: "d", streams: [{ name: "t", namespace: "public" }] },
      },
    };
    await writeFile(join(cwd, "syncline.yaml"), JSON.stringify(config));

    succeeded(await runExecutable(syncline, ["sync"], { cwd }));

    expect(await destination.database.rows("select id from t order by id")).toEqual([["1"], ["2"]]);
  } finally {
    await Promise.all([source.drop(), destination.drop()]);
  }
}
