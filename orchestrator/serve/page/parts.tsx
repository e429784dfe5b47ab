import { age, localTime } from "../../output/times.ts";
import type { FailureReport } from "../../store/jobs.ts";
import type { Inside, Markup } from "./render.ts";

/** The word for a status, with its colour. */
export function Status({ status }: { readonly status: string }): Markup {
  return <span class={`status is-${status.replaceAll(" ", "-")}`}>{status}</span>;
}

/** A moment: how long ago for the eye, exactly for whoever wants it. */
export function Moment({ at }: { readonly at: string | null | undefined }): Markup {
  if (!at) return <span class="quiet">–</span>;
  return (
    <time datetime={at} title={localTime(at)}>
      {age(at)}
    </time>
  );
}

/** A form of one button. */
export function Action(action: {
  readonly to: string;
  readonly label: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly look?: "main" | "danger";
}): Markup {
  const { to, label, fields = {}, look } = action;
  return (
    <form method="post" action={to}>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button class={look} id={`do-${to.slice(to.lastIndexOf("/") + 1)}-${fields["how"] ?? ""}`}>
        {label}
      </button>
    </form>
  );
}

/** What is wider than a small screen moves inside this, by the keyboard too. */
export function Wide({ label, children }: Inside & { readonly label: string }): Markup {
  return (
    <div class="wide-box" role="region" aria-label={label} tabindex={0}>
      {children}
    </div>
  );
}

/** What can be done about a failure depends on who has to act. */
const WAY_OUT: Readonly<Record<FailureReport["kind"], string>> = {
  config_error:
    "This stays as it is until something is changed: a setting, a grant or a table. Then sync again.",
  transient_error: "This may pass by itself. The next run goes on from what is committed.",
  system_error:
    "What is committed stays. Sync again; if it comes back, the log has what to report.",
};

type Shown = Pick<FailureReport, "code" | "kind" | "message"> & Partial<FailureReport>;

/** A failure, with its way out. */
export function FailureCard({ failure, children }: Inside & { readonly failure: Shown }): Markup {
  const { code, kind, message, hint, origin, stream } = failure;
  return (
    <div class="note bad">
      <p>
        <strong class="code">{code}</strong>
        {origin && origin !== "syncline" ? <span class="quiet">{` in the ${origin}`}</span> : null}
        {stream === undefined ? null : <span class="quiet">{`, stream ${stream}`}</span>}
      </p>
      {message.split("\n").map((line) => (
        <p>{line}</p>
      ))}
      {hint === undefined ? null : (
        <p>
          <strong>What to do: </strong>
          {hint}
        </p>
      )}
      <p class="quiet">{WAY_OUT[kind]}</p>
      {children}
    </div>
  );
}

/** Names and what they are. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, unknown])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value as Markup}</dd>
        </div>
      ))}
    </dl>
  );
}
