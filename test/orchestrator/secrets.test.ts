import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { runExecutable, succeeded } from "../support/run.ts";

const SECRET = "s3cr3tDsn36";

/**
 * A connector that does as a connector does, until there is a file `failing` in its folder: then every
 * command but `spec` quotes the secret of its settings in all that it may say, and fails.
 */
const CONNECTOR = `
import { existsSync, readFileSync } from "node:fs";
const say = (message) => console.log(JSON.stringify(message));
const [command, , config] = process.argv.slice(2);
const stream = {
  name: "t", json_schema: { type: "object", properties: { id: {} } }, supported_sync_modes: ["full_refresh"],
};
const status = (status) => ({ stream_descriptor: { name: "t" }, status });
const trace = (more) => say({ type: "TRACE", trace: { emitted_at: 1, ...more } });
if (command === "spec") {
  const dsn = { type: "string", airbyte_secret: true };
  const can = Object.fromEntries(["adopt", "move", "normalize", "state"].map((name) => ["supports_" + name + "_command", true]));
  say({ type: "SPEC", spec: { connectionSpecification: { type: "object", properties: { dsn } }, ...can } });
} else if (existsSync(new URL("failing", import.meta.url))) {
  const { dsn } = JSON.parse(readFileSync(config, "utf8"));
  const text = "cannot reach " + dsn + " at " + encodeURIComponent(dsn);
  console.error(text);
  say({ type: "LOG", log: { level: "ERROR", message: text } });
  say({ type: "CONNECTION_STATUS", connectionStatus: { status: "FAILED", message: text } });
  trace({ type: "ERROR", error: { message: text, internal_message: text, stack_trace: text } });
  process.exitCode = 1;
} else if (command === "check") say({ type: "CONNECTION_STATUS", connectionStatus: { status: "SUCCEEDED" } });
else if (command === "discover") say({ type: "CATALOG", catalog: { streams: [stream] } });
else if (command === "read") {
  say({ type: "STATE", state: { type: "STREAM", stream: { stream_descriptor: { name: "t" }, stream_state: { at: 1 } } } });
  trace({ type: "STREAM_STATUS", stream_status: status("COMPLETE") });
} else if (command === "write")
  for (const line of readFileSync(0, "utf8").split("\\n")) if (line.includes('"STATE"')) console.log(line);
`;

/** Each command that asks a connector something, and those that show what became of it. */
const COMMANDS: readonly (readonly [args: readonly string[], quotes: boolean])[] = [
  [["check"], true],
  [["discover"], true],
  [["plan"], true],
  [["sync", "c"], true],
  [["refresh", "c", "--remove", "--yes"], true],
  [["clear", "c", "--yes"], true],
  [["normalize", "c"], true],
  [["adopt", "c"], true],
  [["state", "move", "former", "c"], true],
  [["status"], true],
  [["jobs"], false],
  [["logs"], true],
  [["logs", "--events"], true],
  [["state", "show"], false],
];

describe("the secret of a connector that quotes it when it fails", () => {
  /** @guarantee no-secrets */
  it(
    "is masked by every command, however it shows the failure",
    { timeout: 120_000 },
    async ({ folder }) => {
      const command = ["node", "./connector.mjs"];
      const side = { command, config: { dsn: SECRET } };
      const config = {
        sources: { a: side },
        destinations: { b: side },
        connections: { c: { source: "a", destination: "b", retry: { max_attempts: 1 } } },
      };
      writeFileSync(join(folder, "syncline.yaml"), JSON.stringify(config));
      writeFileSync(join(folder, "connector.mjs"), CONNECTOR);
      const run = (args: readonly string[]) => runExecutable("syncline", args, { cwd: folder });
      succeeded(await run(["sync"])); // so that there is a catalog for what asks no source
      writeFileSync(join(folder, "failing"), "");

      const found: Record<string, string> = {};
      for (const way of [[], ["-v", "--json"]])
        for (const [args, quotes] of COMMANDS) {
          const { stdout, stderr } = await run([...args, ...way]);
          const text = stdout + stderr;
          const line = [...args, ...way].join(" ");
          if (text.includes(SECRET)) found[line] = "shows it";
          else if (quotes && !text.includes("cannot reach **"))
            found[line] = `masks nothing: ${text}`;
        }

      expect(found).toEqual({});
    },
  );
});

it("is no reason to change the names of streams that hold it", async ({ folder }) => {
  const source = { command: ["node", "./connector.mjs"], config: { dsn: "order" } };
  const config = { sources: { a: source }, destinations: {}, connections: {} };
  writeFileSync(join(folder, "syncline.yaml"), JSON.stringify(config));
  writeFileSync(join(folder, "connector.mjs"), CONNECTOR.replaceAll('name: "t"', 'name: "orders"'));

  const { stdout } = await runExecutable("syncline", ["discover", "a", "--json"], { cwd: folder });

  expect(JSON.parse(stdout)).toMatchObject({ catalog: { streams: [{ name: "orders" }] } });
});
