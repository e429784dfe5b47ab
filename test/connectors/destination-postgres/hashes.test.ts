import { expect } from "vitest";
import { hashOf } from "../../../connectors/destination-postgres/plan/hashes.ts";
import { withSession } from "../../../connectors/postgres/session.ts";
import { it } from "../../support/fixtures.ts";

const VALUES = ["1", "'a-b'::varchar", "null::date", "true", "''", "'{\"a\": 1}'::jsonb", "1.50"];

it("hashes the values as text, NULL as nothing, joined by a dash, however many they are", async ({
  destination,
}) => {
  await withSession(destination.config, { applicationName: "test" }, async (session) => {
    for (let count = 1; count <= VALUES.length; count++) {
      const values = VALUES.slice(0, count);
      const texts = values.map((value) => `coalesce(${value}::text, '')`).join(", ");
      const text = `select ${hashOf(values)} as hash, md5(array_to_string(array[${texts}], '-')) as wanted`;
      const { hash, wanted } = await session.queryRow("hash", { text, values: [] });
      expect(hash).toBe(wanted);
    }
  });
});
