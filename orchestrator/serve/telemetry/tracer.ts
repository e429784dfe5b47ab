import type { JobReport } from "../../store/jobs.ts";
import { otlpSettings, type OtlpSettings } from "./otlp-settings.ts";
import { sendSpans } from "./otlp.ts";
import { parentOf, spansOf, type Parent } from "./spans.ts";

/** Jobs whose spans wait to be sent, at most: whoever takes none for long is told of the latest. */
const MOST_WAITING = 100;

/** Sends the spans of jobs that are over, one job after the other. Nothing of it can fail a job. */
export class Tracer {
  readonly #settings: OtlpSettings;
  readonly #parent: Parent | undefined;
  readonly #note: (line: string) => void;
  readonly #waiting: JobReport[] = [];
  #underWay: Promise<void> | undefined;
  #isFailing = false;

  constructor(settings: OtlpSettings, parent: Parent | undefined, note: (line: string) => void) {
    this.#settings = settings;
    this.#parent = parent;
    this.#note = note;
  }

  jobEnded(job: JobReport): void {
    this.#waiting.push(job);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#underWay ??= this.#send();
  }

  /** Resolves when all that waits was tried: once per job, in the time that a collector has to answer. */
  async flush(): Promise<void> {
    await this.#underWay;
  }

  async #send(): Promise<void> {
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      try {
        await sendSpans(spansOf(job, this.#parent), this.#settings);
        this.#isFailing = false;
      } catch (error) {
        // Once is enough: what takes none may do so for days.
        if (!this.#isFailing)
          this.#note(
            `spans cannot be sent to ${new URL(this.#settings.endpoint).origin}: ${(error as Error).message}`,
          );
        this.#isFailing = true;
      }
    }
    this.#underWay = undefined;
  }
}

/**
 * What sends spans, as the environment asks for it. Undefined: it asks for none, or for what cannot be
 * done, which is said.
 */
export function openTracer(
  env: Readonly<Record<string, string | undefined>>,
  version: string,
  note: (line: string) => void,
): Tracer | undefined {
  const found = otlpSettings(env, version);
  if (found === undefined) return undefined;
  if ("problem" in found) {
    note(`no spans are sent: ${found.problem}`);
    return undefined;
  }
  const parent = parentOf(env);
  return parent === null ? undefined : new Tracer(found.settings, parent, note);
}
