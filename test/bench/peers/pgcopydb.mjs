import { join } from "node:path";

/** https://github.com/dimitri/pgcopydb: whole databases, or those tables of it that a file names. */
export const pgcopydb = {
  name: "pgcopydb",
  landsIn: (tables) => tables,
  copiesMany: true,
  copy: async (stage, file, tables) => {
    const names = tables.map((table) => `public.${table}\n`).join("");
    const filters = await stage.file("pgcopydb.ini", `[include-only-table]\n${names}`);
    const urls = ["--source", stage.url("source"), "--target", stage.url("destination")];
    const folder = ["--dir", join(stage.folder, "pgcopydb"), "--restart"];
    const options = ["--filters", filters, "--no-owner", "--no-acl", "--drop-if-exists"];
    // In a process group of its own, all of which it ends when something goes wrong.
    return {
      file: "setsid",
      args: ["--wait", file, "clone", ...urls, ...folder, ...options],
      env: { HOME: stage.folder },
    };
  },
};
