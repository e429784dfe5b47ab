import type { Socket } from "node:net";
import type { Client } from "pg";
import { submitCopyIn } from "./driver.ts";

/** Bytes per CopyData message: the server takes each one whole into memory. */
const FRAME_BYTES = 1024 * 1024;

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

/** How the rows of a `copy … from stdin` are spelled. */
export interface CopyInFormat {
  /** What follows the statement: ` (format binary)`, or nothing for text. */
  readonly options: string;
  /** What comes before the first row. */
  readonly header: Buffer;
}

/**
 * Runs statements of which one is `copy … from stdin`, with `header` and `rows` as its data, and
 * resolves to the number of rows. The bytes must not change until then. Rejects with the server's
 * error, after which the connection is usable again (inside a transaction: once rolled back).
 *
 * pg-copy-streams does this too, one small write per row or per 64 KiB; here a batch is ready and
 * whole, so it goes out as it is.
 */
export function copyIn(
  client: Client,
  statements: string,
  header: Buffer,
  rows: Buffer,
): Promise<number> {
  return submitCopyIn(client, statements, (socket, refused) => {
    if (header.length > 0) {
      socket.write(frameHead(header.length));
      socket.write(header);
    }
    send(socket, rows, 0, refused);
  });
}

function send(socket: Socket, rows: Buffer, from: number, refused: AbortSignal): void {
  let at = from;
  while (at < rows.length) {
    // Refused half-way: the server ignores the rest, so it is not sent.
    if (refused.aborted || socket.destroyed) return;
    const end = Math.min(at + FRAME_BYTES, rows.length);
    socket.write(frameHead(end - at));
    const hasRoom = socket.write(rows.subarray(at, end));
    at = end;
    if (!hasRoom) {
      socket.once("drain", () => send(socket, rows, at, refused));
      return;
    }
  }
  if (!refused.aborted) socket.write(COPY_DONE);
}

/** What comes before the bytes of a CopyData message. */
function frameHead(length: number): Buffer {
  const head = Buffer.allocUnsafe(5);
  head[0] = COPY_DATA;
  head.writeUInt32BE(length + 4, 1);
  return head;
}
