import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { commandOf, runExecutable } from "../support/run.ts";
import { startOnTerminal } from "../support/terminal.ts";
import { Project } from "./project.ts";

const CONFIG = `sources:
  shop: { connector: source-postgres, config: { password: "\${NOWHERE_SET}" } }
  books: { command: [nothing] }
destinations:
  warehouse: { command: [nothing], config: { token: "\${command:[touch, ran]}" } }
connections:
  orders: { source: shop, destination: warehouse }
  other: { source: books, destination: warehouse, prefix: other_ }
`;

/** What is offered in the place of the last word. */
async function offered(folder: string, ...words: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runExecutable("syncline", ["__complete", ...words], {
    cwd: folder,
    env: { SYNCLINE_ALLOW_COMMANDS: "1" },
  });
  expect([exitCode, stderr]).toEqual([0, ""]);
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0]!);
}

describe("completion", () => {
  it("knows commands, options and names, and needs no secret for them", async ({ folder }) => {
    await writeFile(join(folder, "syncline.yaml"), CONFIG);
    await writeFile(join(folder, "other.yaml"), CONFIG.replaceAll("orders", "later"));
    const of = (...words: string[]) => offered(folder, ...words);

    expect(await of("s")).toEqual(["settings", "sync", "serve", "status", "state"]);
    expect(await of("state", "ex")).toEqual(["export"]);
    expect(await of("help", "sta")).toEqual(["status", "state"]);
    expect(await of("sync", "--pa")).toEqual(["--parallel"]);
    expect(await of("sync", "--quiet", "--js")).toEqual(["--json"]);
    expect(await of("sync", "")).toEqual(["orders", "other"]);
    expect(await of("sync", "orders", "o")).toEqual(["other"]);
    expect(await of("catalog", "orders", "")).toEqual([]);
    expect(await of("discover", "")).toEqual(["shop", "books"]);
    expect(await of("settings", "s")).toEqual(["shop", "source-postgres"]);
    expect(await of("add", "source", "")).toEqual([]);
    expect(await of("check", "w")).toEqual(["warehouse"]);
    expect(await of("copy", "--mode", "m")).toEqual(["merge"]);
    expect(await of("copy", "--mode=m")).toEqual(["--mode=merge"]);
    expect(await of("copy", "--mode", "=", "m")).toEqual(["merge"]);
    expect(await of("refresh", "--keep", "ord")).toEqual(["orders"]);
    expect(await of("--config", "other.yaml", "sync", "l")).toEqual(["later"]);
    expect(await of("sync", "--config=other.yaml", "l")).toEqual(["later"]);
    expect(await of("--config", "")).toEqual([":files"]);
    expect(await of("state", "import", "orders", "")).toEqual([":files"]);
    expect(readdirSync(folder).toSorted()).toEqual(["other.yaml", "syncline.yaml"]);
  });

  it("knows jobs and streams of the syncs there were", async ({ folder }) => {
    const project = await Project.create(folder);
    await project.sync();

    expect(await offered(folder, "logs", "")).toEqual(["1", "c"]);
    expect(await offered(folder, "refresh", "c", "--stream", "")).toEqual(["public.users"]);
    expect(await offered(folder, "refresh", "--stream", "public.u")).toEqual(["public.users"]);
  });

  it("says nothing where there is no configuration, or none that can be read", async ({
    folder,
  }) => {
    expect(await offered(folder, "sync", "")).toEqual([]);
    expect(await offered(folder, "logs", "")).toEqual([]);
    await writeFile(join(folder, "syncline.yaml"), "sources: [");
    expect(await offered(folder, "sync", "")).toEqual([]);
    expect(await offered(folder, "nope", "")).toEqual([]);
    expect(readdirSync(folder)).toEqual(["syncline.yaml"]);
  });

  it("names the shells it knows when asked for another", async ({ folder }) => {
    const { exitCode, stderr } = await runExecutable("syncline", ["completion", "tcsh"], {
      cwd: folder,
    });

    expect(exitCode).toBe(2);
    expect(stderr).toContain("no shell tcsh is known");
  });
});

/** How a shell is started bare, and told our script. */
const SHELLS = {
  bash: { args: ["--noprofile", "--norc", "-i"], load: 'eval "$(syncline completion bash)"' },
  zsh: { args: ["-f", "-i"], load: 'eval "$(syncline completion zsh)"' },
  fish: { args: ["--no-config", "-i"], load: "syncline completion fish | source" },
};

describe.for(Object.entries(SHELLS))("in %s", ([shell, { args, load }]) => {
  const path = spawnSync("sh", ["-c", `command -v ${shell}`], { encoding: "utf8" }).stdout.trim();

  it.skipIf(path === "")(
    "TAB completes, and runs nothing of what was typed",
    async ({ folder }) => {
      await writeFile(join(folder, "syncline.yaml"), CONFIG);
      const bin = join(folder, "bin");
      await mkdir(bin);
      await symlink(commandOf("syncline")[1]!, join(bin, "syncline"));
      const terminal = startOnTerminal(path, args, {
        cwd: folder,
        columns: 120,
        env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: folder, TERM: "xterm" },
      });
      const type = async (keys: string, shown: string) => {
        terminal.press(keys);
        await terminal.shows((screen) => screen.includes(shown));
      };

      await type(`${load}; echo rea''dy\r`, "\nready");
      await type("syncline che\t", "syncline check");
      await type("ware\t", "syncline check warehouse");
      await type("--js\t", "check warehouse --json");
      await type(`\x15syncline sync $(touch typed) ord\t`, "(touch typed) orders");
      await type("\x15syncline --config syncl\t", "--config syncline.yaml");

      terminal.kill("SIGKILL");
      await terminal.finished;
      expect(existsSync(join(folder, "typed"))).toBe(false);
      expect(existsSync(join(folder, "ran"))).toBe(false);
    },
  );
});
