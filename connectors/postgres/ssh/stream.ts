import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";

/**
 * A connection through a tunnel, with what of a socket is used here. The channel itself is none: it
 * loses the reason for which it is destroyed, and ends as if the other side had when the tunnel breaks.
 */
class TunnelStream extends Duplex {
  readonly #channel: ClientChannel;

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    channel.on("data", (chunk: Buffer) => {
      if (!this.destroyed && !this.push(chunk)) channel.pause();
    });
    channel.on("error", () => {}); // what it comes to is that it closes
    channel.once("end", () => this.push(null));
    channel.once("close", () => {
      if (this.destroyed) return;
      // What is still to be sent will never be; what was received is still to be read.
      if (this.readableEnded) this.destroy();
      else this.once("end", () => this.destroy());
      if (!channel.readableEnded) this.push(null);
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _: unknown, done: () => void): void {
    this.#channel.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#channel.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#channel.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.destroy();
    // In a later turn, as a socket's end is told: TLS on top says its own reason before.
    setImmediate(done, error);
  }

  /** The tunnel's own socket has it already, and keeps the process alive. */
  setNoDelay(): this {
    return this;
  }
}

/** A channel of an SSH connection as a socket. */
export function asSocket(channel: ClientChannel): Socket {
  return new TunnelStream(channel) as unknown as Socket;
}
