import { setTimeout as wait } from "node:timers/promises";
import { startProxy, type Action, type Proxy, type WireMessage } from "./proxy.ts";

/** Who is silent for this long lets the other side speak. */
const SILENCE_MS = 40;

/** A proxy that counts how often clients speak after they have heard something. */
export interface TurnCounter extends Proxy {
  /** Since the last time it was asked. */
  turns(): number;
}

/** One connection, of which one side speaks at a time, as if the other were far away. */
interface Line {
  speaker: WireMessage["from"];
  spokeAt: number;
}

/**
 * Stands between clients and a server, and lets one side of a connection speak until it has nothing more
 * to say. So what is sent in one turn is counted as one, however fast the answers come.
 */
export async function countTurns(target: {
  readonly host: string;
  readonly port: number;
}): Promise<TurnCounter> {
  const lines = new Map<number, Line>();
  let turns = 0;
  const proxy = await startProxy(target, async ({ from, type, connection }): Promise<Action> => {
    if (type === "X") return "pass"; // the goodbye, which nobody answers
    let line = lines.get(connection);
    if (line === undefined) lines.set(connection, (line = { speaker: "server", spokeAt: 0 }));
    while (line.speaker !== from) {
      const silence = performance.now() - line.spokeAt;
      if (silence < SILENCE_MS) await wait(SILENCE_MS - silence);
      else {
        line.speaker = from;
        if (from === "client") turns++;
      }
    }
    line.spokeAt = performance.now();
    return "pass";
  });
  return {
    ...proxy,
    turns: () => {
      const counted = turns;
      turns = 0;
      return counted;
    },
  };
}
