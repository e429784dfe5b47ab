import { format } from "prettier";
import { expect, it } from "vitest";
import { CONFIG_SCHEMA } from "../../orchestrator/config/schema.ts";
import { editorSchema } from "../support/editor-schema.ts";
import { generateValidators } from "../support/generate-validators.ts";

it("keeps the precompiled check of syncline.yaml true to its schema (refresh with `vitest -u`)", async () => {
  const validators = await generateValidators({ config: CONFIG_SCHEMA });

  await expect(validators).toMatchFileSnapshot("../../orchestrator/config/schema.generated.ts");
}, 60_000);

it("keeps the schema for editors true to the one in use and to the connectors' settings", async () => {
  const text = await format(JSON.stringify(editorSchema()), { parser: "json" });

  await expect(text).toMatchFileSnapshot("../../orchestrator/syncline.schema.json");
});
