// Carries connections to a server as if it were far away, and counts turns. A process of its own, so
// that it is late for nobody: node delay-proxy.mjs <host> <port> <milliseconds each way>, with IPC.
import { connect, createServer } from "node:net";

/** What one direction may hold, in bytes: 20 ms of 800 MB/s. Only delay is imitated, no narrow or lossy line. */
const HELD_BYTES = 16 * 1024 * 1024;

const [host, port, milliseconds] = process.argv.slice(2);
let turns = 0;

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const upstream = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
  // A turn: the client says something after an answer has reached it, or for the first time.
  let hasAnswer = true;
  carry(client, upstream, {
    taken: () => {
      if (hasAnswer) turns += 1;
      hasAnswer = false;
    },
  });
  carry(upstream, client, { delivered: () => (hasAnswer = true) });
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("message", () => {
  process.send({ turns });
  turns = 0;
});
process.on("disconnect", () => process.exit());

/** Writes to `to` what `from` sent, the delay later and in order. */
function carry(from, to, { taken = () => {}, delivered = () => {} }) {
  const held = [];
  let heldBytes = 0;
  let isWaiting = false;
  from.on("data", (chunk) => {
    taken();
    held.push({ due: performance.now() + Number(milliseconds), chunk });
    heldBytes += chunk.length;
    if (heldBytes > HELD_BYTES) from.pause();
    wait();
  });
  from.on("end", () => {
    held.push({ due: performance.now() + Number(milliseconds) });
    wait();
  });
  for (const socket of [from, to]) socket.on("error", () => from.destroy());
  from.on("close", () => from.readableEnded || to.destroy());
  to.on("drain", deliver);

  function wait() {
    if (isWaiting || held.length === 0) return;
    const left = held[0].due - performance.now();
    if (left <= 0) return deliver();
    isWaiting = true;
    setTimeout(deliver, Math.ceil(left));
  }

  function deliver() {
    isWaiting = false;
    while (held.length > 0 && held[0].due <= performance.now() && !to.writableNeedDrain) {
      const { chunk } = held.shift();
      if (chunk === undefined) {
        to.end();
        return;
      }
      delivered();
      heldBytes -= chunk.length;
      to.write(chunk);
    }
    if (heldBytes <= HELD_BYTES) from.resume();
    if (!to.writableNeedDrain) wait();
  }
}
