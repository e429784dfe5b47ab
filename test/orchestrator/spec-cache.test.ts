import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";

/** A source whose settings are described in a file that its program imports, and that talks about them. */
const SOURCE = `
import { readFileSync } from "node:fs";
import { SPEC } from "./spec.mjs";
const say = (message) => console.log(JSON.stringify(message));
const at = process.argv.indexOf("--config");
if (process.argv[2] === "spec") say({ type: "SPEC", spec: { connectionSpecification: SPEC } });
else {
  const { dsn } = JSON.parse(readFileSync(process.argv[at + 1], "utf8"));
  say({ type: "LOG", log: { level: "INFO", message: "connecting to " + dsn } });
  say({ type: "CONNECTION_STATUS", connectionStatus: { status: "SUCCEEDED" } });
}
`;

const spec = (isSecret: boolean) =>
  `export const SPEC = { type: "object", properties: { dsn: { type: "string"${isSecret ? ", airbyte_secret: true" : ""} } } };`;

const CONFIG = `
sources:
  s: { command: [node, ./source.mjs], config: { dsn: "canary-4711" } }
destinations:
  d: { connector: destination-postgres, config: { host: 127.0.0.1, port: 1, database: warehouse-4711, username: u } }
connections:
  c: { source: s, destination: d }
`;

describe("what a connector says of its settings", () => {
  /** @guarantee no-secrets */
  it("counts as it is now, also when a file changed that only the program knows", async ({
    folder,
  }) => {
    await writeFile(join(folder, "source.mjs"), SOURCE);
    await writeFile(join(folder, "syncline.yaml"), CONFIG);
    const check = async (isSecret: boolean) => {
      await writeFile(join(folder, "spec.mjs"), spec(isSecret));
      return runExecutable("syncline", ["check", "s", "-v"], { cwd: folder });
    };

    expect((await check(false)).stderr).toContain("connecting to canary-4711");
    const { exitCode, stderr } = await check(true);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("connecting to ****") as string,
    });
  });

  it("is kept for those that come with the package, which are not asked twice", async ({
    folder,
  }) => {
    await writeFile(join(folder, "syncline.yaml"), CONFIG);
    const check = () => runExecutable("syncline", ["check", "d"], { cwd: folder });
    const cache = join(folder, ".syncline/cache");

    expect((await check()).stderr).toContain("warehouse-4711");
    const kept = await readdir(cache);
    // Were it asked again, it would not say that this is a secret.
    const secret = { type: "string", airbyte_secret: true };
    const other = { connectionSpecification: { properties: { database: secret } } };
    await writeFile(join(cache, kept[0]!), JSON.stringify(other));
    const { stderr } = await check();

    expect(kept).toHaveLength(1);
    expect(stderr).toContain("nothing accepts connections there");
    expect(stderr).not.toContain("warehouse-4711");
    expect(await readdir(cache)).toEqual(kept);
  });
});
