import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Why a package cannot be run; `install` would help. */
export interface NotInstalled {
  readonly why: string;
  readonly hint: string;
}

interface Manifest {
  readonly version: string;
  readonly bin?: string | Readonly<Record<string, string>>;
}

/**
 * The script of a package that the project in `from`, or in a folder above, has installed. Nothing is
 * installed here: the project's own lock file says what of npm it runs, to the last dependency.
 */
export function npmScript(spelled: string, from: string): { file: string } | NotInstalled {
  const at = spelled.lastIndexOf("@");
  const name = at > 0 ? spelled.slice(0, at) : spelled;
  const wanted = at > 0 ? spelled.slice(at + 1) : undefined;
  const hint = `run npm install --save-exact ${spelled} in the folder of the configuration`;
  const folder = installed(name, from);
  if (folder === undefined) return { why: `the package ${name} is not installed in ${from}`, hint };
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  if (wanted !== undefined && manifest.version !== wanted)
    return { why: `${name} is installed in version ${manifest.version}, not ${wanted}`, hint };
  const { bin = {} } = manifest;
  const scripts = typeof bin === "string" ? [bin] : Object.values(bin);
  const named = typeof bin === "string" ? bin : bin[name.split("/").at(-1)!];
  const script = named ?? (scripts.length === 1 ? scripts[0] : undefined);
  if (script === undefined)
    return {
      why: `${name} has ${scripts.length === 0 ? "no program" : "several programs, none with its name"}`,
      hint: "name the file with `connector: ./node_modules/…`",
    };
  return { file: join(folder, script) };
}

function installed(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) return undefined;
  }
}
