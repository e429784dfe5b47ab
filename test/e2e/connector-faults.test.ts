import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { start } from "../support/run.ts";
import { Project, WHOLE } from "../orchestrator/project.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/orchestrator");

/** A project whose source is any command line. */
async function withSource(
  folder: string,
  command: readonly string[],
  { config = {}, connection = {} }: { config?: object; connection?: object } = {},
): Promise<Project> {
  const project = await Project.create(folder);
  await project.write({
    sources: {
      s: {
        command,
        config: { streams: [{ name: "users" }], script: WHOLE, ...config },
      },
    },
    destinations: {
      d: { command: ["node", join(FIXTURES, "destination.mjs")], config: { out: project.out } },
    },
    connections: {
      c: {
        source: "s",
        destination: "d",
        retry: { max_attempts: 3, first_delay_seconds: 0 },
        ...connection,
      },
    },
  });
  return project;
}

/** @guarantee ends-in-time */
describe("a connector that cannot be started", () => {
  const PROGRAMS: readonly (readonly [string, (folder: string) => readonly string[]])[] = [
    ["is not on PATH", () => ["no-such-connector"]],
    ["is no file", (folder) => [join(folder, "nothing")]],
    ["is a folder", (folder) => [folder]],
    [
      "may not be executed",
      (folder) => {
        writeFileSync(join(folder, "plain"), "#!/bin/sh\n", { mode: 0o600 });
        return [join(folder, "plain")];
      },
    ],
    [
      "has an interpreter that is missing",
      (folder) => {
        writeFileSync(join(folder, "script"), "#!/nowhere/at/all\n", { mode: 0o700 });
        return [join(folder, "script")];
      },
    ],
    [
      "is no program",
      (folder) => {
        writeFileSync(join(folder, "bytes"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1]), {
          mode: 0o700,
        });
        return [join(folder, "bytes")];
      },
    ],
  ];

  it.for(PROGRAMS)(
    "because it %s is a mistake in the configuration, not to be tried again",
    async ([, command], { folder }) => {
      const project = await withSource(folder, command(folder));

      const result = await project.run("sync");

      expect(result.exitCode).toBe(2);
      expect(result.stdout + result.stderr).toMatch(/source s/);
      expect(result.stdout + result.stderr).not.toMatch(/trying again/);
    },
  );

  it("because it never says a word is given up in time, and ended", async ({ folder }) => {
    const silent = join(folder, "silent.sh");
    const pids = join(folder, "pids");
    writeFileSync(silent, `#!/bin/sh\necho $$ >> ${pids}\nexec sleep 3000\n`, { mode: 0o700 });
    const project = await withSource(folder, [silent], {
      connection: { limits: { start_seconds: 3, stop_seconds: 1 }, retry: { max_attempts: 1 } },
    });

    const result = await project.run("sync");

    expect(result.exitCode).not.toBe(0);
    expect(result.stdout + result.stderr).toMatch(/source s.*3 s/);
    const started = readFileSync(pids, "utf8").trimEnd().split("\n").map(Number);
    for (const pid of started) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});

/** @guarantee no-secrets */
/** @guarantee nothing-left */
describe("what a connector is given", () => {
  it("is in no command line and no world-readable file, without our variables, and goes with it", async ({
    folder,
  }) => {
    const secret = "canary-of-a-password";
    // Shows its environment, then is the fake source, which waits.
    const wrapper = join(folder, "wrapper.sh");
    writeFileSync(
      wrapper,
      `#!/bin/sh\nif [ "$1" = read ]; then env > ${folder}/env; fi\nexec node ${FIXTURES}/source.mjs "$@"\n`,
    );
    chmodSync(wrapper, 0o700);
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    const project = await withSource(folder, [wrapper], {
      config: { key: secret, script: [{ log: "ready", level: "WARN" }, { wait: true }] },
      connection: { limits: { stop_seconds: 1 } },
    });
    const sync = start("syncline", ["sync"], {
      cwd: project.folder,
      env: { TMPDIR: temporary, AWS_SECRET_ACCESS_KEY: "theirs", PGPASSWORD: "theirs" },
    });
    sync.endInput();
    await sync.errorLine((line) => line.includes("ready"));

    const lines = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" });
    expect(lines).not.toContain(secret);
    const [privately] = readdirSync(temporary);
    expect(statSync(join(temporary, privately!)).mode & 0o777).toBe(0o700);
    const files = readdirSync(join(temporary, privately!)).map((name) =>
      join(temporary, privately!, name),
    );
    expect(files.some((file) => readFileSync(file, "utf8").includes(secret))).toBe(true);
    for (const file of files) expect(statSync(file).mode & 0o077).toBe(0);
    const environment = readFileSync(join(folder, "env"), "utf8");
    expect(environment).not.toMatch(/theirs/);
    expect(environment).toContain("SYNCLINE_CONNECTION_ID=c");

    // Killed, it cannot clean up; the next start does.
    sync.kill("SIGKILL");
    await sync.finished;
    expect(readdirSync(temporary)).toEqual([privately]);
    await withSource(folder, [wrapper]);
    const next = start("syncline", ["sync"], { cwd: folder, env: { TMPDIR: temporary } });
    next.endInput();
    expect((await next.finished).exitCode).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("a folder of ours that is not what we made", () => {
  it.for([
    ["state", "the folder of states"],
    ["state/c.json", "a state"],
    ["locks", "the folder of locks"],
  ] as const)("is refused: a link in the place of %s", async ([path], { folder }) => {
    const project = await withSource(folder, ["node", join(FIXTURES, "source.mjs")]);
    expect((await project.run("sync")).exitCode).toBe(0);
    const target = join(folder, ".syncline", path);
    const elsewhere = join(folder, "elsewhere");
    execFileSync("mv", [target, elsewhere]);
    symlinkSync(elsewhere, target);

    const result = await project.run("sync");

    expect(result.exitCode).not.toBe(0);
    expect(result.stdout + result.stderr).toMatch(/link|not a regular file/);
  });
});
