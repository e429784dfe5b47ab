import { expect, it } from "vitest";
import { destinationSpec } from "../../connectors/destination-postgres/spec.ts";
import { specification as sourceSpec } from "../../connectors/source-postgres/spec.ts";
import { generateValidators } from "../support/generate-validators.ts";

it.each([
  ["source-postgres", sourceSpec],
  ["destination-postgres", destinationSpec],
])(
  "keeps the precompiled config check of %s true to its spec (refresh with `vitest -u`)",
  async (connector, spec) => {
    const code = await generateValidators({ isConfig: spec.connectionSpecification });

    await expect(code).toMatchFileSnapshot(`../../connectors/${connector}/is-config.generated.ts`);
  },
  60_000,
);
