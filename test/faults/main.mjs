// Every fault that was thought of, what is expected then, and what its tests see.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { patternOf, problemsOf, readFaults } from "./catalogue.mjs";

const ROOT = join(import.meta.dirname, "../..");

const HELP = `npm run faults -- [--only <part of a line>[,…]] [--list]

  --only   faults whose section or first line holds one of these: "A1 ", "disk"
  --list   run nothing, only look up that every test is there
`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else process.exitCode = await main();

/** Returns the exit status: 0 when every fault's tests are there, and none failed. */
async function main() {
  const all = readFaults();
  const problems = problemsOf(all);
  if (problems.length > 0) {
    process.stdout.write(`${problems.join("\n")}\n`);
    return 1;
  }
  const parts = options.only.split(",");
  const faults = all.filter(({ section, fault }) =>
    parts.some((part) => `${section} ${fault} `.includes(part)),
  );
  const results = options.list ? undefined : await run(faults.flatMap(({ ties }) => ties));
  return print(faults, results);
}

/**
 * Runs the tests that ties name, and no other.
 * @returns {Promise<{ file: string; name: string; status: string }[]>}
 */
async function run(ties) {
  if (ties.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), "syncline-faults-"));
  const report = join(folder, "report.json");
  try {
    const files = [...new Set(ties.map(({ file }) => file))];
    const names = [...new Set(ties.map((tie) => patternOf(tie, " ").source))].join("|");
    const vitest = ["vitest", "run", ...files, "-t", names];
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const running = spawn("npx", [...vitest, ...reporters], {
      cwd: ROOT,
      stdio: ["ignore", process.stderr, process.stderr],
    });
    await new Promise((resolve) => running.once("close", resolve));
    return JSON.parse(readFileSync(report, "utf8")).testResults.flatMap((file) =>
      file.assertionResults.map(({ ancestorTitles, title, status }) => ({
        file: relative(ROOT, file.name),
        name: [...ancestorTitles, title].join(" > "),
        status,
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the table and, below it, the numbers. Returns the exit status. */
function print(faults, results) {
  const counts = { shown: 0, impossible: 0, "not shown": 0, failed: 0 };
  let section;
  for (const fault of faults) {
    if (fault.section !== section) {
      section = fault.section;
      write(`\n## ${section}\n`);
      writeRow("fault", "expected", "seen", "test");
      writeRow("---", "---", "---", "---");
    }
    const { kind, text } = seen(fault, results);
    counts[kind]++;
    const tests = fault.ties
      .map(({ file, name }) => `${file} > ${name.replaceAll(/[{}]/g, "")}`)
      .join("<br>");
    writeRow(fault.fault, fault.expected, text, tests);
  }
  const numbers = Object.entries(counts).filter(([kind, count]) => kind !== "failed" || count > 0);
  const text = numbers.map(([kind, count]) => `${count} ${kind}`).join(", ");
  write(`\n${faults.length} faults: ${text}, on ${commit()}`);
  return counts.failed > 0 ? 1 : 0;
}

/** What became of a fault: of its tests where `results` has them, or why it has none. */
function seen(fault, results) {
  const rest = fault.not_shown ? `not shown: ${fault.not_shown}` : "";
  if (fault.impossible) return { kind: "impossible", text: `cannot happen: ${fault.impossible}` };
  if (fault.ties.length === 0) return { kind: "not shown", text: rest };
  const and = rest && `; ${rest}`;
  if (results === undefined) return { kind: "shown", text: `not run${and}` };
  const outcomes = fault.ties.map((tie) => outcomeOf(tie, results));
  const bad = outcomes.filter(({ passed, failed }) => passed === undefined || failed > 0);
  if (bad.length > 0)
    return { kind: "failed", text: `FAILED: ${bad.map(({ name }) => name).join("; ")}${and}` };
  const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped on this machine` : "";
  if (sum("passed") === 0) return { kind: "not shown", text: `skipped on this machine${and}` };
  return { kind: "shown", text: `${sum("passed")} passed${skipped}${and}` };
}

/** How many tests of a tie passed, failed and were skipped; no numbers when there is none. */
function outcomeOf(tie, results) {
  const pattern = patternOf(tie);
  const tests = results.filter(({ file, name }) => file === tie.file && pattern.test(name));
  if (tests.length === 0) return { name: `no test "${tie.name}"` };
  const count = (...statuses) => tests.filter(({ status }) => statuses.includes(status)).length;
  return {
    name: tie.name,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped", "pending", "todo"),
  };
}

function writeRow(...cells) {
  write(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
}

function write(line) {
  process.stdout.write(`${line}\n`);
}

/** The commit the tree is at, for whoever keeps the table. */
function commit() {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: ROOT,
      encoding: "utf8",
    }).trim();
  } catch {
    return "no commit";
  }
}
