/** @guarantee exact-values */
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { createDatabase } from "../../support/database.ts";
import { startTestServerOfVersion } from "../../support/servers.ts";
import { complete, record, stream, write } from "./drive.ts";

const ROWS = 2_000;

const native = (type: string) => ({ type: "string", "x-postgres-type": type });

/** Types that only their own input functions judge. */
const properties = {
  id: { type: "integer", "x-postgres-type": "bigint" },
  address: native("inet"),
  code: native("character varying(6)"),
  span: native("int4range"),
  note: native("text"),
};

/** Every fourth, every seventh and every tenth value of three columns is bad. */
const rowOf = (id: number) => ({
  id,
  address: id % 4 === 0 ? "not, an\taddress\\" : `10.0.${id % 200}.1`,
  code: id % 7 === 0 ? "too long by far" : `é${id}`,
  span: id % 10 === 0 ? "[9,1)" : "[1,9)",
  note: "tab\tand \\ and\nline",
});

// PostgreSQL 15 cannot be asked about values beforehand: refused rows are mended one by one there.
it.for([15, 18])(
  "values that only the server can judge become NULL, every one and no other, on PostgreSQL %i",
  async (major, { folder }) => {
    const server = await startTestServerOfVersion(major);
    const { database, drop } = await createDatabase(server.url);
    try {
      for (const tables of ["final_only", "raw_and_final"]) {
        const run = await write(
          database,
          folder,
          [stream({ name: tables, properties })],
          [
            ...Array.from({ length: ROWS }, (_, i) => record(tables, rowOf(i + 1))),
            complete(tables),
          ],
          { config: { column_types: "native", tables } },
        );

        expect(run.exitCode).toBe(0);
        expect(
          await database.rows(
            `select count(*), count(distinct id), count(address), count(code), count(span),
                    count(*) filter (where note = E'tab\\tand \\\\ and\\nline'),
                    count(*) filter (where (address is null) <> (id % 4 = 0)
                      or (code is null) <> (id % 7 = 0) or (span is null) <> (id % 10 = 0)
                      or coalesce(jsonb_array_length(_airbyte_meta -> 'changes'), 0)
                         <> (id % 4 = 0)::int + (id % 7 = 0)::int + (id % 10 = 0)::int)
               from "${tables}"`,
          ),
        ).toEqual([[`${ROWS}`, `${ROWS}`, "1500", `${ROWS - 285}`, "1800", `${ROWS}`, "0"]]);
        expect(run.stdout).toContain("500 × NULL in place of a value: address");
      }
    } finally {
      await drop();
      await server.stop();
    }
  },
);
