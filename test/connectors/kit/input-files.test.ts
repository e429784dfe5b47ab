import { execa } from "execa";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { parseInputFile, readInputFile } from "../../../connectors/kit/input-files.ts";
import { it } from "../../support/fixtures.ts";

const file = (path: string, maxBytes = 1000) => ({ option: "--config", path, maxBytes });

describe("a file named on the command line", () => {
  it("is read whole, without a byte order mark", async ({ folder }) => {
    const path = join(folder, "f");
    await writeFile(path, Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]));

    expect((await readInputFile(file(path))).toString()).toBe("{}");
  });

  it("may be a pipe, read to its end", async ({ folder }) => {
    const path = join(folder, "pipe");
    await execa("mkfifo", [path]);
    const reading = readInputFile(file(path));
    await Promise.all([
      execa("sh", ["-c", `printf '{"a":' > ${path}; sleep 0`]),
      reading.catch(() => {}),
    ]);

    expect((await reading).toString()).toBe('{"a":');
  });

  it("is refused by option, path and reason when it cannot be used", async ({ folder }) => {
    const path = (name: string) => join(folder, name);
    await mkdir(path("folder"));
    await writeFile(path("empty"), "");
    await writeFile(path("blank"), " \n\t\n");
    await writeFile(path("utf16"), Buffer.from("\ufeff{}", "utf16le"));
    await writeFile(path("latin1"), Buffer.from([0x22, 0xe9, 0x22]));
    await writeFile(path("huge"), "x".repeat(1001));
    for (const [name, reason] of [
      ["missing", "does not exist"],
      ["folder", "is a folder"],
      ["empty", "is empty"],
      ["blank", "is empty"],
      ["utf16", "is UTF-16"],
      ["latin1", "is not UTF-8"],
      ["huge", "is larger than"],
      ["empty/child", "does not exist"],
    ] as const)
      await expect(readInputFile(file(path(name)))).rejects.toMatchObject({
        code: "config.unreadable",
        kind: "config_error",
        message: expect.stringMatching(`--config .*${name}.* ${reason}`) as string,
      });
  });

  it("stops at the limit also when its size is not known before", async () => {
    await expect(readInputFile(file("/dev/zero"))).rejects.toMatchObject({
      message: expect.stringContaining("is larger than") as string,
    });
  });

  it("that is not JSON is told by its place, never by its content", async ({ folder }) => {
    const path = join(folder, "f");
    for (const text of ['{"password": "canary",\n "x": canary}', "canary", '{"a": "canary']) {
      await writeFile(path, text);
      const bytes = await readInputFile(file(path));

      expect(() => parseInputFile(file(path), bytes)).toThrow(/--config/);
      expect(() => parseInputFile(file(path), bytes)).not.toThrow(/canary/);
    }
  });
});
