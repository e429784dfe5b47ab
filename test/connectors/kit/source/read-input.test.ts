import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ReadInput } from "../../../../connectors/kit/source/read-input.ts";
import type { SavedState } from "../../../../protocol/state-file.ts";

const global = (lsn: string) =>
  `{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":"${lsn}"},"stream_states":[]}}}\n`;
const stream = (name: string, n: number) =>
  `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"${name}"},"stream_state":{"n":${n}}}}}\n`;

/** What a state says, in words. */
const told = ({ shared, streams }: SavedState) =>
  shared?.toString() ??
  [...streams.values()].map((s) => `${s.stream.name} ${s.blob.toString()}`).join(", ");

/** Everything that is heard, told whenever its reader has time. */
async function all(input: ReadInput): Promise<string[]> {
  const heard: string[] = [];
  for await (const state of input.acknowledged()) heard.push(told(state));
  return heard;
}

describe("what a source hears while it reads", () => {
  it("is each state that was committed, however its lines are cut, to the end of stdin", async () => {
    const bytes = Buffer.from(global("0/1") + global("0/2"));
    for (let at = 1; at < bytes.length; at += 7) {
      const stdin = new PassThrough();
      const input = new ReadInput(stdin);
      const heard = all(input);
      stdin.write(bytes.subarray(0, at));
      await turn();
      await turn();
      expect(input.stop.aborted).toBe(false);
      stdin.end(bytes.subarray(at));
      // Whoever is told both at once needs the last one only.
      expect((await heard).at(-1)).toBe('{"lsn":"0/2"}');
      expect(input.stop.aborted).toBe(true);
    }
  });

  it("puts together what comes meanwhile: the last of each stream counts", async () => {
    const stdin = new PassThrough();
    const input = new ReadInput(stdin);
    stdin.end(stream("a", 1) + stream("b", 1) + stream("a", 2));
    await turn();

    expect(await all(input)).toEqual(['a {"n":2}, b {"n":1}']);
  });

  it("is STOP, which ends nothing else: states still come behind it", async () => {
    const stdin = new PassThrough();
    const input = new ReadInput(stdin);
    const heard = all(input);
    stdin.write('{"type":"LOG","log":{"level":"INFO","message":"STOP"}}\nSTOP\n\n');
    await turn();
    await turn();
    expect(input.stop.aborted).toBe(false);
    stdin.write(' { "type" : "STOP" } \n');
    await turn();
    await turn();
    expect(input.stop.aborted).toBe(true);
    stdin.end(global("0/3"));
    expect(await heard).toEqual(['{"lsn":"0/3"}']);
  });

  it("is a failure behind a broken state, and an end where the pipe breaks", async () => {
    const broken = new PassThrough();
    const heard = all(new ReadInput(broken));
    broken.end('{"type":"STATE","state":{"type":"GLOBAL"}}\n');
    await expect(heard).rejects.toMatchObject({ code: "protocol.bad_message" });

    const stdin = new PassThrough();
    const input = new ReadInput(stdin);
    const others = all(input);
    stdin.destroy(new Error("read ECONNRESET"));
    expect(await others).toEqual([]);
    expect(input.stop.aborted).toBe(true);
  });

  it("ends when its owner closes it", async () => {
    const input = new ReadInput(new PassThrough());
    const heard = all(input);
    input.close();
    expect(await heard).toEqual([]);
  });
});
