import { setImmediate as turn } from "node:timers/promises";
import type { Output, ReadContext } from "../../../../connectors/kit/contract.ts";
import { PRODUCTION_LIMITS, type Limits } from "../../../../connectors/kit/limits.ts";
import type { Message } from "../../../../protocol/messages.ts";

/** What a source is run with, and everything it prints, in order. */
export class Collected {
  /** Milliseconds; moved by the test. */
  time = 0;
  readonly messages: Message[] = [];
  readonly logs: string[] = [];
  readonly stop = new AbortController();
  readonly context: ReadContext;

  constructor(limits: Partial<Limits> = {}) {
    const output: Output = {
      message: async (message) => {
        this.messages.push(message);
        await turn();
      },
      lines: async (bytes, onTaken) => {
        const text = bytes.toString();
        for (const line of text.split("\n").slice(0, -1))
          this.messages.push(JSON.parse(line) as Message);
        await turn();
        if (bytes.toString() !== text) throw new Error("lines changed before they were taken");
        if (onTaken === undefined) return;
        bytes.fill("?"); // whoever prints them once more prints this
        onTaken();
      },
      flush: async () => {},
    };
    this.context = {
      output,
      signal: this.stop.signal,
      now: () => this.time,
      env: {},
      limits: { ...PRODUCTION_LIMITS, ...limits },
      log: (level, message) => this.logs.push(`${level} ${message}`),
      acknowledged: undefined,
      stop: new AbortController().signal,
      follow: false,
    };
  }

  /** Records as their `n`, states as `{"n":…}` with their counts, statuses and errors as words. */
  get story(): string[] {
    return this.messages.flatMap((message) => {
      if (message.type === "RECORD")
        return [`${message.record.stream} ${message.record.data["n"] as string | number}`];
      if (message.type === "STATE") {
        const { stream, sourceStats } = message.state;
        return [`STATE ${JSON.stringify(stream!.stream_state)} +${sourceStats!.recordCount}`];
      }
      if (message.type !== "TRACE") return [];
      const { stream_status: status, error, estimate } = message.trace;
      if (status) return [`${status.stream_descriptor.name} ${status.status}`];
      if (estimate) return [`about ${estimate.row_estimate} rows, ${estimate.byte_estimate} bytes`];
      return [`ERROR ${error!.stream_descriptor?.name}: ${error!.message}`];
    });
  }
}
