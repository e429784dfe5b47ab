import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { runExecutable, succeeded } from "./run.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Installing takes dependencies from npm's cache or the registry: time for it. */
export const INSTALL_TIMEOUT_MS = 180_000;

/** Packs what `npm run build` left as `npm pack` does. Returns the path of the archive. */
export async function packInto(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = succeeded(await runExecutable("npm", args, { cwd: ROOT }));
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  return join(folder, packed!.filename);
}
