import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Invocation } from "../invocation.ts";
import type { JobHistory, KnownJob } from "../store/job-history.ts";

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

/**
 * The job of a number, `149` or with an attempt `149.0`; the last one of the connection with that name; or
 * the last of all. Throws `usage.invalid`.
 */
export async function jobCalled(
  word: string | undefined,
  history: JobHistory,
  invocation: Invocation,
): Promise<KnownJob> {
  const number = /^(\d+)(?:\.\d+)?$/.exec(word ?? "")?.[1];
  const byNumber = number === undefined ? undefined : history.job(Number(number));
  if (byNumber) return byNumber;
  if (word !== undefined && number !== undefined && !history.connections.includes(word))
    throw new Failure("usage.invalid", `there is no job ${word}`, {
      hint: "`syncline jobs` lists them",
    });
  if (word !== undefined) await requireKnown([word], history, invocation);
  const { value } = history.latest(word === undefined ? [] : [word]).next();
  if (value) return value as KnownJob;
  throw new Failure("usage.invalid", word === undefined ? "no jobs yet" : `${word} never ran`);
}
