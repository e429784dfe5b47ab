import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader } from "../../../connectors/kit/destination/message-reader.ts";
import { Failure } from "../../../protocol/errors.ts";

async function* chunksOf(...chunks: string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function linesOf(...chunks: string[]): Promise<string[]> {
  const reader = new MessageReader(chunksOf(...chunks));
  const lines: string[] = [];
  const take = (bytes: Buffer, start: number, end: number) =>
    void lines.push(`${reader.lineNumber}:${bytes.toString("utf8", start, end)}`);
  while (await reader.next(take));
  return lines;
}

describe("MessageReader", () => {
  it("hands out numbered lines, the unfinished last one too, and passes over blank ones", async () => {
    expect(await linesOf("a\n\n \t\r\nb", "c\nd", "")).toEqual(["1:a", "4:bc", "5:d"]);
  });

  it("gives the same lines wherever the chunks are cut", async () => {
    const text = fc.array(fc.constantFrom("a", "é", "\n", " ", "{}"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(40), { maxLength: 5 }), async (parts, cuts) => {
        const bytes = Buffer.from(parts.join(""));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort(
          (a, b) => a - b,
        );
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const whole: string[] = [];
        const cut: string[] = [];
        for (const [input, lines] of [
          [[bytes], whole],
          [chunks, cut],
        ] as const) {
          async function* iterate() {
            yield* input;
          }
          const reader = new MessageReader(iterate());
          while (
            await reader.next((b, start, end) => void lines.push(b.toString("utf8", start, end)))
          );
        }

        expect(cut).toEqual(whole);
      }),
    );
  });

  it("reads the next chunk only when asked", async () => {
    let given = 0;
    async function* counting() {
      for (;;) {
        given++;
        yield Buffer.from("x\n");
      }
    }
    const reader = new MessageReader(counting());

    await reader.next(() => {});
    await reader.next(() => {});

    expect(given).toBe(2);
    expect(reader.bytes).toBe(4);
  });

  it("refuses a line over the limit before it holds it all, by number", async () => {
    const reader = new MessageReader(chunksOf("ok\n", "x".repeat(60), "x".repeat(60)), {
      maxLineBytes: 100,
    });
    const read = async () => {
      while (await reader.next(() => {}));
    };

    await expect(read()).rejects.toMatchObject({
      code: "protocol.line_too_long",
      facts: { limit_bytes: 100, line: 2 },
    });
  });

  it("says where a bad line is and never what it holds", async () => {
    const reader = new MessageReader(chunksOf("fine\n", "secret stuff\n"));
    const onLine = (bytes: Buffer, start: number, end: number) => {
      if (bytes[start] === 0x73) throw reader.badLine(end - start, "is not a message");
    };
    await reader.next(onLine);

    await expect(reader.next(onLine)).rejects.toMatchObject({
      code: "protocol.bad_message",
      message: "line 2 of the input (12 bytes) is not a message",
    });
  });

  it("says of each line whether it is UTF-8, wherever the chunks are cut", async () => {
    const bytes = Buffer.from("good\nb\xe9d\ng\xc3\xb6od\nb\xe9d", "latin1");
    for (let cut = 0; cut <= bytes.length; cut++) {
      async function* halves() {
        yield bytes.subarray(0, cut);
        yield bytes.subarray(cut);
      }
      const reader = new MessageReader(halves());
      const said: boolean[] = [];
      while (await reader.next(() => void said.push(reader.lineIsUtf8)));

      expect(said).toEqual([true, false, true, false]);
    }
  });

  it("adds the line to a failure from within that lacks it", async () => {
    const reader = new MessageReader(chunksOf("a\nb\n"));
    const onLine = () => {
      throw new Failure("protocol.bad_message", "a RECORD cannot be read");
    };

    await expect(reader.next(onLine)).rejects.toMatchObject({
      message: "line 1 of the input (1 bytes) cannot be used: a RECORD cannot be read",
    });
  });

  it("calls a bad last line without newline torn: its writer died", async () => {
    const reader = new MessageReader(chunksOf('{"type":"REC'));
    const onLine = (_bytes: Buffer, start: number, end: number) => {
      throw reader.badLine(end - start, "is not a message");
    };
    await reader.next(onLine);

    await expect(reader.next(onLine)).rejects.toMatchObject({ code: "protocol.torn_line" });
  });
});
