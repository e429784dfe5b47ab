import { Writable } from "node:stream";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { DestinationInput } from "../../orchestrator/sync/relay/destination-input.ts";

/** What is done with the next line of a chunk, or beside it. */
const operation = fc.oneof(
  fc.constant({ does: "line" } as const),
  fc.constant({ does: "skip" } as const),
  fc.constant({ does: "lone" } as const),
  fc.constant({ does: "underHead" } as const),
  fc.record({
    does: fc.constant("pieces" as const),
    bytes: fc.constantFrom(1, 40, 9_000, 20_000, 140_000),
  }),
  fc.constant({ does: "flush" } as const),
);

it("a destination gets what was added for it in that order, as it was then", async () => {
  const chunk = fc.array(operation, { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 5 }), async (chunks) => {
      let taken = "";
      const stream = new Writable({
        write(bytes: Buffer, _, done) {
          taken += bytes.toString("latin1");
          setImmediate(done);
        },
      });
      const input = new DestinationInput(stream, () => {});
      const head = Buffer.from("head ");
      let expected = "";
      let number = 0;
      for (const operations of chunks) {
        const lines = operations.map(() => `line ${number++}`);
        const bytes = Buffer.from(`${lines.join("\n")}\n`);
        let start = 0;
        for (const [at, one] of operations.entries()) {
          const line = lines[at]!;
          const end = start + line.length;
          if (one.does === "line") input.line(bytes, start, end);
          // One that came in two chunks, or as the last without its newline.
          if (one.does === "lone") input.line(Buffer.from(line), 0, line.length);
          if (one.does === "underHead") input.underHead(head, bytes, start, end);
          if (one.does === "line" || one.does === "lone") expected += `${line}\n`;
          if (one.does === "underHead") expected += `head ${line}\n`;
          if (one.does === "pieces") {
            // Beside the lines: the next one of the chunk stands right behind the last.
            const piece = String(number % 10).repeat(one.bytes);
            input.pieces(Buffer.from(piece), Buffer.from("\n"));
            input.line(bytes, start, end);
            expected += `${piece}\n${line}\n`;
          }
          if (one.does === "flush") await input.flush();
          start = end + 1;
        }
        await input.flush();
      }
      input.end();
      await new Promise((resolve) => stream.once("finish", resolve));
      expect(taken).toBe(expected);
    }),
    { numRuns: 200 },
  );
});
