import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import type { Parameters } from "./connection-text.ts";

/** Where Debian's libpq looks when no variable says otherwise. */
const SYSTEM_FOLDER = "/etc/postgresql-common";

/**
 * What the service file says of a service: the user's file, then the system's. Throws
 * `config.unreadable` for a file that was named and cannot be read, `config.invalid` for a service
 * that is in none.
 */
export function readService(
  service: string,
  env: NodeJS.ProcessEnv,
  homeFolder: string,
): Parameters {
  const named = env["PGSERVICEFILE"];
  const system = join(env["PGSYSCONFDIR"] || SYSTEM_FOLDER, "pg_service.conf");
  const paths = [named || join(homeFolder, ".pg_service.conf"), system];
  for (const path of paths) {
    const found = textOf(path, path === named)?.get(service);
    if (found) return found;
  }
  throw new Failure("config.invalid", `no service is called ${service} in ${paths.join(" or ")}`);
}

function textOf(path: string, isNamed: boolean): Map<string, Parameters> | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (!isNamed) return undefined;
    throw new Failure("config.unreadable", `${path}, the service file, cannot be read`, {
      cause: error,
    });
  }
  return parseServices(text, path);
}

function parseServices(text: string, path: string): Map<string, Parameters> {
  const services = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const heading = /^\[(.*)\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      current = {};
      if (!services.has(heading)) services.set(heading, current); // the first of a name counts
      continue;
    }
    const equals = line.indexOf("=");
    if (equals === -1)
      throw new Failure(
        "config.invalid",
        `${path}:${index + 1} is neither [service] nor name=value`,
      );
    if (current) current[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  return services;
}
