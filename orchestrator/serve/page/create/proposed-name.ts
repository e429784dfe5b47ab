import type { NewEnds } from "../../service.ts";

/** `shop-to-warehouse`, after the two databases, or with a number behind it where there is one already. */
export function nameFor(ends: NewEnds, isTaken: (name: string) => boolean): string {
  const base = `${databaseOf(ends.source, "source")}-to-${databaseOf(ends.destination, "destination")}`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!isTaken(name)) return name;
  }
}

/** Kept to what the names of a configuration may be made of. */
function databaseOf(address: string, otherwise: string): string {
  try {
    const name = decodeURIComponent(new URL(address).pathname.slice(1));
    return name.replaceAll(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[_.-]+/, "") || otherwise;
  } catch {
    return otherwise;
  }
}
