import type { Socket } from "node:net";
import type { Client } from "pg";
import { submitCopyIn } from "./driver.ts";

/** How the rows of a `copy … from stdin` are spelled. */
export interface CopyInFormat {
  /** What follows the statement: ` (format binary)`, or nothing for text. */
  readonly options: string;
  /** What comes before the first row. */
  readonly header: Buffer;
}

/** Bytes per CopyData message that is sent: the server takes each one whole into memory. */
const FRAME_BYTES = 1024 * 1024;

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const HEADER_BYTES = 5;

/** Rows on their way to the server. */
export interface CopyInUnderWay {
  /** Resolves when all of them are sent, or none is any more: other statements may follow. Never rejects. */
  readonly sent: Promise<void>;
  /**
   * The number of rows the server took. Rejects with its error, after which the connection is usable again
   * (inside a transaction: once rolled back).
   */
  readonly taken: Promise<number>;
}

/**
 * Runs statements of which one is `copy … from stdin`, with `header` and `rows` as its data, at the pace
 * of the connection. The rows come in pieces that may end inside one. The bytes must not change until
 * `taken` settles.
 *
 * pg-copy-streams does this too, one small write per row or per 64 KiB; here a batch is ready and
 * whole, so it goes out as it is.
 *
 * @param isAhead whether rows are sent without waiting for the server to ask for them.
 */
export function copyIn(
  client: Client,
  statements: string,
  header: Buffer,
  rows: readonly Buffer[],
  isAhead: boolean,
): CopyInUnderWay {
  let isDone = () => {};
  const done = new Promise<void>((resolve) => (isDone = resolve));
  const start = (socket: Socket, refused: AbortSignal) => {
    send(socket, framesOf([header, ...rows]), refused, isDone);
  };
  const taken = submitCopyIn(client, statements, start, isAhead);
  // A refusal ends the sending, and so does the end of the connection.
  taken.then(isDone, isDone);
  return { sent: done, taken };
}

function send(
  socket: Socket,
  frames: Iterator<readonly Buffer[]>,
  refused: AbortSignal,
  isDone: () => void,
): void {
  for (;;) {
    // Refused half-way: the server ignores the rest, so it is not sent.
    if (refused.aborted || socket.destroyed) return;
    const { value: frame, done } = frames.next();
    if (done === true) break;
    socket.cork(); // one system call for all of it
    for (const piece of frame) socket.write(piece);
    socket.uncork();
    if (socket.writableNeedDrain) {
      socket.once("drain", () => send(socket, frames, refused, isDone));
      return;
    }
  }
  if (refused.aborted) return;
  socket.write(COPY_DONE);
  isDone();
}

/** The bytes as messages, each in pieces of which the first is its head. */
function* framesOf(pieces: readonly Buffer[]): Generator<readonly Buffer[]> {
  let frame: Buffer[] = [];
  let room = FRAME_BYTES;
  for (const piece of pieces)
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + room);
      frame.push(part);
      at += part.length;
      room -= part.length;
      if (room > 0) continue;
      yield [frameHead(FRAME_BYTES), ...frame];
      frame = [];
      room = FRAME_BYTES;
    }
  if (frame.length > 0) yield [frameHead(FRAME_BYTES - room), ...frame];
}

/** What comes before the bytes of a CopyData message. */
function frameHead(length: number): Buffer {
  const head = Buffer.allocUnsafe(HEADER_BYTES);
  head[0] = COPY_DATA;
  head.writeUInt32BE(length + 4, 1);
  return head;
}
