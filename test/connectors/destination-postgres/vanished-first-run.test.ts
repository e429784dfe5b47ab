/** @guarantee connection-loss */
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { startProxy } from "../../support/proxy.ts";
import { complete, errorOf, startWrite, stream, write } from "./drive.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop" };

it(
  "a run that vanished while it created our tables, unnoticed by the server, holds up the next one for seconds only",
  { timeout: 60_000 },
  async ({ destination, folder }) => {
    let hasVanished = () => {};
    const vanished = new Promise<void>((resolve) => (hasVanished = resolve));
    const proxy = await startProxy(destination.config, ({ from, text }) => {
      if (from === "server" || !text.includes("create table")) return "pass";
      hasVanished();
      return { pass: "all", fault: "freeze" };
    });
    try {
      const { host, port } = proxy;
      const far = { config: { ...destination.config, host, port } };
      const first = await startWrite(far, folder, [stream()], { env });
      await vanished;
      first.kill("SIGKILL");
      await first.finished;

      const next = await write(destination, folder, [stream()], [complete("demo")], { env });

      expect(errorOf(next)).toBe("");
      expect(next.exitCode).toBe(0);
    } finally {
      await proxy.close();
    }
  },
);
