import { readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { encodingMistake, withoutMark } from "../../protocol/encoding.ts";
import { Failure } from "../../protocol/errors.ts";
import { ConfigDocument } from "./document.ts";

/**
 * Reads a file of settings. Throws `config.unreadable` for what is no text, and `config.invalid` for what is no
 * YAML.
 *
 * @param shown how messages call the file; undefined for what may be no name of one.
 */
export function readDocument(path: string, shown: string | undefined): ConfigDocument {
  const text = readText(path, shown);
  const document = new ConfigDocument(text, basename(shown ?? path));
  const problems = document.syntaxProblems();
  if (problems.length > 0) throw new Failure("config.invalid", problems.join("\n"));
  return document;
}

/** Throws `config.unreadable` for what is no text. */
function readText(path: string, shown: string | undefined): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new Failure("config.unreadable", missing(path, shown), {
        hint: "`syncline init` writes one to start from",
        cause: error,
      });
    const why = code === "EISDIR" ? "is a folder" : `cannot be read${code ? ` (${code})` : ""}`;
    throw new Failure("config.unreadable", `${shown ?? "the file"} ${why}`, { cause: error });
  }
  const odd = encodingMistake(bytes);
  if (odd !== undefined)
    throw new Failure("config.unreadable", `${shown ?? "the file"} ${odd}; save it as UTF-8`);
  return withoutMark(bytes).toString("utf8");
}

/** That a file is missing, and where it was looked for: often that is the wrong folder. */
function missing(path: string, shown: string | undefined): string {
  if (shown === undefined) return "there is no such file";
  return `there is no ${shown}${isAbsolute(shown) ? "" : `, looked for in ${dirname(resolve(path))}`}`;
}
