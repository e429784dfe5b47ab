import type pg from "pg";

/** Bytes per CopyData message: the server takes each one whole into memory. */
const FRAME_BYTES = 1024 * 1024;

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

interface Wire {
  query(text: string): void;
  readonly stream: import("node:net").Socket;
}

/**
 * Runs `copy … from stdin` with `bytes[0..length)` as its data and resolves to the number of rows.
 * The bytes must not change until then. Rejects with the server's error, after which the connection
 * is usable again (inside a transaction: once rolled back).
 *
 * pg-copy-streams does this too, one small write per row or per 64 KiB; here a batch is ready and
 * whole, so it goes out as it is.
 */
export function copyIn(
  client: pg.Client,
  statement: string,
  bytes: Buffer,
  length: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // `pg` passes the protocol's messages to whatever has these methods.
    client.query(
      new CopyIn(statement, bytes, length, resolve, reject) as unknown as pg.Submittable,
    );
  });
}

class CopyIn {
  readonly #statement: string;
  readonly #bytes: Buffer;
  readonly #length: number;
  readonly #resolve: (rows: number) => void;
  readonly #reject: (error: Error) => void;
  #rows = 0;
  #failed = false;

  constructor(
    statement: string,
    bytes: Buffer,
    length: number,
    resolve: (rows: number) => void,
    reject: (error: Error) => void,
  ) {
    this.#statement = statement;
    this.#bytes = bytes;
    this.#length = length;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Wire): void {
    connection.query(this.#statement);
  }

  handleCopyInResponse(connection: Wire): void {
    this.#send(connection, 0);
  }

  handleError(error: Error): void {
    this.#failed = true;
    this.#reject(error);
  }

  handleCommandComplete(message: { text: string }): void {
    this.#rows = Number(message.text.split(" ").at(-1));
  }

  handleReadyForQuery(): void {
    if (!this.#failed) this.#resolve(this.#rows);
  }

  #send(connection: Wire, from: number): void {
    let at = from;
    while (at < this.#length) {
      // Refused half-way: the server ignores the rest, so it is not sent.
      if (this.#failed || connection.stream.destroyed) return;
      const end = Math.min(at + FRAME_BYTES, this.#length);
      const header = Buffer.allocUnsafe(5);
      header[0] = COPY_DATA;
      header.writeUInt32BE(end - at + 4, 1);
      connection.stream.write(header);
      const hasRoom = connection.stream.write(this.#bytes.subarray(at, end));
      at = end;
      if (!hasRoom) {
        connection.stream.once("drain", () => this.#send(connection, at));
        return;
      }
    }
    if (!this.#failed) connection.stream.write(COPY_DONE);
  }
}
