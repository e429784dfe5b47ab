import { STREAM, type Command } from "./command.ts";
import type { CopyOptions } from "./copy-tables.ts";

export const copy: Command<CopyOptions> = {
  name: "copy",
  arguments: "<source-url> <destination-url>",
  description: "copy tables from one PostgreSQL database to another, without a file",
  options: [
    {
      ...STREAM,
      description: "only this table, by name or schema.name; * matches; may be repeated",
    },
    {
      flags: "--mode <mode>",
      description:
        "replace: whole tables, replacing the last copy; snapshot: whole tables, beside the last copies; append: what changed, as further rows; merge: what changed, in the place of older rows",
      default: "replace",
    },
    {
      flags: "--cursor <column>",
      description: "append, merge: the column that grows with every change",
    },
    {
      flags: "--key <column>",
      description: "merge: the column that identifies a row; may be given several times",
      isRepeatable: true,
    },
    {
      flags: "--save [file]",
      description: "write the syncline.yaml it amounts to, passwords as ${…}",
    },
  ],
  note: `Passwords: a URL is seen by everybody on this machine (ps) and kept in the
shell's history; one from a variable ($SHOP_URL) is still seen. Leave the
password out of it and give it in PGPASSWORD (one for both ends), ~/.pgpass or
a service file; on a terminal it is asked for where the server wants one.`,
  examples: [
    "syncline copy postgres://me@shop.example/shop postgres://me@localhost/copies",
    "syncline copy $SHOP_URL $WAREHOUSE_URL --stream orders --mode merge",
    "syncline copy service=shop service=warehouse --mode append --cursor id --save",
  ],
  run: async (invocation, args, options) =>
    (await import("./copy-tables.ts")).copyTables(invocation, args, options),
};
