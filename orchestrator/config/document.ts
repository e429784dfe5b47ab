import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Scalar,
  visit,
  type Document,
  type Node,
} from "yaml";
import { pathText, type Problem } from "../../protocol/config/problems.ts";
import type { Path } from "../../protocol/config/schema.ts";
import { Failure } from "../../protocol/errors.ts";
import type { Env } from "./env.ts";
import { interpolate, type InterpolationProblem } from "./variables.ts";
import {
  ANCHOR_OF_NOTHING,
  INSIDE_ITSELF,
  neverClosed,
  NO_ANCHOR,
  NO_MERGES,
  TOO_MANY_ALIASES,
  yamlMistake,
} from "./yaml-mistakes.ts";

/** A YAML (or JSON) text that remembers where everything stands. */
export class ConfigDocument {
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #name: string;
  readonly #text: string;
  /** Where plain scalars had a variable in them. */
  readonly #interpolated: Path[] = [];

  /** @param name how messages call the file. */
  constructor(text: string, name: string) {
    this.#name = name;
    this.#text = text;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: "error", // its warnings repeat keys, on stderr
    });
  }

  /** What is wrong with the text itself, as whole lines. */
  syntaxProblems(): string[] {
    const unknownTags = this.#document.warnings.filter(({ code }) => code === "TAG_RESOLVE_FAILED");
    const { errors } = this.#document;
    // Behind one mistake come those of how the parser goes on, which nobody made.
    const of = (wanted: string) => errors.find(({ code }) => code === wanted);
    const first = of("RESOURCE_EXHAUSTION") ?? of("TAB_AS_INDENT") ?? errors[0];
    const isAlone = first !== undefined && first.code !== "DUPLICATE_KEY";
    const mistakes = isAlone ? [first] : [...errors, ...unknownTags];
    const all = mistakes.map(({ code, pos: [at] }) => {
      const { line, col } = this.#lines.linePos(at);
      const text = this.#text.split("\n", line)[line - 1] ?? "";
      const open = code === "MISSING_CHAR" || code === "BAD_INDENT" ? this.#openAt(at) : undefined;
      return { at, message: open ?? yamlMistake({ code, line: text, column: col - 1 }) };
    });
    if (all.length === 0) all.push(...this.#emptyReferences());
    return all.map(({ at, message }) => {
      const { line, col } = this.#lines.linePos(at);
      return `${this.#name}:${line}:${col} ${message}`;
    });
  }

  /** What to say where the text ends, or a line is indented less, inside a quote or a bracket. */
  #openAt(at: number): string | undefined {
    let found: string | undefined;
    const look = (node: Node, what: "quote" | "bracket", isOpen: boolean) => {
      const [start, end] = node.range ?? [0, 0];
      if (!isOpen || start >= at || end < at) return;
      const { line, col } = this.#lines.linePos(start);
      found = neverClosed(what, `${line}:${col}`);
    };
    const isClosed = (end: number, by: RegExp) => by.test(this.#text[end - 1] ?? "");
    visit(this.#document, {
      Collection: (_, node) => {
        const end = node.range?.[1] ?? 0;
        look(node, "bracket", node.flow === true && !isClosed(end, /[\]}]/));
      },
      Scalar: (_, node) => {
        const [start, end] = node.range ?? [0, 0];
        const isQuoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
        const mark = this.#text[start];
        look(node, "quote", isQuoted && (end - start < 2 || this.#text[end - 1] !== mark));
      },
    });
    return found;
  }

  /** Aliases that lead nowhere or into themselves, and anchors without a value: texts that needed quotes. */
  #emptyReferences(): { at: number; message: string }[] {
    const found: { at: number; message: string }[] = [];
    const report = (node: Node, message: string) =>
      found.push({ at: rangeStart(node) ?? 0, message });
    visit(this.#document, {
      Alias: (_, alias, around) => {
        const named = alias.resolve(this.#document);
        if (named === undefined) report(alias, NO_ANCHOR);
        else if (around.includes(named)) report(alias, INSIDE_ITSELF);
      },
      Scalar: (_, scalar) => {
        if (scalar.anchor !== undefined && scalar.source === "") report(scalar, ANCHOR_OF_NOTHING);
      },
      Pair: (_, { key }) => {
        if (isScalar(key) && key.value === "<<") report(key, NO_MERGES);
      },
    });
    return found;
  }

  /** Fills in variables everywhere; `keep` says which names stay spelled at a path. */
  interpolate(env: Env, keep: (path: Path) => ReadonlySet<string>): Problem[] {
    const problems: Problem[] = [];
    const fill = (node: unknown, path: Path): void => {
      if (isMap(node)) {
        for (const pair of node.items) fill(pair.value, [...path, keyOf(pair.key)]);
      } else if (isSeq(node)) node.items.forEach((item, index) => fill(item, [...path, index]));
      else if (isScalar(node) && typeof node.value === "string" && node.value.includes("$")) {
        const result = interpolate(node.value, env, keep(path));
        if ("problem" in result)
          problems.push({ path, message: problemAt(path, node.value, result) });
        else {
          node.value = result.text;
          if (result.changed && node.type === Scalar.PLAIN) this.#interpolated.push(path);
        }
      }
    };
    fill(this.#document.contents, []);
    return problems;
  }

  /** Where in the value at `place` variables were filled in, as `pathText` has it. */
  interpolatedBelow(place: Path): ReadonlySet<string> {
    const below = this.#interpolated.filter((path) => place.every((part, i) => path[i] === part));
    return new Set(below.map((path) => pathText(path.slice(place.length))));
  }

  /** The plain value. Throws `config.invalid` when there is no end to what its aliases stand for. */
  toValue(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      throw new Failure("config.invalid", `${this.#name}: ${TOO_MANY_ALIASES}`);
    }
  }

  /** `syncline.yaml:12:5 connections.x: message`. */
  format(problem: Problem): string {
    const { line, col } = this.#positionOf(problem);
    const where = pathText(problem.path);
    return `${this.#name}:${line}:${col} ${where}${where && ": "}${problem.message}`;
  }

  /** All of them in the order of the file. */
  formatAll(problems: readonly Problem[]): string[] {
    return problems
      .map((problem) => ({ problem, at: this.#positionOf(problem) }))
      .sort((a, b) => a.at.line - b.at.line || a.at.col - b.at.col)
      .map(({ problem }) => this.format(problem));
  }

  #positionOf({ path, atKey }: Problem): { line: number; col: number } {
    let node: unknown = this.#document.contents;
    let start = rangeStart(node);
    for (const [depth, part] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document);
      const isLast = depth === path.length - 1;
      if (isMap(node)) {
        const pair = node.items.find((item) => keyOf(item.key) === String(part));
        if (pair === undefined) {
          start = rangeStart(node) ?? start; // what is missing, is missing in here
          break;
        }
        const keyStart = rangeStart(pair.key);
        node = pair.value;
        start = (isLast && atKey) || !isLast ? keyStart : (rangeStart(node) ?? keyStart);
      } else if (isSeq(node) && typeof part === "number") {
        node = node.items[part];
        start = rangeStart(node) ?? start;
      } else break;
    }
    return this.#lines.linePos(start ?? 0);
  }
}

/** Keys whose values may be secrets. More than what is masked: here it costs a word in a message. */
const SECRET_KEY = /pass|pwd|secret|token|key|cred|cert|auth|dsn|ur[il]|conn.*string|notify/i;

/** Whether a value is below a key that may hold a secret. */
function looksSecret(path: Path): boolean {
  return path.some((part) => typeof part === "string" && SECRET_KEY.test(part));
}

/** What nobody would take for a password. */
const ONE_VARIABLE = /^\$\{[A-Z][A-Z0-9_]*\}$/;

/** Of a variable alone, a file or a command everything is told: no password looks like them. */
function problemAt(path: Path, given: string, { problem, isOfStore }: InterpolationProblem) {
  const isHarmless = isOfStore === true || ONE_VARIABLE.test(given);
  return looksSecret(path) && !isHarmless ? SOME_VARIABLE : problem;
}

/** What would be said of a variable would repeat the value, where it is a password with a dollar sign. */
const SOME_VARIABLE =
  "holds a variable that is not set, or one that is not spelled ${NAME}; write $$ for a plain dollar sign";

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
