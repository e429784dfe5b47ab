/**
 * What a source and a destination answer. Throws what the source, or else the destination, reports, once
 * both have ended: no process is left behind.
 */
export async function bothEnded<Source, Destination>(
  source: Promise<Source>,
  destination: Promise<Destination>,
): Promise<[Source, Destination]> {
  const [read, written] = await Promise.allSettled([source, destination]);
  if (read.status === "rejected") throw read.reason;
  if (written.status === "rejected") throw written.reason;
  return [read.value, written.value];
}
