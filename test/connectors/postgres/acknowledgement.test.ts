import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect } from "vitest";
import { openSocket } from "../../../connectors/postgres/socket.ts";
import { it } from "../../support/fixtures.ts";
import { start } from "../../support/run.ts";

const SERVER = `${import.meta.dirname}/../../fixtures/faults/deaf-server.pl`;

/** The half minute of production in a second. */
const PATIENCE = { everyMs: 150, looks: 6 };

const open = (port: number) =>
  openSocket({ host: "127.0.0.1", port }, "never", {}, AbortSignal.timeout(30_000), PATIENCE).then(
    ({ socket }) => socket,
  );

/** @guarantee connection-loss */
describe("what is sent to a server", () => {
  it.runIf(process.platform === "linux")(
    "fails soon when nothing of it arrives any more",
    async () => {
      const server = start("perl", [SERVER]);
      try {
        const socket = await open(Number(await server.line((line) => /^\d+$/.test(line))));
        socket.write("hello");
        await server.line((line) => line === "deaf");

        socket.write("are you there?");
        const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];

        expect(error.code).toBe("ETIMEDOUT");
      } finally {
        server.kill("SIGKILL");
        await server.finished;
      }
    },
  );

  it("may wait as long as it likes when it has arrived, be it taken or not", async () => {
    const server = createServer((peer) => peer.pause());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = await open((server.address() as AddressInfo).port);
    let lost: unknown;
    socket.on("error", (error) => (lost = error));
    socket.write(Buffer.alloc(64 * 1024 * 1024)); // more than the system takes for somebody who does not read

    // Twice as long as the other one is given.
    await new Promise((resolve) => setTimeout(resolve, PATIENCE.everyMs * PATIENCE.looks * 2));

    expect(lost).toBeUndefined();
    expect(socket.destroyed).toBe(false);
    expect(socket.writableLength).toBeGreaterThan(0);
    socket.destroy();
    server.close();
  });
});
