import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, selection } from "./mutant.mjs";

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** `npm run build`, without types. */
const BUILD = [
  ["tsc", ["-p", "tsconfig.build.json", "--noCheck"]],
  ["esbuild", scripts.bundle.split(" ").slice(1)],
];

/** A copy of the tree in a temporary folder, in which things are broken and tests run. */
export class Workshop {
  #folder;
  #env;
  #signal;

  constructor(folder, env, signal) {
    this.#folder = folder;
    this.#env = env;
    this.#signal = signal;
  }

  /** @param signal stops a test run that is on its way. */
  static async open(env, signal) {
    const folder = mkdtempSync(join(tmpdir(), "syncline-mutants-"));
    const files = execFileSync(
      "git",
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      {
        cwd: ROOT,
        encoding: "utf8",
      },
    );
    for (const file of files.split("\0"))
      if (file !== "" && existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(folder, file));
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    return new Workshop(folder, env, signal);
  }

  async close() {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * Runs all tests of the mutants on the tree as it is: a test that fails anyway finds nothing.
   * Returns what is wrong; undefined when nothing is.
   */
  async testUnbroken(mutants) {
    const problem = await this.#build();
    if (problem !== undefined) return `cannot be built: ${problem}`;
    const { failed, broken, ran } = await this.#test(mutants.flatMap(({ tests }) => tests));
    const wrong = [...broken, ...failed];
    if (wrong.length > 0) return `fails: ${wrong.join("; ")}`;
    for (const test of mutants.flatMap(({ tests }) => tests)) {
      const [file, ...rest] = test.split(" > ");
      const name = rest.join(" ");
      if (!ran.some((one) => one.file === file && one.name.includes(name)))
        return `there is no test ${test}`;
    }
    return undefined;
  }

  /** @param {import("./mutant.mjs").Mutant} mutant */
  async try(mutant) {
    const path = join(this.#folder, mutant.file);
    const sound = readFileSync(path, "utf8");
    // As a function: a `$` in the text means itself.
    writeFileSync(
      path,
      sound.replace(mutant.find, () => mutant.replace),
    );
    try {
      const problem = await this.#build();
      if (problem !== undefined) return { isKilled: false, text: `cannot be built: ${problem}` };
      const result = await this.#test(mutant.tests);
      const [test] = result.failed;
      if (test !== undefined) return { isKilled: true, text: `by: ${test}` };
      // A mutant that cannot even be loaded proves nothing about the tests.
      if (result.broken.length > 0)
        return { isKilled: false, text: `does not load: ${result.broken.join("; ")}` };
      return { isKilled: false, text: `not found by: ${mutant.tests.join("; ")}` };
    } finally {
      writeFileSync(path, sound);
    }
  }

  /** Without types, which the defect may be at odds with. Returns what is wrong, if anything is. */
  async #build() {
    for (const [program, args] of BUILD) {
      const { code, output } = await this.#run(program, args);
      if (code !== 0) return output;
    }
    return undefined;
  }

  /** Runs tests up to the first failure. */
  async #test(tests) {
    const { files, pattern } = selection(tests);
    const report = join(this.#folder, "report.json");
    rmSync(report, { force: true });
    const { output } = await this.#run("vitest", [
      "run",
      ...files,
      ...(pattern === undefined ? [] : ["--testNamePattern", pattern]),
      "--bail=1",
      "--reporter=json",
      `--outputFile=${report}`,
    ]);
    if (this.#signal.aborted) return { failed: [], broken: [], ran: [] };
    if (!existsSync(report)) throw new Error(`the tests did not run:\n${output}`);
    return readReport(JSON.parse(readFileSync(report, "utf8")), this.#folder);
  }

  async #run(program, args) {
    const child = spawn(join(ROOT, "node_modules/.bin", program), args, {
      cwd: this.#folder,
      env: { ...process.env, ...this.#env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stop = () => child.kill("SIGTERM");
    this.#signal.addEventListener("abort", stop);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-8000)));
    const [code] = await once(child, "close");
    this.#signal.removeEventListener("abort", stop);
    return { code, output };
  }
}

/** Which tests ran and which of them failed, and the files that could not be loaded. */
function readReport({ testResults }, folder) {
  const ran = [];
  const failed = [];
  const broken = [];
  for (const { name: path, status, message, assertionResults } of testResults) {
    const file = path.slice(path.indexOf("test/", folder.length));
    const done = assertionResults.filter(
      ({ status }) => status === "passed" || status === "failed",
    );
    for (const { fullName, status } of done) {
      ran.push({ file, name: fullName });
      if (status === "failed") failed.push(`${file} > ${fullName}`);
    }
    if (status === "failed" && done.length === 0) broken.push(`${file}: ${message}`);
  }
  return { ran, failed, broken };
}
