import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A deliberate defect.
 *
 * @typedef {object} Mutant
 * @property {string} name what is wrong with it, as a clause: "prints a STATE before its commit"
 * @property {string} file path of the file that is broken, from the root
 * @property {string} find text that occurs exactly once in the file
 * @property {string} replace what stands there instead
 * @property {string[]} tests those that must find it: `path/to/file.test.ts`, or with a part of the
 *   test's name behind it, which is quicker: `path/to/file.test.ts > part of the name`
 */

/** The root of the tree these files are part of. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * What keeps a mutant from being made, undefined when nothing does: its text must stand in its file
 * exactly once, so that whoever changes the file has to say where the defect is now.
 *
 * @param {Mutant} mutant
 */
export function problemOf({ name, file, find, replace, tests }) {
  for (const path of [file, ...selection(tests).files])
    if (!existsSync(join(ROOT, path))) return `${name}: there is no ${path}`;
  const places = readFileSync(join(ROOT, file), "utf8").split(find).length - 1;
  if (places !== 1) return `${name}: its text is ${places} times in ${file}, not once:\n  ${find}`;
  return find === replace ? `${name}: it changes nothing` : undefined;
}

/**
 * Files and names of tests as Vitest takes them: the files, and one pattern for all names, undefined
 * where a whole file is to run.
 *
 * @param {readonly string[]} tests
 */
export function selection(tests) {
  const parts = tests.map((test) => test.split(" > "));
  const files = [...new Set(parts.map(([file]) => file))];
  const names = parts.map(([, ...rest]) => rest.join(" "));
  const pattern = names.includes("") ? undefined : names.map(escaped).join("|");
  return { files, pattern };
}

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
