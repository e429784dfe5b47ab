/** https://github.com/bruin-data/ingestr: keeps nothing, and asks the destination's table what is new. */
export const ingestr = {
  name: "ingestr",
  landsIn: (tables) => tables,
  copiesMany: false,
  copy: async (stage, file, [table]) => run(stage, file, table, ["--full-refresh"]),
  merge: async (stage, file, table) =>
    run(
      stage,
      file,
      table,
      "--incremental-strategy merge --incremental-key updated_at --primary-key id".split(" "),
    ),
};

function run(stage, file, table, mode) {
  const url = (where) => stage.url(where).replace("postgres:", "postgresql:");
  const from = ["--source-uri", url("source"), "--source-table", `public.${table}`];
  const to = ["--dest-uri", url("destination"), "--dest-table", `public.${table}`];
  const env = { HOME: stage.folder, DISABLE_TELEMETRY: "true" };
  return { file, args: ["ingest", "--yes", ...from, ...to, ...mode], env };
}
