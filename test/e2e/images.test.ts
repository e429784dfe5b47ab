import { execa } from "execa";
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import {
  engineEnvironment,
  findEngine,
  importImage,
  makeConnectorsRoot,
} from "../support/containers.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";
import { makeTemporaryFolder } from "../../orchestrator/store/temporary-folder.ts";

const engine = await findEngine();
const image = (name: string) => `localhost/syncline-test-${name}:dev`;

describe.skipIf("missing" in engine)("our connectors as images", () => {
  beforeAll(async () => {
    if ("missing" in engine) return;
    const folder = makeTemporaryFolder("syncline-image-");
    const root = join(folder, "root");
    await makeConnectorsRoot(root);
    for (const name of ["source-postgres", "destination-postgres"])
      await importImage(engine.name, root, image(name), [
        `ENTRYPOINT ["/bin/node","/app/connectors/${name}/bin.js"]`,
        "USER 1000",
      ]);
    rmSync(folder, { recursive: true });
  }, 300_000);

  afterAll(async () => {
    if ("missing" in engine) return;
    const images = ["source-postgres", "destination-postgres"].map(image);
    await execa(engine.name, ["rmi", "--force", ...images], { reject: false });
  });

  it(
    "copy what changed, and merge it",
    { timeout: 300_000 },
    async ({ source, destination, folder }) => {
      await source.exec(
        "create table orders (id int primary key, at timestamptz not null, price numeric);" +
          "insert into orders select i, '2024-01-01', i / 7.0 from generate_series(1, 1000) i",
      );
      const connector = (name: string, config: object) => ({
        image: image(name),
        container: { network: "host" },
        config,
      });
      const stream = { name: "orders", cursor_field: "at", primary_key: "id" };
      const modes = { sync_mode: "incremental", destination_sync_mode: "append_dedup" };
      const config = {
        sources: { shop: connector("source-postgres", source.config) },
        destinations: { warehouse: connector("destination-postgres", destination.config) },
        connections: {
          c: { source: "shop", destination: "warehouse", streams: [{ ...stream, ...modes }] },
        },
      };
      await writeFile(join(folder, "syncline.yaml"), JSON.stringify(config));
      const sync = () =>
        runExecutable("syncline", ["sync"], { cwd: folder, env: engineEnvironment() });
      const rows = "select id::text, price::text from orders order by id";

      const first = await sync();
      await source.exec("update orders set at = '2024-01-02', price = -1 where id <= 10");
      const second = await sync();

      expect(first.exitCode, first.stderr).toBe(0);
      expect(second.exitCode, second.stderr).toBe(0);
      expect(second.stdout).toMatch(/orders +complete +10 +10 /);
      expect(await destination.query(rows)).toEqual(await source.query(rows));
    },
  );
});
