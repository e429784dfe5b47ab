import type { Notification } from "./notification.ts";

/** Who is told: a URL, or a program of the user's and its arguments. */
export type Target = string | { readonly command: readonly string[] };

/** Who is told of what, of one connection. */
export interface Targets {
  readonly on_failure?: Target;
  readonly on_recovery?: Target;
}

export function targetFor(
  { on_failure, on_recovery }: Targets,
  event: Notification["event"],
): Target | undefined {
  return event === "failure" ? on_failure : on_recovery;
}

/** How a target is named in the log. The path and query of a URL are often the key to it: they are left out. */
export function nameOfTarget(target: Target): string {
  if (typeof target !== "string") return target.command[0] ?? "the command";
  return URL.canParse(target) ? new URL(target).origin : "the URL";
}
