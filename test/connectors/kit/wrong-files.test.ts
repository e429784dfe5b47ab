import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";

const stream = {
  name: "a",
  json_schema: { type: "object" },
  supported_sync_modes: ["full_refresh"],
};
const streamState = { stream_descriptor: { name: "a" }, stream_state: {} };
const message = (type: string, value: object) => `${JSON.stringify({ type, ...value })}\n`;
const LOG = message("LOG", { log: { level: "INFO", message: "x" } });

/** Files as people have them beside each other; nothing listens where the config says. */
const FILES = {
  config: JSON.stringify({ host: "127.0.0.1", port: 1, database: "d", username: "canary" }),
  catalog: JSON.stringify({
    streams: [{ stream, sync_mode: "full_refresh", destination_sync_mode: "append" }],
  }),
  discovered: LOG + message("CATALOG", { catalog: { streams: [stream] } }),
  bare: JSON.stringify({ streams: [stream] }),
  state: JSON.stringify([{ type: "STREAM", stream: streamState }]),
  states: message("STATE", { state: { type: "STREAM", stream: streamState } }).repeat(2),
  spec: message("SPEC", { spec: {} }),
  yaml: "# the shop\nhost: canary\n",
  comment: "// canary\n{}",
  empty: "",
  nothing: "{}",
};
type File = keyof typeof FILES;

const CONFIGURE = "is what discover prints, and not configured: each stream is to be";

/** Options that get another file than they are to have → what is said. */
const WRONG: readonly [{ config?: File; catalog?: File; state?: File }, string][] = [
  [{ catalog: "discovered" }, CONFIGURE],
  [{ catalog: "bare" }, CONFIGURE],
  [{ catalog: "config" }, "is a config, which belongs to --config"],
  [{ catalog: "state" }, "is a state, which belongs to --state"],
  [{ catalog: "states" }, "is a state, which belongs to --state"],
  [{ catalog: "spec" }, "is a spec"],
  [{ catalog: "empty" }, "is empty"],
  [{ config: "catalog" }, "is a configured catalog, which belongs to --catalog"],
  [{ config: "discovered" }, "is a discovered catalog"],
  [{ config: "state" }, "is a state, which belongs to --state"],
  [{ config: "states" }, "is a state, which belongs to --state"],
  [{ config: "yaml" }, "it is YAML, and is to be JSON"],
  [{ config: "comment" }, "JSON has no comments"],
  [{ state: "config" }, "is a config, which belongs to --config"],
  [{ state: "catalog" }, "is a configured catalog, which belongs to --catalog"],
  [{ state: "bare" }, "is a discovered catalog"],
  [{ state: "discovered" }, "it holds no STATE"],
];

describe("a file that belongs to another option", () => {
  it.for(WRONG)("%j is called what it is", async ([wrong, said], { folder }) => {
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
    const given = { config: "config", catalog: "catalog", ...wrong };
    const options = Object.entries(given).flatMap(([name, file]) => [`--${name}`, file]);
    const run = await runExecutable("source-postgres", ["read", ...options], { cwd: folder });

    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(said);
    expect(run.stderr).not.toContain("canary");
  });

  it("is told to the user of a destination as well", async ({ folder }) => {
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
    const options = ["--config", "config", "--catalog", "bare"];
    const run = await runExecutable("destination-postgres", ["write", ...options], {
      cwd: folder,
    });

    expect(run.stderr).toContain(CONFIGURE);
  });

  it("and a state that holds nothing is a warning that everything is read", async ({ folder }) => {
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
    const options = ["--config", "config", "--catalog", "catalog", "--state", "nothing"];
    const run = await runExecutable("source-postgres", ["read", ...options], { cwd: folder });

    expect(run.stdout).toContain("holds no state: every stream is read from its beginning");
  });
});

describe("a name that is none of a file", () => {
  it.for([
    ["", "was given nothing"],
    ["-", "/dev/stdin reads a pipe"],
    ['{"password":"canary"}', "was given JSON itself"],
  ] as const)("%j is not looked for, and not shown", async ([name, said]) => {
    const run = await runExecutable("source-postgres", ["discover", "--config", name]);

    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(said);
    expect(run.stdout + run.stderr).not.toContain("canary");
  });
});

describe("a command of the other kind of connector", () => {
  it.for([
    ["source-postgres", ["write"], "write is a command of destinations"],
    ["destination-postgres", ["discover"], "discover is a command of sources"],
    ["source-postgres", ["--config", "x", "check"], "options follow the command"],
  ] as const)("%s %j is called so", async ([name, args, said]) => {
    const run = await runExecutable(name, args);

    expect([run.exitCode, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toContain(said);
  });
});
