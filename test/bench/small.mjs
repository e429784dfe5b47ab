import { measure, median } from "./measure.mjs";

const TIMES = 7;

/** Median seconds until `source-postgres spec` has answered and ended. */
export async function specSeconds(stage) {
  return medianSeconds(() => measure([stage.node("source-postgres", "spec")]));
}

/** Median seconds of a whole `syncline sync` of a table of two rows. */
export async function twoRowSyncSeconds(stage) {
  await stage.query("source", "create table two (id int primary key, name text)");
  await stage.query("source", "insert into two values (1, 'Mary X'), (2, 'John D')");
  await stage.file("syncline.yaml", {
    sources: { source: { connector: "source-postgres", config: stage.config("source") } },
    destinations: {
      destination: { connector: "destination-postgres", config: stage.config("destination") },
    },
    connections: {
      two: {
        source: "source",
        destination: "destination",
        streams: [
          {
            name: "two",
            namespace: "public",
            sync_mode: "full_refresh",
            destination_sync_mode: "append",
          },
        ],
      },
    },
  });
  return medianSeconds(() => measure([stage.node("syncline", "sync", "two")]));
}

async function medianSeconds(run) {
  const seconds = [];
  for (let time = 0; time < TIMES; time++) seconds.push((await run()).seconds);
  return median(seconds);
}
