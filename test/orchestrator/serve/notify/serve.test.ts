import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Notification } from "../../../../orchestrator/serve/notify/notification.ts";
import { it } from "../../../support/fixtures.ts";
import { Project } from "../../../support/project.ts";
import { start } from "../../../support/run.ts";

it(
  "`syncline serve` tells of a connection that fails, over a crash of its own, and that it works again",
  { timeout: 120_000 },
  async ({ source, destination, folder }) => {
    const told: Notification[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        told.push(JSON.parse(Buffer.concat(chunks).toString()) as Notification);
        response.writeHead(204).end();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await Project.create(folder, {
      source,
      destination,
      connections: { orders: { streams: [{ name: "orders" }], every: "1s" } },
    });
    const path = join(folder, "syncline.yaml");
    const config = JSON.parse(await readFile(path, "utf8")) as object;
    const notify = {
      on_failure: `http://127.0.0.1:${port}/\${HOOK_KEY}`,
      on_recovery: { command: ["sh", "-c", "cat > recovered.json"] },
    };
    await writeFile(path, JSON.stringify({ ...config, notify }));
    const env = { HOOK_KEY: "hidden-key" };
    const serve = () =>
      start("syncline", ["serve", "--listen", "127.0.0.1:0"], { cwd: folder, env });

    const first = serve();
    await first.errorLine((line) => line.includes("the failure of job 1 was told to http://127"));
    first.kill("SIGKILL");
    await first.finished;
    const second = serve();
    await second.line((line) => /orders: job \d+ failed/.test(line));
    await source.exec("create table orders as select i from generate_series(1, 3) i");
    await second.errorLine((line) => /the recovery of job \d+ was told to sh/.test(line));
    second.kill("SIGTERM");
    const { exitCode, stdout, stderr } = await second.finished;
    server.close();

    expect(exitCode).toBe(0);
    expect(told.map(({ event, job }) => [event, job])).toEqual([["failure", 1]]);
    expect(JSON.parse(await readFile(join(folder, "recovered.json"), "utf8"))).toMatchObject({
      event: "recovery",
      connection: "orders",
      since_job: 1,
      rows: 3,
    });
    expect(stdout + stderr).not.toContain("hidden-key");
  },
);
