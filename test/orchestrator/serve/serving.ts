import { join } from "node:path";
import {
  createRunner,
  type Runner,
  type RunnerOptions,
} from "../../../orchestrator/serve/runner.ts";
import type { ServiceEvent } from "../../../orchestrator/serve/service.ts";

/** A runner of a folder's configuration, and all it told. */
export interface Serving extends AsyncDisposable {
  readonly runner: Runner;
  readonly events: ServiceEvent[];
  readonly notes: string[];
  /** Resolves with the first event that `isWanted`, also one told already. */
  event(isWanted: (event: ServiceEvent) => boolean): Promise<ServiceEvent>;
  /** The next one of a job's end, also one told already, counting from the `n`th of a connection. */
  ended(connection: string, n?: number): Promise<ServiceEvent & { readonly event: "job_ended" }>;
}

export async function serve(
  folder: string,
  options: Partial<RunnerOptions> = {},
): Promise<Serving> {
  const notes: string[] = [];
  const events: ServiceEvent[] = [];
  const config = join(folder, "syncline.yaml");
  const runner = await createRunner({
    config,
    atOnce: 4,
    onNote: (text) => notes.push(text),
    ...options,
  });
  const waiting = new Set<() => void>();
  runner.subscribe((event) => {
    events.push(event);
    for (const look of waiting) look();
  });
  const first = <Found>(find: () => Found | undefined) =>
    new Promise<Found>((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    runner,
    events,
    notes,
    event: (isWanted) => first(() => events.find(isWanted)),
    ended: (connection, n = 1) =>
      first(() => {
        const all = events.filter((one) => one.event === "job_ended");
        return all.filter((one) => one.connection === connection)[n - 1];
      }),
    [Symbol.asyncDispose]: () => runner.stop("now"),
  };
}
