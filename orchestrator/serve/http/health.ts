/** Whether a running service does its work. */
export type Health = "ok" | "draining" | "stuck";

/** Without a look at what is due for so long, something keeps it from that. */
const STUCK_MS = 10_000;

/** @param sinceLookMs since it was last looked what is due. */
export function healthOf(isDraining: boolean, sinceLookMs: number): Health {
  if (isDraining) return "draining";
  return sinceLookMs > STUCK_MS ? "stuck" : "ok";
}

/** The answer to a probe. It says no more: anybody may ask. */
export function healthAnswer(health: Health): {
  readonly status: 200 | 503;
  readonly text: string;
} {
  return { status: health === "ok" ? 200 : 503, text: `${health}\n` };
}
