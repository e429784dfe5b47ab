import { existsSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import { packageFolder } from "../connector/launch.ts";

/** Throws `usage.invalid` for a configuration that is there: none is ever written over. */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw alreadyThere(path);
}

/**
 * Writes a configuration below the line that leads editors to its schema. Throws `usage.invalid` for a
 * file that is there already, `config.unreadable`.
 */
export function writeConfig(path: string, text: string): void {
  const header = `# yaml-language-server: $schema=${schemaSeenFrom(path)}\n`;
  try {
    writeFileSync(path, header + text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw alreadyThere(path);
    throw new Failure("config.unreadable", `${path} cannot be written`, { cause: error });
  }
}

function alreadyThere(path: string): Failure {
  return new Failure("usage.invalid", `${path} exists already`, {
    hint: "--config names another file",
  });
}

/** Relative where the package is installed beside the file, so that the line can be shared. */
function schemaSeenFrom(configPath: string): string {
  const schema = join(packageFolder(), "orchestrator/syncline.schema.json");
  const path = relative(dirname(resolve(configPath)), schema);
  return path.startsWith("..") ? schema : `./${path}`;
}
