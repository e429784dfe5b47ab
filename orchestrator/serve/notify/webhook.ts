import type { Notification } from "./notification.ts";

/** How a try went. */
export type Outcome =
  | { readonly isDelivered: true }
  | {
      readonly isDelivered: false;
      readonly why: string;
      /** Whether another try may go better. */
      readonly mayPass: boolean;
    };

/** Answers that ask for another try although they blame the sender. */
const ASKS_AGAIN = new Set([408, 425, 429]);

/**
 * Sends a notification as JSON by POST, once. Any answer of 2xx is success. A redirection is not followed:
 * it would take what is said to another place than the one that was named.
 *
 * @param url may have a user and a password, which are sent as basic authentication.
 * @param cut ends it early.
 */
export async function postNotification(
  url: string,
  notification: Notification,
  answerMs: number,
  cut: AbortSignal,
): Promise<Outcome> {
  try {
    const { target, authorization } = splitLogin(url);
    const answer = await fetch(target, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "user-agent": "syncline",
        ...(authorization !== undefined && { authorization }),
      },
      body: JSON.stringify(notification),
      signal: AbortSignal.any([AbortSignal.timeout(answerMs), cut]),
    });
    await answer.body?.cancel();
    return judged(answer.status);
  } catch (error) {
    return { isDelivered: false, why: reasonOf(error, answerMs), mayPass: true };
  }
}

/** `fetch` refuses URLs with a login in them. */
function splitLogin(url: string): { target: URL; authorization: string | undefined } {
  const target = new URL(url);
  const { username, password } = target;
  target.username = "";
  target.password = "";
  if (username === "" && password === "") return { target, authorization: undefined };
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { target, authorization: `Basic ${Buffer.from(login).toString("base64")}` };
}

function judged(status: number): Outcome {
  if (status >= 200 && status < 300) return { isDelivered: true };
  if (status >= 300 && status < 400)
    return {
      isDelivered: false,
      why: `it answered ${status}, a redirection, which is not followed: name the place it leads to`,
      mayPass: false,
    };
  return {
    isDelivered: false,
    why: `it answered ${status}`,
    mayPass: status >= 500 || ASKS_AGAIN.has(status),
  };
}

/** What `fetch` throws says next to nothing; its cause is the system's error. Neither may quote the URL. */
function reasonOf(error: unknown, answerMs: number): string {
  if ((error as Error).name === "TimeoutError") return `no answer within ${answerMs / 1000} s`;
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? `it cannot be reached (${code})` : "it cannot be reached";
}
