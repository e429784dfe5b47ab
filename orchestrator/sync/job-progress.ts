import { streamKey, type StreamDescriptor } from "../../protocol/catalog.ts";
import type { AttemptOutcome } from "./attempt-setup.ts";

/** What the attempts of a job have come to so far, by `streamKey` of the source's names. */
export class JobProgress {
  /** Whether what the job is about (a refresh, a clear) is noted in the state. */
  isRequested = false;
  /** Streams that an attempt of this job has begun. */
  readonly begun = new Set<string>();
  /** Streams that are done; later attempts leave them alone. */
  readonly done = new Set<string>();
  /**
   * Full refreshes that were read whole and are not done, by the state that says so. It is never
   * given back to a source, which would have nothing to go on with: either the stream only has to
   * be finished, or, when its end is doubtful, it starts again.
   */
  readonly readWhole = new Map<string, { readonly blob: Buffer; readonly isCertain: boolean }>();
  /** Streams whose state the source could not go on from. */
  readonly superseded = new Set<string>();

  /**
   * Takes in how an attempt ended. Returns whether another one is worth making at once.
   *
   * @param resumed the streams that were given a state from within the job.
   */
  learn({ accounts, failures }: AttemptOutcome, resumed: ReadonlySet<string>): boolean {
    for (const account of accounts.all) {
      const { source, configured } = account.plan;
      const key = streamKey(source);
      const { lastBlob, wasReadWhole } = account;
      if (account.isComplete) this.done.add(key);
      else if (configured.sync_mode === "full_refresh" && lastBlob && wasReadWhole !== "no")
        this.readWhole.set(key, { blob: lastBlob, isCertain: wasReadWhole === "yes" });
    }
    this.superseded.clear();
    for (const { stream } of failures.ofCode("state.superseded"))
      if (stream) this.superseded.add(keyOf(stream));
    // A stream that had no state cannot have lost it: that source would go round in circles.
    const mayGoOn = [...this.superseded].every((key) => resumed.has(key));
    return failures.root?.code === "state.superseded" && this.superseded.size > 0 && mayGoOn;
  }
}

function keyOf({ name, namespace }: { name: string; namespace?: string | undefined }): string {
  const stream: StreamDescriptor = namespace ? { name, namespace } : { name };
  return streamKey(stream);
}
