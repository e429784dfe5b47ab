import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../orchestrator/config/load.ts";
import { KINDS } from "../orchestrator/config/program.ts";
import { fencedBlocks } from "./support/markdown.ts";

const page = await readFile(join(import.meta.dirname, "../docs/connectors.md"), "utf8");
const examples = fencedBlocks(page).filter(({ language }) => language === "yaml");

describe("docs/connectors.md", () => {
  it.for(examples)("has an example in line $line that loads", ({ text }) => {
    const settings = parse(text) as Record<string, unknown>;
    // Files are not there, and are not what this is about.
    const whole = text.replaceAll(/^ *config_file:.*\n/gm, "");
    const rest = ["destinations", "connections"].filter((section) => !(section in settings));
    const file = `${whole}\n${rest.map((section) => `${section}: {}\n`).join("")}`;
    const env = { SHOP_PASSWORD: "x", API_KEY: "x", REGION: "x" };

    const config = parseConfig(file, "/somewhere/syncline.yaml", env);

    expect([...config.sources.keys()]).toEqual(Object.keys(settings["sources"] as object));
  });

  it("has one of every kind", () => {
    for (const kind of KINDS) expect(page).toMatch(new RegExp(`^    ${kind}: `, "m"));
  });
});
