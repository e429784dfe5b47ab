import { FAILURES, type FailureCode } from "../../../protocol/errors.ts";
import { FailureCard } from "./parts.tsx";
import type { Markup } from "./render.ts";

/** What a form did, by the code that its address brings. */
const DONE: Readonly<Record<string, string>> = {
  stopping: "It is being stopped. What is committed stays, and the next run goes on from there.",
  idle: "Nothing was running.",
  paused: "Paused: it runs by itself no more until it is resumed. Sync now still works.",
  resumed: "Resumed: it runs by its schedule again.",
  acknowledged: "Seen: these streams are warned of no more.",
  created: "The connection was created.",
};

/** What refused a form, where it is no failure of ours. */
const REFUSED: Readonly<Record<string, string>> = {
  gone: "There is no connection of that name, or not any more.",
  confirmation: "Nothing was changed: the name typed is not the connection's.",
  streams: "Nothing was changed: no stream was chosen.",
  expired: "What was entered is kept for half an hour and is gone. Please begin again.",
  wrong_token: "That is not the token.",
  too_many: "Too many attempts. Wait a moment, then try again.",
};

const PLAIN: Partial<Record<FailureCode, string>> = {
  "sync.locked": "a run of this connection is under way; wait for its end, or cancel it",
};

interface Known {
  readonly code: FailureCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What came of the form before this page. Codes that nobody knows show nothing. */
export function Notice({
  done,
  failed,
  failure,
}: {
  readonly done: string | undefined;
  readonly failed: string | undefined;
  /** What is known of the failure of that code. */
  readonly failure?: Known | undefined;
}): Markup {
  if (done !== undefined && Object.hasOwn(DONE, done))
    return (
      <p class="note good" role="status">
        {DONE[done]}
      </p>
    );
  if (failed === undefined) return <></>;
  if (Object.hasOwn(REFUSED, failed))
    return (
      <p class="note bad" role="alert">
        {REFUSED[failed]}
      </p>
    );
  if (!Object.hasOwn(FAILURES, failed)) return <></>;
  const code = failed as FailureCode;
  const message = PLAIN[code] ?? failure?.message ?? "it was refused; the log of serve says more";
  const hint = failure?.hint === undefined ? {} : { hint: failure.hint };
  return (
    <div role="alert">
      <FailureCard failure={{ code, kind: FAILURES[code], message, ...hint }} />
    </div>
  );
}
