const FRAMING_FILE = "protocol/framing.ts";
const TESTS = "test/protocol/framing.test.ts";

/** Bytes to lines. @type {import("../mutant.mjs").Mutant[]} */
export const FRAMING = [
  {
    name: "framing: what is left of a chunk is dropped",
    file: FRAMING_FILE,
    find: "this.#hold(chunk.subarray(Math.max(start, stop)));",
    replace: "void 0;",
    tests: [TESTS],
  },
  {
    name: "framing: what was held is handed out twice",
    file: FRAMING_FILE,
    find: "this.#held = [];\n    this.#heldBytes = 0;",
    replace: "this.#heldBytes = 0;",
    tests: [TESTS],
  },
  {
    name: "framing: one good line vouches for the others' UTF-8",
    file: FRAMING_FILE,
    find: "areUtf8 || isUtf8(chunk.subarray(start, end))",
    replace: "true",
    tests: [TESTS],
  },
  {
    name: "framing: a held line is UTF-8 whatever it holds",
    file: FRAMING_FILE,
    find: "this.#lineIsUtf8 = isUtf8(line);",
    replace: "this.#lineIsUtf8 = true;",
    tests: [TESTS],
  },
  {
    name: "framing: a line may be of any length",
    file: FRAMING_FILE,
    find: "if (bytes <= this.#maxLineBytes) return;",
    replace: "return;",
    tests: [TESTS],
  },
  {
    name: "framing: the last line is dropped when it has no newline",
    file: FRAMING_FILE,
    find: "if (this.#heldBytes > 0) this.#handOutHeld(Buffer.alloc(0), onLine);",
    replace: "",
    tests: [TESTS],
  },
];
