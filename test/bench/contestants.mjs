import { measure, oneAfterTheOther } from "./measure.mjs";
import { COPIED_TABLE, NORMALIZE, RAW_TABLE, TABLE } from "./table.mjs";

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {() => Promise<import("./measure.mjs").Measurement>} run copies the table once
 * @property {string} [copy] the destination table that must hold every row afterwards
 */

/**
 * Every way of copying the table that is compared.
 *
 * @param {import("./stage.mjs").Stage} stage
 * @returns {Promise<Contestant[]>}
 */
export async function contestants(stage) {
  const sourceConfig = await stage.file("source.json", stage.config("source"));
  const catalog = await stage.file("catalog.json", await configuredCatalog(stage, sourceConfig));
  const source = stage.node(
    "source-postgres",
    "read",
    "--config",
    sourceConfig,
    "--catalog",
    catalog,
  );
  const destination = async (tables) => {
    const config = await stage.file(`${tables}.json`, { ...stage.config("destination"), tables });
    return stage.node("destination-postgres", "write", "--config", config, "--catalog", catalog);
  };
  await stage.file("syncline.yaml", projectConfig(stage));
  const ours = async (tables) => {
    const writer = await destination(tables);
    return [
      {
        name: `shell pipe, ${tables}`,
        run: () => measure([source, writer]),
        copy: TABLE,
      },
      {
        name: `orchestrator, ${tables}`,
        run: () => measure([stage.node("syncline", "sync", tables)]),
        copy: TABLE,
      },
    ];
  };
  return [
    { name: "source alone", run: () => measure([source]) },
    { name: "COPY | COPY", run: () => copyPipe(stage), copy: "copied" },
    ...(await ours("final_only")),
    { name: "COPY json, then CTAS", run: () => copyThenNormalize(stage), copy: "normalized" },
    ...(await ours("raw_and_final")),
  ];
}

async function copyPipe(stage) {
  await stage.query("destination", COPIED_TABLE);
  return measure([
    stage.sql("source", `copy ${TABLE} to stdout`),
    stage.sql("destination", "copy copied from stdin"),
  ]);
}

async function copyThenNormalize(stage) {
  await stage.query("destination", RAW_TABLE);
  const load = await measure([
    stage.sql("source", `copy (select row_to_json(t) from ${TABLE} t) to stdout`),
    stage.sql("destination", "copy raw (_airbyte_data) from stdin"),
  ]);
  const normalize = await measure([stage.sql("destination", NORMALIZE)]);
  return oneAfterTheOther(load, normalize);
}

/** The catalog that `discover` announces, with the table appended to. */
async function configuredCatalog(stage, sourceConfig) {
  const { file, args } = stage.node("source-postgres", "discover", "--config", sourceConfig);
  const { execFileSync } = await import("node:child_process");
  const lines = execFileSync(file, args, { encoding: "utf8", maxBuffer: 1e9 }).split("\n");
  const catalog = lines
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .find((message) => message.type === "CATALOG").catalog;
  const stream = catalog.streams.find((candidate) => candidate.name === TABLE);
  return {
    streams: [{ stream, sync_mode: "full_refresh", destination_sync_mode: "append" }],
  };
}

function projectConfig(stage) {
  const stream = {
    name: TABLE,
    namespace: "public",
    sync_mode: "full_refresh",
    destination_sync_mode: "append",
  };
  const modes = ["final_only", "raw_and_final"];
  const each = (make) => Object.fromEntries(modes.map((mode) => [mode, make(mode)]));
  return {
    sources: { source: { connector: "source-postgres", config: stage.config("source") } },
    destinations: each((tables) => ({
      connector: "destination-postgres",
      config: { ...stage.config("destination"), tables },
    })),
    connections: each((destination) => ({ source: "source", destination, streams: [stream] })),
  };
}
