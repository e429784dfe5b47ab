/**
 * All answers of statements that were sent without waiting in between, in their order. Throws the first
 * failure, once no answer is under way any more.
 */
export async function together<Answers extends readonly unknown[]>(
  answers: readonly [...{ [Place in keyof Answers]: Promise<Answers[Place]> }],
): Promise<Answers> {
  const all = answers as readonly Promise<unknown>[];
  await Promise.allSettled(all);
  return (await Promise.all(all)) as unknown as Answers;
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
