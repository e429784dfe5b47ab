// Whether the tests notice: one deliberate defect at a time in a copy of the tree, and the tests
// that are said to find it. Every mutant must be killed.
import { parseArgs } from "node:util";
import { MUTANTS } from "./mutants.mjs";
import { problemOf } from "./mutant.mjs";
import { openServers } from "./servers.mjs";
import { Workshop } from "./workshop.mjs";

const HELP = `npm run mutants -- [--only <part of a name>[,…]] [--jobs 1] [--list]

  --only   mutants whose name holds one of these
  --jobs   how many copies of the tree work at once
  --list   only look each place up, and say which tests are to find it
`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "1" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else process.exitCode = await main();

/** Returns the exit status. */
async function main() {
  const lost = MUTANTS.flatMap((mutant) => problemOf(mutant) ?? []);
  if (lost.length > 0) {
    process.stdout.write(`${lost.join("\n")}\n`);
    return 1;
  }
  const parts = options.only.split(",");
  const mutants = MUTANTS.filter(({ name }) => parts.some((part) => name.includes(part)));
  if (mutants.length === 0) {
    process.stdout.write(`no mutant's name holds ${options.only}; --list shows all\n`);
    return 2;
  }
  if (options.list) return list(mutants);
  return run(mutants, Number(options.jobs));
}

function list(mutants) {
  for (const { name, file, tests } of mutants)
    process.stdout.write(`${name}\n  ${file}\n${tests.map((test) => `    ${test}\n`).join("")}`);
  process.stdout.write(`${mutants.length} mutants\n`);
  return 0;
}

/** Returns the exit status: 0 when every mutant was killed. */
async function run(mutants, jobs) {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  const servers = await openServers();
  const shops = [];
  try {
    for (let n = 0; n < Math.min(jobs, mutants.length); n++)
      shops.push(await Workshop.open(servers.env, stop.signal));
    const sound = await shops[0].testUnbroken(mutants);
    if (sound !== undefined) {
      process.stdout.write(`without any defect: ${sound}\n`);
      return 1;
    }
    const survivors = await tryAll(mutants, shops, stop.signal);
    if (stop.signal.aborted) return 130;
    process.stdout.write(
      `${mutants.length - survivors} killed, ${survivors} not, of ${mutants.length} mutants\n`,
    );
    return survivors === 0 ? 0 : 1;
  } finally {
    await Promise.allSettled(shops.map((shop) => shop.close()));
    await servers.close();
  }
}

/** Tries each mutant in whichever copy is free, prints a line for each, and counts the survivors. */
async function tryAll(mutants, shops, signal) {
  const waiting = [...mutants];
  let survivors = 0;
  const work = async (shop) => {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
      const started = performance.now();
      const verdict = await shop.try(next);
      if (signal.aborted) return;
      const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(3);
      if (!verdict.isKilled) survivors++;
      process.stdout.write(
        `${verdict.isKilled ? "killed  " : "SURVIVED"} ${seconds} s  ${next.name}\n`,
      );
      process.stdout.write(`${" ".repeat(17)}${verdict.text}\n`);
    }
  };
  await Promise.all(shops.map(work));
  return survivors;
}
