/**
 * Most tables that one transaction creates, alters or drops: the server keeps several locks of each until
 * its end, in memory that all sessions share (`max_locks_per_transaction`).
 */
const TABLES_PER_TRANSACTION = 50;

/** Cuts what is done to many tables into what is done in one transaction each. */
export function inGroups<Item>(items: readonly Item[], size = TABLES_PER_TRANSACTION): Item[][] {
  const groups: Item[][] = [];
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size));
  return groups;
}
