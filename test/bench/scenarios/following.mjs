import { followed } from "../followed-tables.mjs";
import { figuresOf } from "../figures.mjs";
import { measure } from "../measure.mjs";
import { sync, writeProject } from "./scenario.mjs";

const MODES = ["append", "append_dedup"];
const RATES = [100, 1_000];

/** Seconds of writing at each rate; changes of the first few are not looked at. */
const SECONDS = 20;
const WARM_UP_SECONDS = 5;

/** Seconds from a commit at the source to the destination's, of changes in the middle and of the latest ones. */
const LIMITS = { median: 0.5, late: 1.5 };

/** How long after its commit at the source a change is committed at the destination, while a sync follows. */
export const following = {
  name: "following changes",

  async run(stage) {
    const tables = await followed(stage, 3_000);
    const connection = (mode) => ({
      streams: tables.streams(mode),
      prefix: `${mode}_`,
      source: tables.source(`bench_${mode}`),
      destination: { history: false },
    });
    await writeProject(stage, Object.fromEntries(MODES.map((mode) => [mode, connection(mode)])));
    const results = new Map();
    const aims = [];
    try {
      for (const mode of MODES) {
        await sync(stage, mode);
        for (const rate of RATES) {
          const name = `${mode}, ${rate.toLocaleString("en")} transactions/s`;
          const { measurement, delays } = await follow(stage, tables, mode, rate);
          const { median, late, least, most } = delays;
          const figures = figuresOf([measurement]);
          results.set(name, { ...figures, seconds: median, fastest: least, slowest: most });
          aims.push(
            { aim: `delay, median: ${name}`, measured: median, limit: LIMITS.median, unit: "s" },
            { aim: `delay, 99 %: ${name}`, measured: late, limit: LIMITS.late, unit: "s" },
          );
        }
      }
    } finally {
      await tables.close(MODES.map((mode) => `bench_${mode}`));
    }
    return { results, aims };
  },
};

/** Writes at a steady pace beside a sync that follows. */
async function follow(stage, tables, mode, rate) {
  const first = tables.next;
  const beside = async (pid) => {
    try {
      await tables.insertSteadily(rate, SECONDS);
      await tables.untilArrived(`${mode}_`);
    } finally {
      process.kill(pid, "SIGINT");
    }
  };
  const measurement = await measure([stage.node("syncline", "sync", mode, "--follow")], { beside });
  return {
    measurement,
    delays: await tables.delays(`${mode}_`, first + rate * WARM_UP_SECONDS),
  };
}
