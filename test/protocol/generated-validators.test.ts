import { expect, it } from "vitest";
import { catalogSchema, configuredCatalogSchema } from "../../protocol/schemas/catalog.ts";
import { PAYLOAD_KEYS } from "../../protocol/messages.ts";
import { messageSchemas } from "../../protocol/schemas/messages.ts";
import { generateValidators } from "../support/generate-validators.ts";

it("keeps the precompiled validators true to the schemas (refresh them with `vitest -u`)", async () => {
  const messages = await generateValidators(messageSchemas(PAYLOAD_KEYS));
  const catalogs = await generateValidators({
    catalog: catalogSchema,
    configuredCatalog: configuredCatalogSchema,
  });

  await expect(messages).toMatchFileSnapshot("../../protocol/validators/messages.generated.ts");
  await expect(catalogs).toMatchFileSnapshot("../../protocol/validators/catalogs.generated.ts");
}, 60_000);
