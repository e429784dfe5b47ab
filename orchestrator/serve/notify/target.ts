import type { Notify, NotifyTarget } from "../../config/config.ts";
import type { Notification } from "./notification.ts";

export function targetFor(
  { onFailure, onRecovery }: Notify,
  event: Notification["event"],
): NotifyTarget | undefined {
  return event === "failure" ? onFailure : onRecovery;
}

/** How a target is named in the log. The path and query of a URL are often the key to it: they are left out. */
export function nameOfTarget(target: NotifyTarget): string {
  if ("command" in target) return target.command[0] ?? "the command";
  return URL.canParse(target.url) ? new URL(target.url).origin : "the URL";
}
