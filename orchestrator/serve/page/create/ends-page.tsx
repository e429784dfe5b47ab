import type { Failure } from "../../../../protocol/errors.ts";
import type { Frame } from "../frame.ts";
import { Layout } from "../layout.tsx";
import { FailureCard } from "../parts.tsx";
import type { Markup } from "../render.ts";
import type { Draft } from "./drafts.ts";
import { shownEnd } from "./shown-end.ts";

/** The first step: two databases. */
export function EndsPage({
  draft,
  notice,
  frame,
}: {
  /** What was tried before and could not be used. */
  readonly draft?: Draft | undefined;
  readonly notice?: Markup;
  readonly frame: Frame;
}): Markup {
  const { ends, failure } = draft ?? {};
  return (
    <Layout title="New connection" place="new" frame={frame}>
      <h1>New connection</h1>
      <ol class="steps" aria-label="Steps">
        <li aria-current="step">Two databases</li>
        <li>Tables and schedule</li>
        <li>First sync</li>
      </ol>
      {notice}
      {failure ? <Refused failure={failure} /> : null}
      <form method="post" action="/new" class="narrow">
        <End end="source" label="From" address={ends?.source} />
        <End end="destination" label="To" address={ends?.destination} />
        <p class="quiet" id="ends-help">
          Both are tried, and nothing is written yet. Passwords go into a file that only this user
          can read, and are never shown.
        </p>
        <button class="main">Try both and list the tables</button>
      </form>
    </Layout>
  );
}

function End({
  end,
  label,
  address,
}: {
  readonly end: "source" | "destination";
  readonly label: string;
  readonly address: string | undefined;
}): Markup {
  return (
    <p>
      <label for={end}>{`${label}: the ${end}`}</label>
      <input
        id={end}
        name={end}
        required
        autocomplete="off"
        spellcheck={false}
        placeholder="postgres://user:password@host:5432/database"
        value={address === undefined ? undefined : shownEnd(address)}
        aria-describedby="ends-help"
      />
    </p>
  );
}

function Refused({ failure }: { readonly failure: Failure }): Markup {
  const { code, kind, message, hint, origin } = failure;
  return (
    <div role="alert">
      <FailureCard
        failure={{
          code,
          kind,
          message,
          ...(hint !== undefined && { hint }),
          ...(origin !== undefined && { origin }),
        }}
      >
        <p>Passwords are not shown again: give them once more in the addresses below.</p>
      </FailureCard>
    </div>
  );
}
