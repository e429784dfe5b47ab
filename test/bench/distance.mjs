import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROXY = fileURLToPath(new URL("delay-proxy.mjs", import.meta.url));

/**
 * Puts a server so many milliseconds away, each way: on its own host, at another port.
 *
 * @param {{ host: string, port: number }} server
 * @param {number} milliseconds 0 only counts the turns
 */
export async function openDistance({ host, port }, milliseconds) {
  const child = fork(PROXY, [host, String(port), String(milliseconds)]);
  const [{ port: far }] = await once(child, "message");
  return {
    port: far,
    /** How often a client waited for an answer since this was asked last. */
    async turns() {
      const answer = once(child, "message");
      child.send("turns");
      return (await answer)[0].turns;
    },
    async close() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}
