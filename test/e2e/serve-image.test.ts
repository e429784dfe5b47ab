import { execa } from "execa";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { makeTemporaryFolder } from "../../orchestrator/store/temporary-folder.ts";
import { engineEnvironment, findEngine, importImage, makeBaseRoot } from "../support/containers.ts";
import { it } from "../support/fixtures.ts";
import { CollectedOutput } from "../support/output.ts";

const ROOT = join(import.meta.dirname, "../..");
const BASE = "localhost/syncline-test-base:dev";
const IMAGE = "localhost/syncline-test-serve:dev";
const MINUTES = 60_000;
const NODE_UID = 1000;
const TOKEN = "of-sixteen-characters-or-more";

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

  it(
    "serves a project behind a token, and stops in order when it is told to",
    { timeout: 5 * MINUTES },
    async ({ source, destination, folder }) => {
      if ("missing" in engine) return;
      await source.exec("create table orders as select i from generate_series(1, 7) i");
      const project = join(folder, "project");
      await mkdir(project);
      const config = {
        sources: { shop: { connector: "source-postgres", config: source.config } },
        destinations: {
          warehouse: { connector: "destination-postgres", config: destination.config },
        },
        connections: {
          c: {
            source: "shop",
            destination: "warehouse",
            streams: [{ name: "orders" }],
            every: "1d",
          },
        },
      };
      await writeFile(join(project, "syncline.yaml"), JSON.stringify(config));
      await chmod(folder, 0o755);
      for (const path of [project, join(project, "syncline.yaml")])
        await chown(path, NODE_UID, NODE_UID);
      const port = await freePort();
      const name = `syncline-test-${port}`;
      const options = `--rm --network host --name ${name} -v ${project}:/project -e SYNCLINE_SERVE_TOKEN`;
      const command = `syncline serve --listen 0.0.0.0:${port}`;
      const server = execa(
        engine.name,
        ["run", ...options.split(" "), IMAGE, ...command.split(" ")],
        { env: { ...engineEnvironment(), SYNCLINE_SERVE_TOKEN: TOKEN }, reject: false, all: true },
      );
      const lines = new CollectedOutput(server.stdout);
      const url = `http://127.0.0.1:${port}`;
      const ended = server.then(({ all }) => {
        throw new Error(`the container ended: ${all}`);
      });

      await Promise.race([lines.line((line) => line.includes("7 rows committed")), ended]);
      const healthy = await fetch(`${url}/healthz`);
      const refused = await fetch(`${url}/api/v1/connections`);
      const allowed = await fetch(`${url}/api/v1/connections`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      ended.catch(() => {}); // as it is to
      await run(["stop", "--time", "60", name]);
      const { exitCode, all } = await server;

      expect([healthy.status, refused.status, allowed.status]).toEqual([200, 401, 200]);
      expect(exitCode, all).toBe(0);
      expect(await destination.rows("select count(*) from orders")).toEqual([["7"]]);
      expect(all).not.toContain(TOKEN);
    },
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
