/** Whether a running service does its work: `stuck` when it has not looked for long at what is due. */
export type Health = "ok" | "draining" | "stuck";

/** The answer to a probe. It says no more: anybody may ask. */
export function healthAnswer(health: Health): {
  readonly status: 200 | 503;
  readonly text: string;
} {
  return { status: health === "ok" ? 200 : 503, text: `${health}\n` };
}
