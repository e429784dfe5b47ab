import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Invocation } from "../invocation.ts";
import type { JobHistory } from "../store/job-history.ts";

/** Throws `usage.invalid` for a name that neither the configuration nor any job has. */
export async function requireKnown(
  names: readonly string[],
  history: JobHistory,
  invocation: Invocation,
): Promise<void> {
  const ran = history.connections;
  const unknown = names.filter((name) => !ran.includes(name));
  if (unknown.length === 0) return;
  const configured = [...(await invocation.layout()).connections.keys()];
  const known = [...new Set([...configured, ...ran])];
  for (const name of unknown) {
    if (known.includes(name)) continue;
    const hint = didYouMean(name, known) || ` (there is ${known.join(", ") || "none"})`;
    throw new Failure("usage.invalid", `no connection is called ${name || '""'}${hint}`);
  }
}
