import { existsSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Failure } from "../../protocol/errors.ts";

/** Throws `usage.invalid` for a configuration that is there: none is ever written over. */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw alreadyThere(path);
}

/**
 * Writes a configuration, below a line that leads editors to its schema where there is one. Throws `usage.invalid` for a
 * file that is there already, `config.unreadable`.
 */
export function writeConfig(path: string, text: string): void {
  const schema = schemaSeenFrom(path);
  const header = schema === undefined ? "" : `# yaml-language-server: $schema=${schema}\n`;
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

/** Of the package, as npm puts it into a project. */
const INSTALLED = "node_modules/syncline/orchestrator/syncline.schema.json";

/**
 * Where the schema is, seen from a configuration: in the package that its project has installed. There is
 * no other place that is the same for everybody who shares the file.
 */
function schemaSeenFrom(configPath: string): string | undefined {
  const start = dirname(resolve(configPath));
  for (let folder = start; ; folder = dirname(folder)) {
    const schema = join(folder, INSTALLED);
    if (existsSync(schema)) return folder === start ? `./${INSTALLED}` : relative(start, schema);
    if (folder === dirname(folder)) return undefined;
  }
}
