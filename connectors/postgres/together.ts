import { firstOf, type Failure } from "../../protocol/errors.ts";
import { sqlStateOf } from "./errors.ts";

/** What the server says to statements of a transaction in which an earlier one failed. */
const ALREADY_FAILED = "25P02";

/**
 * All answers of statements that were sent without waiting in between, in their order. Throws the first
 * failure that is not only due to another one, as `firstOf` does, once no answer is under way any more.
 */
export async function together<Answers extends readonly unknown[]>(
  answers: readonly [...{ [Place in keyof Answers]: Promise<Answers[Place]> }],
): Promise<Answers> {
  const settled = await Promise.allSettled(answers as readonly Promise<unknown>[]);
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 0) {
    const causes = failures.filter((one) => !isConsequence(one));
    throw firstOf(causes.length > 0 ? causes : failures);
  }
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as Answers;
}

/** Whether a statement failed only because one before it had, in the same transaction. */
export function isConsequence(failure: unknown): boolean {
  return sqlStateOf((failure as Failure | undefined)?.cause) === ALREADY_FAILED;
}

/** Does one work after the other, up to the first that fails; says how each has ended. */
export async function oneByOne<T>(
  works: readonly (() => Promise<T>)[],
): Promise<PromiseSettledResult<T>[]> {
  const settled: PromiseSettledResult<T>[] = [];
  for (const work of works) {
    const [one] = await Promise.allSettled([work()]);
    settled.push(one);
    if (one.status === "rejected") break;
  }
  return settled;
}
