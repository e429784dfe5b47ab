import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageFolder } from "../../connector/launch.ts";

/** A file that pages load. */
export interface Asset {
  /** Changes with its content, so that a browser may keep it for ever. */
  readonly address: string;
  readonly type: string;
  readonly content: string;
}

const OWN = join(packageFolder(), "orchestrator/serve/page/assets");
const UPLOT = join(
  dirname(createRequire(join(packageFolder(), "package.json")).resolve("uplot/package.json")),
  "dist",
);

/** All of them: ours, and the charts' from their package. */
export const ASSETS = {
  style: asset("style.css", OWN, "style.css"),
  script: asset("page.js", OWN, "page.js"),
  charts: asset("uplot.js", UPLOT, "uPlot.iife.min.js"),
  chartStyle: asset("uplot.css", UPLOT, "uPlot.min.css"),
} as const;

const BY_NAME: ReadonlyMap<string, Asset> = new Map(
  Object.values(ASSETS).map((one) => [nameIn(one.address), one]),
);

/** The asset of an address's last part; undefined: there is none. Looked up, never read by that name. */
export function assetOf(name: string): Asset | undefined {
  return BY_NAME.get(name);
}

function nameIn(address: string): string {
  return address.slice(address.lastIndexOf("/") + 1);
}

function asset(name: string, folder: string, file: string): Asset {
  const content = readFileSync(join(folder, file), "utf8");
  const [stem, extension] = name.split(".") as [string, string];
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return {
    address: `/assets/${stem}-${hash}.${extension}`,
    type: extension === "css" ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
    content,
  };
}
