import { describe, expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import {
  committedState,
  complete,
  errorOf,
  record,
  state,
  stream,
  write,
  type StreamSpec,
  type WriteOptions,
} from "./drive.ts";

/** As runners send it that do not count generations. */
const same = { generation: 1, minimum: 1 };
const append = stream({ ...same, incremental: true, cursor: "id" });
const dedup: StreamSpec = { ...append, mode: "append_dedup", key: ["id"] };
const overwrite = stream({ ...same, mode: "overwrite", resumable: true });

const shop: WriteOptions = { env: { SYNCLINE_CONNECTION_ID: "shop" } };

const lines = (...ids: number[]) => [
  ...ids.map((id) => record("demo", { id })),
  state("demo", { at: ids.at(-1) ?? 0 }),
  complete("demo"),
];

async function ids(destination: Database, table = "demo"): Promise<(string | null)[]> {
  return (await destination.rows(`select id from ${table} order by id`)).flat();
}

for (const [who, options] of [
  ["nobody's", {}],
  ["a connection's", shop],
] as const)
  describe(`${who} generation that is asked for with every sync`, () => {
    it("keeps its rows, and loses those of older ones", async ({ destination, folder }) => {
      for (const [spec, tables] of [
        [append, "raw_and_final"],
        [dedup, "final_only"],
        [append, "raw_only"],
      ] as const) {
        const config = { ...options, config: { tables } };
        const table = tables === "raw_only" ? "_airbyte_raw_demo" : "demo";
        const id = tables === "raw_only" ? "_airbyte_data->>'id'" : "id";
        const rows = async () =>
          (await destination.rows(`select ${id} from ${table} order by 1`)).flat();
        await write(destination, folder, [spec], lines(1, 2, 3), config);
        expect(errorOf(await write(destination, folder, [spec], lines(4), config))).toBe("");
        expect(await rows()).toEqual(["1", "2", "3", "4"]);

        const next = { ...spec, generation: 2, minimum: 2 };
        await write(destination, folder, [next], lines(5), config);
        await write(destination, folder, [next], lines(6), config);
        expect(await rows()).toEqual(["5", "6"]);
        await destination.exec(
          `drop table ${table}; drop table if exists _airbyte_raw_demo, demo_scd`,
        );
      }
    });

    it("keeps rows of a later one, whose counting began again, until a later one than its own comes", async ({
      destination,
      folder,
    }) => {
      for (const [spec, tables, others] of [
        [append, "raw_and_final", ["_airbyte_raw_demo"]],
        [dedup, "raw_and_final", ["_airbyte_raw_demo", "demo_scd"]],
        [append, "raw_only", []],
      ] as const) {
        const config = { ...options, config: { tables } };
        const table = tables === "raw_only" ? "_airbyte_raw_demo" : "demo";
        const rows = async () => {
          const found = await Promise.all(
            [table, ...others].map((one) =>
              destination.rows(
                `select ${one.startsWith("_airbyte_raw") ? "_airbyte_data->>'id'" : "id"} from ${one} order by 1`,
              ),
            ),
          );
          expect(found.every((one) => String(one) === String(found[0]))).toBe(true);
          return found[0]!.flat();
        };
        await write(
          destination,
          folder,
          [{ ...spec, generation: 5, minimum: 5 }],
          lines(1),
          config,
        );
        await write(
          destination,
          folder,
          [{ ...spec, generation: 5, minimum: 5 }],
          lines(2),
          config,
        );

        if (options === shop)
          expect(await committedState(destination, folder, [spec], config)).toContain('"at":2');
        const run = await write(destination, folder, [spec], lines(3), config);

        expect(errorOf(run)).toBe("");
        expect(await rows()).toEqual(["1", "2", "3"]);
        await write(destination, folder, [spec], lines(4), config);
        expect(await rows()).toEqual(["1", "2", "3", "4"]);
        await write(
          destination,
          folder,
          [{ ...spec, generation: 2, minimum: 2 }],
          lines(5),
          config,
        );
        expect(await rows()).toEqual(["5"]);
        await destination.exec(
          `drop table ${table}; drop table if exists _airbyte_raw_demo, demo_scd`,
        );
      }
    });

    it("is replaced by an overwrite whose counting began again", async ({
      destination,
      folder,
    }) => {
      await write(destination, folder, [{ ...overwrite, generation: 5 }], lines(1, 2), options);
      await write(destination, folder, [overwrite], lines(3), options);

      expect(await ids(destination)).toEqual(["3"]);
    });

    it("is replaced by each sync that overwrites", async ({ destination, folder }) => {
      for (const spec of [overwrite, { ...overwrite, resumable: false }]) {
        await write(destination, folder, [spec], lines(1, 2), options);
        await write(destination, folder, [spec], lines(1, 2, 3), options);

        expect(await ids(destination)).toEqual(["1", "2", "3"]);
      }
    });

    it("is none where rows were added under an older one", async ({ destination, folder }) => {
      const plain = { ...append, generation: 1, minimum: 0 };
      await write(destination, folder, [plain], lines(1), options);
      await write(destination, folder, [{ ...plain, generation: 2 }], lines(2), options);
      expect(await ids(destination)).toEqual(["1", "2"]);

      const refreshed = { ...append, generation: 3, minimum: 3 };
      await write(destination, folder, [refreshed], lines(3), options);
      await write(destination, folder, [{ ...refreshed, minimum: 0 }], lines(4), options);
      await write(destination, folder, [refreshed], lines(5), options);
      expect(await ids(destination)).toEqual(["3", "4", "5"]);
    });
  });

it("goes on with an overwrite that was put in place by a run which did not end, or whose state is asked for", async ({
  destination,
  folder,
}) => {
  const other = stream({ name: "other", incremental: true, cursor: "id" });
  const run = await write(destination, folder, [overwrite, other], lines(1, 2), shop);
  expect(errorOf(run)).toContain("other");
  expect(await ids(destination)).toEqual(["1", "2"]);

  await write(destination, folder, [overwrite], lines(3), shop);
  expect(await ids(destination)).toEqual(["1", "2", "3"]);

  expect(await committedState(destination, folder, [overwrite], shop)).toContain('"at":3');
  await write(destination, folder, [overwrite], [complete("demo")], shop);
  expect(await ids(destination)).toEqual(["1", "2", "3"]);

  await write(destination, folder, [overwrite], lines(4), shop);
  expect(await ids(destination)).toEqual(["4"]);
});

it("keeps the generation of a table that is rebuilt, or made again after it was emptied", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1, 2));
  await destination.exec("drop table demo");
  await write(destination, folder, [append], lines(3));
  expect(await ids(destination)).toEqual(["1", "2", "3"]);
  await write(destination, folder, [append], lines(4));
  expect(await ids(destination)).toEqual(["1", "2", "3", "4"]);

  await destination.exec("truncate demo, _airbyte_raw_demo");
  await write(destination, folder, [append], lines(1));
  await write(destination, folder, [append], lines(2));
  expect(await ids(destination)).toEqual(["1", "2"]);
});
