import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { WriteContext } from "../contract.ts";
import { errorTrace, estimate, streamStatus } from "../trace.ts";

/** What a stream is going to send, as far as anybody knows. */
export interface StreamEstimate {
  readonly rows: number;
  readonly bytes?: number;
}

/**
 * Prints what happens to one stream, in the protocol's order: STARTED, an estimate, RUNNING with the
 * first record, records and states, and COMPLETE or INCOMPLETE.
 */
export class StreamOutput {
  readonly #stream: StreamDescriptor;
  readonly #context: WriteContext;
  #isRunning = false;
  /** Records printed since the last STATE. */
  #sinceState = 0;

  constructor(stream: StreamDescriptor, context: WriteContext) {
    this.#stream = stream;
    this.#context = context;
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

  /** Prints blocks of RECORD lines, and counts `records` for the next state. */
  async records(blocks: readonly Buffer[], records: number): Promise<void> {
    const { output } = this.#context;
    if (!this.#isRunning && blocks.length > 0) {
      this.#isRunning = true;
      await output.message(streamStatus(this.#stream, "RUNNING", this.#context.now()));
    }
    for (const block of blocks) await output.lines(block);
    this.#sinceState += records;
  }

  /** Prints a STATE from which a later read resumes after everything printed so far. */
  async state(blob: JsonObject): Promise<void> {
    const recordCount = this.#sinceState;
    this.#sinceState = 0;
    await this.#context.output.message({
      type: "STATE",
      state: {
        type: "STREAM",
        stream: { stream_descriptor: this.#stream, stream_state: blob },
        sourceStats: { recordCount },
      },
    });
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
