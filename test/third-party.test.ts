import { build } from "esbuild";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const EXECUTABLES = [
  "orchestrator",
  "connectors/source-postgres",
  "connectors/destination-postgres",
];

/** The folders of the packages whose code is in our executables, by name. */
async function bundledPackages(): Promise<Map<string, string>> {
  const { metafile } = await build({
    entryPoints: EXECUTABLES.map((folder) => `dist/${folder}/main.js`),
    outdir: "dist",
    bundle: true,
    write: false,
    metafile: true,
    format: "cjs",
    platform: "node",
    external: [
      "pg-native",
      "ssh2",
      "ajv",
      "ajv-formats",
      "hono",
      "@hono/node-server",
      "croner",
      "uplot",
    ],
    logLevel: "silent",
  });
  const packages = new Map<string, string>();
  for (const input of Object.keys(metafile.inputs)) {
    const [folder, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
    if (folder !== undefined) packages.set(name!, folder);
  }
  return packages;
}

function licenseOf(name: string, folder: string): string {
  const { version, license } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Record<string, string>;
  const text = textIn(folder);
  if (text === undefined) throw new Error(`${name} comes without the text of its license`);
  return `${name} ${version} (${license})\n\n${text}`;
}

/** What its own file says, else its readme. */
function textIn(folder: string): string | undefined {
  const names = readdirSync(folder);
  const read = (pattern: RegExp) => {
    const name = names.find((one) => pattern.test(one));
    return name && readFileSync(join(folder, name), "utf8").trim();
  };
  return read(/^licen[cs]e/i) ?? /^#+ licen[cs]e[^]*/im.exec(read(/^readme/i) ?? "")?.[0].trim();
}

it("the licenses of all that is in our executables are shipped (refresh with `vitest -u`)", async () => {
  const packages = [...(await bundledPackages())].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = packages.map(([name, folder]) => licenseOf(name, folder)).join(`\n\n${RULER}\n\n`);

  await expect(`${text}\n`).toMatchFileSnapshot("../docs/third-party-licenses.generated.txt");
});

const RULER = "-".repeat(80);
