import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { withEnvFile } from "../../orchestrator/config/env-file.ts";
import { addToEnvFile } from "../../orchestrator/setup/add-to-env-file.ts";
import { it } from "../support/fixtures.ts";

describe("a password that is added to .env", () => {
  it.for([
    "plain",
    "it's",
    'say "hi"',
    "a#b c",
    "back\\nslash",
    "$HOME ${X}",
    "`tick`",
    "a=b",
    " edge ",
  ])("is read back as it was: %j", (value, { folder }) => {
    const config = join(folder, "syncline.yaml");
    writeFileSync(join(folder, ".env"), "OTHER=1");
    const undo = addToEnvFile(config, { SHOP_PASSWORD: value });
    expect(withEnvFile(config, {})).toEqual({ OTHER: "1", SHOP_PASSWORD: value });
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
    undo();
    expect(readFileSync(join(folder, ".env"), "utf8")).toBe("OTHER=1");
  });

  it("is refused, without being repeated, where such a file cannot hold it", ({ folder }) => {
    const config = join(folder, "syncline.yaml");
    const add = () => addToEnvFile(config, { P: "'\"`Canary" });
    expect(add).toThrow("the password has all kinds of quotes");
    expect(add).not.toThrow("Canary");
  });
});
