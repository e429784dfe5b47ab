import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { MessageWriter } from "../../../connectors/kit/message-writer.ts";

const log = (message: string) =>
  ({ type: "LOG", log: { level: "INFO", message } }) as const satisfies object;

/** A reader that takes a write only when told to. */
class SlowReader extends Writable {
  readonly blocks: Buffer[] = [];
  #take: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.blocks.push(chunk);
    this.#take = done;
  }

  take(): void {
    const take = this.#take;
    this.#take = undefined;
    take?.();
  }

  get text(): string {
    return Buffer.concat(this.blocks).toString();
  }
}

const block = (letter: string, bytes = 256 * 1024) => Buffer.from(`${letter.repeat(bytes - 1)}\n`);

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  void promise.then(
    () => (pending = false),
    () => (pending = false),
  );
  await turn();
  await turn();
  return pending;
}

describe("MessageWriter", () => {
  it("tells that lines may change when the reader has taken them, and not before", async () => {
    const reader = new SlowReader();
    const writer = new MessageWriter(reader);
    const taken: string[] = [];
    const say = (name: string) => () => void taken.push(name);

    await writer.lines(block("a"), say("a"));
    void writer.lines(Buffer.from("b\n"), say("b"));
    void writer.lines(Buffer.from("c\n"), say("c"));
    const flushed = writer.flush();
    await turn();
    expect(taken).toEqual([]);

    reader.take();
    await turn();
    expect(taken).toEqual(["a"]);

    while (await isPending(flushed)) reader.take();
    expect(taken).toEqual(["a", "b", "c"]);
  });

  it("prints messages and lines in the order of the calls, also while one waits", async () => {
    const reader = new SlowReader();
    const writer = new MessageWriter(reader);

    await writer.lines(block("a"));
    const waiting = writer.lines(block("b"));
    writer.append(log("between"));
    void writer.message(log("after"));
    const flushed = writer.flush();
    while (await isPending(flushed)) reader.take();

    await waiting;
    expect(reader.text.replaceAll(/(a|b)\1{9,}/g, "$1")).toBe(
      `a\nb\n${JSON.stringify(log("between"))}\n${JSON.stringify(log("after"))}\n`,
    );
  });

  it("gathers small lines into few writes", async () => {
    const reader = new SlowReader();
    const writer = new MessageWriter(reader);

    for (let i = 0; i < 10_000; i++) await writer.lines(Buffer.from(`${i}\n`));
    const flushed = writer.flush();
    while (await isPending(flushed)) reader.take();

    expect(reader.blocks.length).toBeLessThan(5);
    expect(reader.text.split("\n").length).toBe(10_001);
  });

  it("lets nobody run ahead of a reader that has stopped", async () => {
    const reader = new SlowReader();
    const writer = new MessageWriter(reader);
    await writer.lines(block("a")); // on its way: the caller makes the next one meanwhile

    const second = writer.lines(block("b"));

    expect(await isPending(second)).toBe(true);
    reader.take();
    expect(await isPending(second)).toBe(false);
    expect(reader.blocks).toHaveLength(2);
  });

  it("shows a single line soon, without a flush", async () => {
    const out = new PassThrough();
    const writer = new MessageWriter(out);

    writer.append(log("hello"));

    const [chunk] = (await once(out, "data")) as [Buffer];
    expect(chunk.toString()).toBe(`${JSON.stringify(log("hello"))}\n`);
  });

  it("rejects everything with output.closed once the reader has gone", async () => {
    const out = new PassThrough();
    const writer = new MessageWriter(out);
    out.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await turn();

    await expect(writer.lines(block("a"))).rejects.toMatchObject({ code: "output.closed" });
    await expect(writer.flush()).rejects.toMatchObject({ code: "output.closed" });
    expect(() => writer.append(log("into the void"))).not.toThrow();
  });

  it("wakes whoever waits for room when the reader goes", async () => {
    const reader = new SlowReader();
    const writer = new MessageWriter(reader);
    await writer.lines(block("a"));
    const waiting = writer.lines(block("b"));

    reader.destroy(new Error("gone"));

    await expect(waiting).rejects.toMatchObject({ code: "output.closed" });
  });

  it("prints nothing after its end, not even half a line", async () => {
    const out = new PassThrough();
    const writer = new MessageWriter(out);
    writer.append(log("last"));
    await writer.end();

    writer.append(log("late"));
    await expect(writer.lines(block("x"))).rejects.toMatchObject({ code: "output.closed" });
    await writer.end(); // would hand over whatever was gathered since

    expect(out.read()?.toString()).toBe(`${JSON.stringify(log("last"))}\n`);
  });
});
