import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import { ChangedTable, changes, randomOf } from "./changes-model.ts";
import { complete, errorOf, write, writeCommand, type WriteOptions } from "./drive.ts";

const globalState = (at: number) => ({
  type: "STATE",
  state: { type: "GLOBAL", global: { shared_state: { at }, stream_states: [] } },
});

/** The rows of the final table as the model has them. */
async function rows(destination: Database): Promise<string[]> {
  const found = await destination.rows(`
    select id, name, body, note, _ab_cdc_lsn,
           to_char(_ab_cdc_updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           to_char(_ab_cdc_deleted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), _airbyte_meta
      from t`);
  return shown(found, [0, 4]);
}

async function history(destination: Database): Promise<string[]> {
  const found = await destination.rows(
    "select id, name, body, note, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from t_scd",
  );
  return shown(found, [0, 4, 5, 6]);
}

function shown(found: readonly (string | null)[][], numbers: readonly number[]): string[] {
  const valueOf = (value: string | null, at: number) =>
    numbers.includes(at) && value !== null ? Number(value) : value;
  return found.map((row) => JSON.stringify(row.map(valueOf))).sort();
}

const LIMITS = {
  "one batch": {},
  "few rows": { SYNCLINE_LIMITS: '{"commitMs":1,"commitBytes":1}' },
  "many rows": { SYNCLINE_LIMITS: '{"commitMs":1,"commitBytes":1,"lookUpRows":0.1}' },
  "tiny batches": { SYNCLINE_LIMITS: "tiny" },
};

const CASES = (["Hard delete", "Soft delete"] as const).flatMap((mode) =>
  Object.entries(LIMITS).flatMap(([limits, env]) =>
    [1, 2].map((seed) => ({ mode, limits, env, seed })),
  ),
);

it.for(CASES)(
  "gives the rows and the versions of the source, and again from the raw table: $mode, $limits, seed $seed",
  async ({ mode, env, seed }, { destination, folder }) => {
    const random = randomOf(1_000 + seed);
    const table = new ChangedTable(seed, seed === 1 ? 0 : 60);
    const options: WriteOptions = {
      config: { cdc_deletion_mode: mode, hashid: seed === 2 },
      env,
    };
    const streams = [changes()];
    for (let run = 0; run < 3; run++) {
      const lines: (string | object)[] = [];
      const from = table.transactions.length;
      for (let i = 0; i < 15; i++) table.change();
      for (const transaction of table.transactions.slice(from)) {
        lines.push(...transaction);
        if (random() < 0.7) lines.push(globalState(lines.length));
      }
      lines.push(globalState(lines.length), complete("t"));
      const written = await write(destination, folder, streams, lines, options);
      expect(errorOf(written)).toBe("");

      expect(await rows(destination)).toEqual(
        mode === "Hard delete" ? table.rows : table.markedRows,
      );
      expect(await history(destination)).toEqual(table.history);
    }

    const dump = () =>
      destination.rows(`
        select (to_jsonb(t) - '_airbyte_normalized_at')::text from t
        union all select (to_jsonb(h) - '_airbyte_normalized_at')::text from t_scd h order by 1`);
    const direct = await dump();
    const args = await writeCommand("normalize", destination, folder, streams, options);
    const normalized = await runExecutable("destination-postgres", args);
    expect(errorOf(normalized)).toBe("");
    expect(await dump()).toEqual(direct);
  },
);
