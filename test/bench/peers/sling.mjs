/** https://slingdata.io: keeps nothing, and asks the destination's table what is new. */
export const sling = {
  name: "sling",
  landsIn: (tables) => tables,
  // It could, one by one: for 200 small tables that takes too long for rounds.
  copiesMany: false,
  copy: async (stage, file, [table]) => run(stage, file, table, ["--mode", "full-refresh"]),
  merge: async (stage, file, table) =>
    run(
      stage,
      file,
      table,
      "--mode incremental --primary-key id --update-key updated_at".split(" "),
    ),
};

function run(stage, file, table, mode) {
  const url = (where) => `${stage.url(where)}?sslmode=disable`;
  const from = ["--src-conn", url("source"), "--src-stream", `public.${table}`];
  const to = ["--tgt-conn", url("destination"), "--tgt-object", `public.${table}`];
  const env = { HOME: stage.folder, SLING_DISABLE_TELEMETRY: "TRUE" };
  return { file, args: ["run", ...from, ...to, ...mode], env };
}
