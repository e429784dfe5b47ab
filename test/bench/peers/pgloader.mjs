/** https://pgloader.io: whole databases, or those tables of it that are named. */
export const pgloader = {
  name: "pgloader",
  landsIn: (tables) => tables,
  // It could, but took 90 s for 200 small tables, on a busy machine.
  copiesMany: false,
  copy: async (stage, file, tables) => {
    const url = (where) => `${stage.url(where)}?sslmode=disable`;
    const names = tables.map((table) => `'${table}'`).join(", ");
    const load = await stage.file(
      "pgloader.load",
      `load database from ${url("source")} into ${url("destination")}
         with include drop, create tables, create indexes, reset sequences
         including only table names matching ${names} in schema 'public';`,
    );
    return { file, args: ["--root-dir", stage.folder, load], env: { HOME: stage.folder } };
  },
};
