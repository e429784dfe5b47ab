import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { StateMessage } from "../../../protocol/messages.ts";
import type { WriteContext } from "../contract.ts";
import { errorTrace, estimate, streamStatus } from "../trace.ts";

/** What a stream is going to send, as far as anybody knows. */
export interface StreamEstimate {
  readonly rows: number;
  readonly bytes?: number;
}

/** Makes the STATEs of streams, and counts what each covers. */
export interface StateScope {
  /** Says that so many records were printed. */
  count(records: number): void;
  /** The STATE that says where a stream is now, of which everything before it was printed. */
  stateOf(stream: StreamDescriptor, blob: JsonObject): StateMessage;
}

/** The ordinary scope: every STATE is of one stream, and counts its records. */
function onlyStream(): StateScope {
  let recordCount = 0;
  return {
    count: (records) => void (recordCount += records),
    stateOf: (stream, blob) => {
      const sourceStats = { recordCount };
      recordCount = 0;
      return {
        type: "STATE",
        state: {
          type: "STREAM",
          stream: { stream_descriptor: stream, stream_state: blob },
          sourceStats,
        },
      };
    },
  };
}

/**
 * Prints what happens to one stream, in the protocol's order: STARTED, an estimate, RUNNING with the
 * first record, records and states, and COMPLETE or INCOMPLETE.
 */
export class StreamOutput {
  readonly #stream: StreamDescriptor;
  readonly #context: WriteContext;
  readonly #scope: StateScope;
  #isRunning = false;

  /** @param scope what makes the STATEs. Default: they are of this stream alone. */
  constructor(stream: StreamDescriptor, context: WriteContext, scope: StateScope = onlyStream()) {
    this.#stream = stream;
    this.#context = context;
    this.#scope = scope;
  }

  async started(expected: StreamEstimate | undefined): Promise<void> {
    const { output } = this.#context;
    await output.message(streamStatus(this.#stream, "STARTED", this.#context.now()));
    if (expected === undefined) return;
    const { rows, bytes } = expected;
    await output.message(
      estimate(
        {
          ...this.#stream,
          type: "STREAM",
          row_estimate: Math.round(rows),
          ...(bytes === undefined ? {} : { byte_estimate: bytes }),
        },
        this.#context.now(),
      ),
    );
  }

  /** Says that the first record comes, unless that was said. */
  async running(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { output, now } = this.#context;
    await output.message(streamStatus(this.#stream, "RUNNING", now()));
  }

  /**
   * Prints blocks of RECORD lines, and counts `records` for the next state.
   *
   * @param onTaken told of each block that may change again.
   */
  async records(
    blocks: readonly Buffer[],
    records: number,
    onTaken: (block: Buffer) => void = () => {},
  ): Promise<void> {
    if (blocks.length > 0) await this.running();
    for (const block of blocks) await this.#context.output.lines(block, () => onTaken(block));
    this.#scope.count(records);
  }

  /** Prints a STATE from which a later read resumes after everything printed so far. */
  async state(blob: JsonObject): Promise<void> {
    await this.#context.output.message(this.#scope.stateOf(this.#stream, blob));
  }

  async complete(): Promise<void> {
    const { output } = this.#context;
    await output.message(streamStatus(this.#stream, "COMPLETE", this.#context.now()));
    await output.flush();
  }

  /** Says why the stream cannot be read to its end, and that it was not. */
  async incomplete(failure: Failure): Promise<void> {
    const { output } = this.#context;
    await output.message(errorTrace(ofStream(failure, this.#stream), this.#context.now()));
    await output.message(streamStatus(this.#stream, "INCOMPLETE", this.#context.now()));
  }
}

/** The failure with the stream it belongs to. */
function ofStream(failure: Failure, { name, namespace }: StreamDescriptor): Failure {
  if (failure.stream !== undefined) return failure;
  return new Failure(failure.code, failure.message, {
    kind: failure.kind,
    facts: failure.facts,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    stream: { name, namespace: namespace ?? undefined },
    cause: failure.cause ?? failure,
  });
}
