import { fstatSync } from "node:fs";
import { Socket, type OnReadOpts, type SocketConstructorOpts } from "node:net";
import type { Readable } from "node:stream";

/** Bytes that are read at once: what a pipe holds. */
const READ_BYTES = 64 * 1024;

/**
 * The standard input of this process, as `process.stdin` has it, but that a pipe or a socket is always
 * read into the same memory: Node takes new memory for each chunk otherwise. So a chunk that a listener
 * of "data" gets is valid until it returns or, when it pauses the stream, until that is resumed.
 */
export function openStdin(): Readable {
  const stat = fstatSync(0);
  if (!stat.isFIFO() && !stat.isSocket()) return process.stdin;
  const options: SocketConstructorOpts & { onread: OnReadOpts } = {
    fd: 0,
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes, buffer) => {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
        const isHeard = stdin.readableFlowing === true && stdin.listenerCount("data") > 0;
        if (!isHeard || stdin.readableLength > 0) return stdin.push(Buffer.from(chunk));
        stdin.emit("data", chunk);
        return true;
      },
    },
  };
  const stdin = new Socket(options);
  return stdin;
}
