import type { ConnectionConfig } from "./config.ts";
import type { Problem } from "./document.ts";

/**
 * Connections that would write the same table. Only what the file itself shows is found here:
 * literal stream names. Wildcards are compared after the source was asked for its streams.
 */
export function overlaps(connections: readonly ConnectionConfig[]): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const connection of connections) {
    for (const stream of connection.streams) {
      const target = JSON.stringify([
        connection.destination.name,
        connection.namespace,
        // A rule that looks at the source's namespace keeps tables of different ones apart.
        connection.namespace === "destination" ? undefined : stream.namespace,
        connection.prefix + stream.name,
      ]);
      const owner = owners.get(target);
      if (owner !== undefined && owner !== connection.name) {
        problems.push({
          path: ["connections", connection.name],
          message: `writes the same table as connection ${owner}: ${connection.prefix}${stream.name}; give one of them another prefix or namespace`,
          atKey: true,
        });
        break;
      }
      owners.set(target, connection.name);
    }
  }
  return problems;
}
