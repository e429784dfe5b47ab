import { join } from "node:path";
import { jsonFile } from "./catalogs.ts";
import { commandOf } from "./run.ts";

const SHIM = join(import.meta.dirname, "../fixtures/faults/shim.mjs");

/** What test/fixtures/faults/shim.mjs does to a connector, and when. */
export interface Rule {
  readonly on: "stdin" | "stdout";
  /** The n-th STATE line, or the first one of a stream. */
  readonly state: number | string;
  readonly when: "before" | "after";
  readonly act: "die" | "kill-parent" | "wait" | "tell";
  /** For `wait` and `tell`: a name in the folder. */
  readonly file?: string;
}

/** In the folder of `shimmed`: exists once a rule has killed something, and all rules are over. */
export const STRUCK = "struck";

/** In the same folder: a connector whose rules are over may read or write when it exists. */
export const MAY_GO_ON = "may-go-on";

export interface ShimOptions {
  /** Whether a later run of the connector waits for the file `MAY_GO_ON`. */
  readonly waitsAfterwards?: boolean;
}

/** A command line that runs one of our connectors by the given rules. */
export async function shimmed(
  folder: string,
  connector: "source-postgres" | "destination-postgres",
  rules: readonly Rule[],
  { waitsAfterwards = false }: ShimOptions = {},
): Promise<string[]> {
  const plan = await jsonFile(folder, `${connector}.plan.json`, {
    bin: commandOf(connector)[1],
    done: join(folder, STRUCK),
    rules: rules.map((rule) =>
      rule.file === undefined ? rule : { ...rule, file: join(folder, rule.file) },
    ),
    ...(waitsAfterwards && { goOn: join(folder, MAY_GO_ON) }),
  });
  return [process.execPath, SHIM, plan];
}
