import type pg from "pg";

/** Bytes per CopyData message: the server takes each one whole into memory. */
const FRAME_BYTES = 1024 * 1024;

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

interface Wire {
  query(text: string): void;
  readonly stream: import("node:net").Socket;
}

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
  client: pg.Client,
  statements: string,
  header: Buffer,
  rows: Buffer,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // `pg` passes the protocol's messages to whatever has these methods.
    client.query(
      new CopyIn(statements, header, rows, resolve, reject) as unknown as pg.Submittable,
    );
  });
}

class CopyIn {
  readonly #statements: string;
  readonly #header: Buffer;
  readonly #rows: Buffer;
  readonly #resolve: (rows: number) => void;
  readonly #reject: (error: Error) => void;
  #count = 0;
  #failed = false;

  constructor(
    statements: string,
    header: Buffer,
    rows: Buffer,
    resolve: (rows: number) => void,
    reject: (error: Error) => void,
  ) {
    this.#statements = statements;
    this.#header = header;
    this.#rows = rows;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Wire): void {
    connection.query(this.#statements);
  }

  handleCopyInResponse(connection: Wire): void {
    if (this.#header.length > 0) {
      connection.stream.write(frameHead(this.#header.length));
      connection.stream.write(this.#header);
    }
    this.#send(connection, 0);
  }

  handleError(error: Error): void {
    this.#failed = true;
    this.#reject(error);
  }

  handleCommandComplete(message: { text: string }): void {
    const [, count] = /^COPY (\d+)$/.exec(message.text) ?? [];
    if (count !== undefined) this.#count = Number(count);
  }

  handleReadyForQuery(): void {
    if (!this.#failed) this.#resolve(this.#count);
  }

  #send(connection: Wire, from: number): void {
    let at = from;
    while (at < this.#rows.length) {
      // Refused half-way: the server ignores the rest, so it is not sent.
      if (this.#failed || connection.stream.destroyed) return;
      const end = Math.min(at + FRAME_BYTES, this.#rows.length);
      connection.stream.write(frameHead(end - at));
      const hasRoom = connection.stream.write(this.#rows.subarray(at, end));
      at = end;
      if (!hasRoom) {
        connection.stream.once("drain", () => this.#send(connection, at));
        return;
      }
    }
    if (!this.#failed) connection.stream.write(COPY_DONE);
  }
}

/** What comes before the bytes of a CopyData message. */
function frameHead(length: number): Buffer {
  const head = Buffer.allocUnsafe(5);
  head[0] = COPY_DATA;
  head.writeUInt32BE(length + 4, 1);
  return head;
}
