import { execa } from "execa";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { makeTemporaryFolder } from "../../orchestrator/store/temporary-folder.ts";
import { engineEnvironment, findEngine, importImage, makeBaseRoot } from "../support/containers.ts";
import { it } from "../support/fixtures.ts";

const ROOT = join(import.meta.dirname, "../..");
const BASE = "localhost/syncline-test-base:dev";
const IMAGE = "localhost/syncline-test-serve:dev";
const MINUTES = 60_000;
const NODE_UID = 1000;

const engine = await findEngine();
const run = (args: readonly string[]) =>
  execa("name" in engine ? engine.name : "", args, { env: engineEnvironment(), reject: false });

describe.skipIf("missing" in engine)("the image that the Containerfile makes", () => {
  beforeAll(async () => {
    if ("missing" in engine) return;
    const folder = makeTemporaryFolder("syncline-image-");
    await makeBaseRoot(join(folder, "root"));
    await importImage(engine.name, join(folder, "root"), BASE, [
      "ENV PATH=/bin:/usr/bin",
      "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
    ]);
    rmSync(folder, { recursive: true });
    const options = ["--network", "host", "--build-arg", `BASE=${BASE}`, "-t", IMAGE];
    // Podman would keep what is between.
    if (engine.name === "podman") options.push("--layers=false");
    const { failed, all } = await execa(
      engine.name,
      ["build", ...options, "-f", join(ROOT, "Containerfile"), ROOT],
      { env: engineEnvironment(), all: true, reject: false },
    );
    if (failed) throw new Error(all);
  }, 10 * MINUTES);

  afterAll(async () => {
    if ("missing" in engine) return;
    await run(["rmi", "--force", IMAGE, BASE]);
  }, 5 * MINUTES);

  it("has the three executables, and nobody's rights", { timeout: MINUTES }, async () => {
    const script =
      "id -u && syncline --version && source-postgres spec | cut -c1-14 && destination-postgres spec | cut -c1-14 && ls -a /opt/syncline";
    const { stdout, stderr, exitCode } = await run([
      "run",
      "--rm",
      "--network",
      "none",
      IMAGE,
      "sh",
      "-c",
      script,
    ]);

    expect([exitCode, stderr]).toEqual([0, ""]);
    const [uid, version, source, destination, ...files] = stdout.split("\n");
    expect([uid, version, source, destination]).toEqual([
      String(NODE_UID),
      "0.1.0",
      '{"type":"SPEC"',
      '{"type":"SPEC"',
    ]);
    expect(files).not.toContain(".env");
    expect(files).not.toContain("test");
  });
});
