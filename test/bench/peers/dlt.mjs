import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("dlt_pipeline.py", import.meta.url));

/** Also the schema of its tables. */
const NAME = "dlt";

/** https://dlthub.com: a library, so its pipeline is a script of ours; it keeps its state in a folder. */
export const dlt = {
  name: NAME,
  landsIn: (tables) => tables.map((table) => `${NAME}.${table}`),
  copiesMany: false,
  copy: async (stage, file, [table]) => run(stage, file, table, "replace"),
  merge: async (stage, file, table) => run(stage, file, table, "merge"),
  forget: (stage) => rm(folderOf(stage), { recursive: true, force: true }),
};

function run(stage, file, table, disposition) {
  const from = stage.url("source").replace("postgres:", "postgresql+psycopg2:");
  const to = stage.url("destination").replace("postgres:", "postgresql:");
  return {
    file: interpreterOf(file),
    args: [SCRIPT, from, to, NAME, table, folderOf(stage), disposition],
    env: { HOME: stage.folder, RUNTIME__DLTHUB_TELEMETRY: "false" },
  };
}

/** The Python that its command is run by has the library. */
function interpreterOf(file) {
  return /^#!(\S+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "python3";
}

const folderOf = (stage) => join(stage.folder, NAME);
