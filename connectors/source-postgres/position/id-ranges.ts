/** Transaction ids (64 bits) in a row, first and last included. */
export type IdRange = readonly [first: bigint, last: bigint];

/** Joins ids and ranges into ranges in order, leaving out what is below `from`. */
export function rangesOf(
  ids: Iterable<bigint>,
  ranges: readonly IdRange[],
  from: bigint,
): IdRange[] {
  const all = [...ranges, ...[...ids].map((id) => [id, id] as const)]
    .filter(([, last]) => last >= from)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  const joined: [bigint, bigint][] = [];
  for (const [first, last] of all) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1n) {
      if (last > previous[1]) previous[1] = last;
    } else joined.push([first, last]);
  }
  return joined;
}

/** What `all` has besides `ranges`, which are in order. */
export function complement(ranges: readonly IdRange[], all: IdRange): IdRange[] {
  const gaps: IdRange[] = [];
  let from = all[0];
  for (const [first, last] of within(ranges, all)) {
    if (first > from) gaps.push([from, first - 1n]);
    from = last + 1n;
  }
  if (from <= all[1]) gaps.push([from, all[1]]);
  return gaps;
}

/** The parts of `ranges` that lie between the two ids. */
export function within(ranges: readonly IdRange[], [from, to]: IdRange): IdRange[] {
  return ranges.flatMap(([first, last]): IdRange[] => {
    const start = first > from ? first : from;
    const end = last < to ? last : to;
    return start <= end ? [[start, end]] : [];
  });
}

/** The ranges without some ids; both in order. */
export function without(ranges: readonly IdRange[], ids: readonly bigint[]): IdRange[] {
  let next = 0;
  return ranges.flatMap((range): IdRange[] => {
    const out: IdRange[] = [];
    while (next < ids.length && ids[next]! < range[0]) next++;
    for (; next < ids.length && ids[next]! <= range[1]; next++) out.push([ids[next]!, ids[next]!]);
    return complement(out, range);
  });
}
