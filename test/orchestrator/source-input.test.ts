import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  Acknowledgements,
  type SentState,
} from "../../orchestrator/sync/relay/acknowledgements.ts";
import { SourceInput } from "../../orchestrator/sync/relay/source-input.ts";
import { readStateLine } from "../../protocol/state.ts";

const states = new Acknowledgements(undefined);

/** A STATE as a source spells it, which nobody else would. */
const text = (stream: string, n: number) =>
  `{"type":"STATE", "state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"${stream}"},"stream_state":{"n":${n}.0}}}}`;

function sent(stream: string, n: number, more: Partial<SentState> = {}): SentState {
  const bytes = Buffer.from(text(stream, n));
  const about = { covers: [], records: 0, isLast: false, isOurs: false, ...more };
  return states.send(readStateLine(bytes, 0, bytes.length)!, about);
}

async function heard(stdin: PassThrough): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    await turn();
    const chunk = stdin.read() as Buffer | null;
    if (chunk === null) return lines;
    lines.push(...chunk.toString().split("\n").slice(0, -1));
  }
}

describe("what a source is told", () => {
  it("is each committed state in its own bytes, when it is saved and not before", async () => {
    const stdin = new PassThrough();
    const input = new SourceInput(stdin);

    input.acknowledge(sent("a", 1));
    expect(await heard(stdin)).toEqual([]);
    input.saved();
    expect(await heard(stdin)).toEqual([text("a", 1)]);

    input.acknowledge(sent("a", 2));
    input.acknowledge(sent("b", 1));
    input.acknowledge(sent("a", 3));
    input.acknowledge(sent("c", 1, { isOurs: true }));
    input.saved();
    input.saved();
    expect(await heard(stdin)).toEqual([text("b", 1), text("a", 3)]);
  });

  it("is the last of each scope where it reads slowly, and no more is held for it", async () => {
    const stdin = new PassThrough({ highWaterMark: 10 });
    const input = new SourceInput(stdin);
    for (let n = 1; n <= 1000; n++) {
      input.acknowledge(sent("a", n));
      input.saved();
    }
    expect(stdin.writableLength + stdin.readableLength).toBeLessThan(500);

    expect(await heard(stdin)).toEqual([text("a", 1), text("a", 1000)]);
  });

  it("is STOP, whatever waits, and nothing where it is gone", async () => {
    const stdin = new PassThrough();
    const input = new SourceInput(stdin);
    input.stop();
    expect(await heard(stdin)).toEqual(['{"type":"STOP"}']);

    stdin.destroy(new Error("EPIPE"));
    await turn();
    input.acknowledge(sent("a", 1));
    input.saved();
    input.stop();
  });
});
