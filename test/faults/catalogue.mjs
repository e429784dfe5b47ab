import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";

const TESTS = join(import.meta.dirname, "..");

/**
 * One thing that can go wrong, and what shows that it does no harm.
 * @typedef {object} Fault
 * @property {string} section what kind of fault it is
 * @property {string} fault
 * @property {string} expected
 * @property {Tie[]} ties the tests that show it; none where another field says why
 * @property {string} [impossible] why it cannot happen
 * @property {string} [not_shown] what no test shows, and why
 */

/**
 * Tests of one file, by name: `*` stands for anything, `{…}` holds what the title is filled in with, and
 * the name of a group stands for all tests in it.
 * @typedef {object} Tie
 * @property {string} file from the root
 * @property {string} name
 */

/** @returns {Fault[]} all faults of `faults.yaml`, in its order */
export function readFaults() {
  const sections = parse(readFileSync(join(import.meta.dirname, "faults.yaml"), "utf8"));
  return Object.entries(sections).flatMap(([section, faults]) =>
    faults.map(({ tests = {}, ...fault }) => ({
      section,
      ...fault,
      ties: Object.entries(tests).flatMap(([file, names]) =>
        names.map((name) => ({ file: `test/${file}.test.ts`, name })),
      ),
    })),
  );
}

/**
 * What is wrong with the list itself, found without running anything: each tie's words must be in its
 * test's source.
 * @param {Fault[]} faults
 * @returns {string[]}
 */
export function problemsOf(faults) {
  const sources = new Map();
  const sourceOf = (file) => {
    if (!sources.has(file)) sources.set(file, textOf(file));
    return sources.get(file);
  };
  const known = new Set();
  return faults.flatMap(({ fault, expected, ties, impossible, not_shown: notShown }) => {
    const id = fault.split(" ")[0];
    const problems = [];
    if (known.has(id)) problems.push(`${id} is there twice`);
    known.add(id);
    if (!expected) problems.push(`${id} does not say what is expected`);
    if (ties.length === 0 && !impossible && !notShown)
      problems.push(`${id} has neither a test nor a reason for having none`);
    for (const { file, name } of ties) {
      const text = sourceOf(file);
      if (text === undefined) problems.push(`${id}: there is no ${file}`);
      else if (!wordsOf(name).every((words) => text.includes(words)))
        problems.push(`${id}: ${file} has no test "${name}"`);
    }
    return problems;
  });
}

/** What must be in the source of a test of this name, each in one piece. */
const wordsOf = (name) =>
  name
    .split(/ > |[*{}]/)
    .map((words) => words.trim())
    .filter((words) => words !== "");

/** The text of a test file and of the modules beside it, where it may have its tests from. */
function textOf(file) {
  const texts = new Map();
  const read = (path) => {
    if (texts.has(path)) return;
    texts.set(path, readFileSync(path, "utf8"));
    for (const [, module] of texts.get(path).matchAll(/from "(\.\/[^"]+\.ts)"/g))
      read(join(dirname(path), module));
  };
  const path = join(TESTS, "..", file);
  if (!existsSync(path)) return undefined;
  read(path);
  return [...texts.values()].join("\n").replaceAll('\\"', '"');
}

/**
 * Whether a test is one that a tie names.
 * @param {Tie} tie
 * @returns {RegExp} for names whose parts are joined by `separator`
 */
export function patternOf({ name }, separator = " > ") {
  const title = name.replaceAll(/[{}]/g, "");
  const parts = title.split(" > ").map((part) => part.split("*").map(escaped).join("[^]*"));
  return new RegExp(`^${parts.join(escaped(separator))}(?:${escaped(separator)}[^]*)?$`);
}

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
