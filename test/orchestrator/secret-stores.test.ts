import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { loadConfig } from "../../orchestrator/config/load.ts";
import { interpolate } from "../../orchestrator/config/variables.ts";
import { it } from "../support/fixtures.ts";

const ALLOWED = { SYNCLINE_ALLOW_COMMANDS: "1" };

it("takes a value from a file, without the newline at its end, as it is", async ({ folder }) => {
  const path = join(folder, "secret");
  await writeFile(path, "p$w${X}\n\n");

  expect(interpolate(`a\${file:${path}}b`, {})).toEqual({ text: "ap$w${X}\nb", changed: true });
});

it("takes a value from what a command prints, where that is allowed", () => {
  const spelled = "${command:[printf, '%s\\n', p$w]}";

  expect(interpolate(spelled, ALLOWED)).toEqual({ text: "p$w", changed: true });
  expect(interpolate(spelled, {})).toMatchObject({
    problem: "${command:…} runs programs; SYNCLINE_ALLOW_COMMANDS=1 in the environment allows it",
  });
});

it("never puts an empty text where no value was found", () => {
  expect(interpolate("${file:/no/such}", {})).toMatchObject({
    problem: "/no/such cannot be read (ENOENT)",
  });
  expect(interpolate("${file:secret}", {})).toHaveProperty("problem");
  for (const words of ["[/bin/false]", "[/no/such/program]", "printf x", "[]", "[["])
    expect(interpolate(`\${command:${words}}`, ALLOWED)).toHaveProperty("problem");
});

it("says below the key of a secret why there is none", async ({ folder }) => {
  const yaml =
    "sources: { s: { connector: source-postgres, config: { password: '${file:/no/such}' } } }";
  await writeFile(join(folder, "syncline.yaml"), `${yaml}\ndestinations: {}\nconnections: {}\n`);

  expect(() => loadConfig(join(folder, "syncline.yaml"), {})).toThrow("/no/such cannot be read");
});
