import type { Problem } from "../../protocol/config/problems.ts";
import type { Path } from "../../protocol/config/schema.ts";
import type { ConnectionConfig } from "./config.ts";
import type { GivenStream } from "./schema.ts";

/** Finds entries that name the same streams: which of them counts would be anybody's guess. */
export function findRepeatedStreams(
  streams: readonly (string | GivenStream)[],
  at: Path,
): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  for (const [index, given] of streams.entries()) {
    const { name, namespace } = typeof given === "string" ? { name: given } : given;
    const key = JSON.stringify([namespace ?? null, name]);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else {
      const shown = namespace === undefined ? name : `${namespace}.${name}`;
      const message = `${shown} is streams[${first}] already; a stream is synced in one way`;
      problems.push({ path: [...at, "streams", index], message });
    }
  }
  return problems;
}

/**
 * Finds connections that would write the same table. Only what the file itself shows is found here:
 * literal stream names. Wildcards are compared after the source was asked for its streams.
 */
export function findSharedTables(connections: readonly ConnectionConfig[]): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const { name, destination, namespace, prefix, streams } of connections) {
    const tables = streams.map((stream) => {
      // A rule that looks at the source's namespace keeps tables of different ones apart.
      const schema = namespace === "destination" ? undefined : stream.namespace;
      const key = JSON.stringify([destination.name, namespace, schema, prefix + stream.name]);
      return { key, stream };
    });
    const shared = tables.find(({ key }) => owners.has(key) && owners.get(key) !== name);
    for (const { key } of tables) if (!owners.has(key)) owners.set(key, name);
    if (shared !== undefined)
      problems.push({
        path: ["connections", name],
        message: `writes the same table as connection ${owners.get(shared.key)}: ${prefix}${shared.stream.name}; give one of them another prefix or namespace`,
        atKey: true,
      });
  }
  return problems;
}
