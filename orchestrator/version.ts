import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./connector/launch.ts";

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(join(packageFolder(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
