import { isDeepStrictEqual } from "node:util";

/** Whether two JSON texts mean the same. For comparing only: nothing parsed here is ever stored. */
export function sameJson(a: Buffer, b: Buffer): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(a.toString("utf8")), JSON.parse(b.toString("utf8")));
  } catch {
    return false;
  }
}
