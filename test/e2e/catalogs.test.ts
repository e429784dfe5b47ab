import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable, succeeded } from "../support/run.ts";

it("prints catalogs that a shell pipe takes, in the names of each side", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table orders (id int primary key); insert into orders values (1)");
  const file = (name: string) => join(folder, name);
  const config = {
    sources: { shop: { connector: "source-postgres", config: source.config } },
    destinations: { lake: { connector: "destination-postgres", config: destination.config } },
    connections: {
      orders: { source: "shop", destination: "lake", prefix: "p_", streams: ["orders", "gone"] },
    },
  };
  await writeFile(file("syncline.yaml"), JSON.stringify(config));
  await writeFile(file("source.json"), JSON.stringify(source.config));
  await writeFile(file("destination.json"), JSON.stringify(destination.config));
  const catalog = async (...options: string[]) => {
    const args = ["catalog", "orders", ...options];
    const { exitCode, stdout, stderr } = await runExecutable("syncline", args, { cwd: folder });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^left out: gone: stream\.missing: /);
    await writeFile(file(`${options[0] ?? "source"}-catalog.json`), stdout);
    return JSON.parse(stdout) as ConfiguredCatalog;
  };

  const read = await catalog();
  const written = await catalog("--destination");

  expect(read.streams).toMatchObject([{ stream: { name: "orders", namespace: "public" } }]);
  expect(written.streams[0]!.stream).toMatchObject({ name: "p_orders" });
  expect(written.streams[0]!.stream.namespace).toBeUndefined();
  const [from, to] = [file("source.json"), file("destination.json")];
  const { stdout: lines } = succeeded(
    await runExecutable("source-postgres", [
      "read",
      "--config",
      from,
      "--catalog",
      file("source-catalog.json"),
    ]),
  );
  const renamed = lines
    .replaceAll('"stream":"orders","namespace":"public"', '"stream":"p_orders"')
    .replaceAll('"name":"orders","namespace":"public"', '"name":"p_orders"');
  const args = ["write", "--config", to, "--catalog", file("--destination-catalog.json")];
  succeeded(await runExecutable("destination-postgres", args, { stdin: renamed }));
  expect(await destination.rows("select id from p_orders")).toEqual([["1"]]);
});

it("prints a catalog ready for read, and how large tables are in the one that is not", async ({
  source,
  folder,
}) => {
  await source.exec(
    "create table orders (id int primary key); insert into orders values (1), (2); analyze; create table notes (line text)",
  );
  const config = join(folder, "source.json");
  await writeFile(config, JSON.stringify({ ...source.config, ssl: false }));
  const run = (...args: string[]) =>
    runExecutable("source-postgres", [...args, "--config", config], { cwd: folder });

  const configured = succeeded(await run("discover", "--configured"));
  await writeFile(join(folder, "catalog.json"), configured.stdout);
  const read = succeeded(await run("read", "--catalog", join(folder, "catalog.json")));
  const discovered = succeeded(await run("discover"));

  expect(JSON.parse(configured.stdout)).toMatchObject({
    streams: [
      { stream: { name: "notes" }, sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
      { stream: { name: "orders" }, primary_key: [["id"]] },
    ],
  });
  expect(configured.stderr).toMatch(/^WARN: the setting ssl is /);
  expect(read.messages().filter(({ type }) => type === "RECORD")).toHaveLength(2);
  const estimates = discovered
    .messages()
    .flatMap((message) =>
      message.type === "TRACE" && message.trace.estimate ? [message.trace.estimate] : [],
    );
  expect(estimates).toEqual([
    { type: "STREAM", namespace: "public", name: "orders", row_estimate: 2, byte_estimate: 8192 },
  ]);
});
