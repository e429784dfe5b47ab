import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";
import { errorsOf, messagesOf } from "./protocol-output.ts";

/** What a source and a destination have in common. */
export interface ConnectorUnderTest {
  readonly executable: string;
  /** A config that works. */
  readonly config: JsonObject;
}

/** The part of the contract that is the same for sources and destinations. */
export function describeAnyConnector(name: string, connector: () => ConnectorUnderTest): void {
  describe(`${name} as a connector`, () => {
    it("prints one specification, without config or network", async () => {
      const { executable } = connector();
      const result = await runExecutable(executable, ["spec"]);

      expect(result.exitCode).toBe(0);
      const messages = messagesOf(result).filter(({ type }) => type !== "LOG");
      expect(messages.map(({ type }) => type)).toEqual(["SPEC"]);
      expect(result.stderr).toBe("");
    });

    it("marks every setting that looks like a secret as one", async () => {
      const { executable } = connector();
      const [message] = messagesOf(await runExecutable(executable, ["spec"]));
      if (message?.type !== "SPEC") throw new Error("no SPEC");

      const unmarked = secretLooking(message.spec.connectionSpecification);

      expect(unmarked).toEqual([]);
    });

    it("reports a config that works", async ({ folder }) => {
      const { executable, config } = connector();
      const result = await check(executable, folder, config);

      expect(statusOf(result)).toEqual({ status: "SUCCEEDED" });
      expect(result.exitCode).toBe(0);
    });

    it("reports a config that cannot work, naming what to change, with status 0", async ({
      folder,
    }) => {
      const { executable, config } = connector();
      const first = Object.keys(config)[0]!;
      const misspelt = `${first}x`;
      const { [first]: value, ...rest } = config;

      const result = await check(executable, folder, { ...rest, [misspelt]: value! });

      const { status, message } = statusOf(result);
      expect(status).toBe("FAILED");
      expect(message).toContain(misspelt);
      expect(message).toContain(first);
      expect(result.exitCode).toBe(0);
    });

    it("never shows the content of a config it cannot read", async ({ folder }) => {
      const { executable } = connector();
      for (const content of [
        '{"password": "hunter2canary",}',
        "hunter2canary",
        '["hunter2canary"]',
      ]) {
        const result = await check(executable, folder, content);

        expect(statusOf(result).status).toBe("FAILED");
        expect(result.stdout + result.stderr).not.toContain("hunter2");
      }
    });

    it("answers wrong use with status 2 and words on stderr only", async ({ folder }) => {
      const { executable } = connector();
      for (const args of [
        [],
        ["sing"],
        ["check"],
        ["check", "--config"],
        ["check", "--config", join(folder, "x"), "--password", "canary"],
        ["spec", "--verbose"],
        ["spec", "extra"],
      ]) {
        const result = await runExecutable(executable, args);

        expect(result.exitCode, args.join(" ")).toBe(2);
        if (args.length > 0) expect(result.stdout, args.join(" ")).toBe("");
        expect(result.stderr.length + result.stdout.length).toBeGreaterThan(0);
      }
    });

    it("explains itself on request", async () => {
      const { executable } = connector();
      const help = await runExecutable(executable, ["--help"]);
      const version = await runExecutable(executable, ["--version"]);

      expect(help.exitCode).toBe(0);
      expect(help.stdout).toContain("check --config");
      expect(version.exitCode).toBe(0);
      expect(version.stdout).toMatch(/^\d+\.\d+\.\d+/);
    });

    it("reports files that are missing, as a matter of configuration", async ({ folder }) => {
      const { executable } = connector();
      const missing = join(folder, "missing.json");
      const command = (await commandsOf(executable)).find((word) =>
        /^(discover|write)$/.test(word),
      )!;

      const result = await runExecutable(executable, [
        command,
        "--config",
        missing,
        ...(command === "write" ? ["--catalog", missing] : []),
      ]);

      expect(result.exitCode).toBe(1);
      const errors = errorsOf(messagesOf(result));
      expect(errors.map(({ kind }) => kind)).toEqual(["config_error"]);
      expect(errors[0]!.message).toContain(missing);
      expect(errors[0]!.message).toContain("--config");
    });
  });
}

async function check(executable: string, folder: string, config: unknown) {
  const path = join(folder, "config.json");
  await writeFile(path, typeof config === "string" ? config : JSON.stringify(config));
  return runExecutable(executable, ["check", "--config", path]);
}

function statusOf(result: Awaited<ReturnType<typeof check>>): {
  status: string;
  message?: string;
} {
  const statuses = messagesOf(result).filter((message) => message.type === "CONNECTION_STATUS");
  expect(statuses, result.stdout).toHaveLength(1);
  return statuses[0]!.connectionStatus;
}

async function commandsOf(executable: string): Promise<string[]> {
  const { stdout } = await runExecutable(executable, ["--help"]);
  return [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]!);
}

/** Paths of string settings whose name says secret and whose schema does not. */
function secretLooking(schema: Json | undefined, path = ""): string[] {
  if (schema === null || typeof schema !== "object" || Array.isArray(schema)) return [];
  const branches = [schema["oneOf"], schema["anyOf"]]
    .filter((value) => Array.isArray(value))
    .flat();
  const nested = branches.flatMap((branch) => secretLooking(branch, path));
  for (const [name, property] of Object.entries((schema["properties"] ?? {}) as JsonObject)) {
    const { type, airbyte_secret: isSecret } = property as JsonObject;
    // The key of a host is the public one, by which it is known.
    const looksSecret = /password|secret|token|api_key|(?<!host)_key$|certificate/.test(name);
    if (type === "string" && looksSecret && isSecret !== true) nested.push(`${path}.${name}`);
    nested.push(...secretLooking(property, `${path}.${name}`));
  }
  return nested;
}
