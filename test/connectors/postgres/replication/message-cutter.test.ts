import { describe, expect, it } from "vitest";
import { MessageCutter } from "../../../../connectors/postgres/replication/message-cutter.ts";

function message(body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write("d");
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

/** The bodies of the messages in `bytes`, which come cut at the given places. */
function cut(bytes: Buffer, ...cuts: number[]): string[] {
  const bodies: string[] = [];
  const cutter = new MessageCutter(
    (from, start, end) => void bodies.push(from.toString("latin1", start + 5, end)),
    100,
  );
  const edges = [0, ...cuts, bytes.length];
  edges.slice(1).forEach((end, i) => cutter.push(bytes.subarray(edges[i], end)));
  return bodies;
}

describe("MessageCutter", () => {
  const bodies = ["one", "", "three is longer", "4"];
  const bytes = Buffer.concat(bodies.map(message));

  it("gives the same messages wherever the chunks are cut", () => {
    for (let i = 0; i <= bytes.length; i++)
      for (let j = i; j <= bytes.length; j++) expect(cut(bytes, i, j)).toEqual(bodies);
  });

  it("gives them byte by byte", () => {
    const everywhere = Array.from(bytes, (_, at) => at);
    expect(cut(bytes, ...everywhere)).toEqual(bodies);
  });

  it.each([0, 3, 5])("refuses a longer one before it is there (cut at %i)", (at) => {
    expect(() => cut(message("x".repeat(200)).subarray(0, 50), at)).toThrow(
      "a change in the log has 205 bytes, and at most 100 are taken",
    );
  });

  it("refuses a length that cannot be one", () => {
    expect(() => cut(Buffer.from([0x64, 0, 0, 0, 3]))).toThrow("not PostgreSQL's protocol");
  });
});
