import { grouped } from "../../output/table.ts";
import type { FailureReport } from "../../store/jobs.ts";
import type { RemovalFacts } from "../service.ts";
import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import { FailureCard } from "./parts.tsx";
import type { Markup } from "./render.ts";
import { placeOf } from "./words.ts";

/** What is asked before rows go. */
export interface RemovalView {
  readonly connection: string;
  readonly type: RemovalFacts["type"];
  readonly facts: RemovalFacts | Pick<FailureReport, "code" | "kind" | "message" | "hint">;
  readonly notice?: Markup;
  readonly frame: Frame;
}

const TEXT = {
  clear: {
    title: "Clear",
    says: "All rows that were synced to these tables go, and nothing is read. The next sync begins at the beginning.",
    button: "Empty these tables",
  },
  refresh: {
    title: "Refresh",
    says: "Everything is read again, from the beginning.",
    button: "Read these tables again",
  },
} as const;

/** A clear, or a refresh: which tables, with how many rows and which position, and a name to type. */
export function RemovalPage({ connection, type, facts, notice, frame }: RemovalView): Markup {
  const { title, says, button } = TEXT[type];
  const place = placeOf(connection);
  return (
    <Layout title={`${title} ${connection}`} place="connections" frame={frame}>
      <p>
        <a href={place}>{connection}</a>
      </p>
      <h1>{`${title} ${connection}`}</h1>
      {notice}
      {"code" in facts ? (
        <FailureCard failure={facts} />
      ) : (
        <form method="post" action={placeOf(connection, type)}>
          <p>{says}</p>
          <Choice facts={facts} />
          {type === "refresh" ? <RowsThere /> : null}
          <p>
            <label for="confirm">
              {"Type the name of the connection, "}
              <strong>{connection}</strong>
              {type === "refresh" ? ", if rows are to be replaced:" : ", to confirm:"}
            </label>
            <input
              id="confirm"
              name="confirm"
              required={type === "clear"}
              autocomplete="off"
              spellcheck={false}
            />
          </p>
          <p class="actions">
            <button class="danger">{button}</button>
            <a class="button" href={place}>
              Change nothing
            </a>
          </p>
        </form>
      )}
    </Layout>
  );
}

function RowsThere(): Markup {
  return (
    <fieldset>
      <legend>The rows that are there</legend>
      <label class="tick">
        <input type="radio" name="rows" value="keep" checked />
        {" stay: what is read comes beside them, or merges with them"}
      </label>
      <label class="tick">
        <input type="radio" name="rows" value="remove" />
        {" are replaced, when everything was read"}
      </label>
    </fieldset>
  );
}

/** Streams go by names that no escaping of this page alters. */
function Choice({ facts }: { readonly facts: RemovalFacts }): Markup {
  return (
    <fieldset>
      <legend>Tables</legend>
      {facts.streams.map(({ stream, table, rows, position }) => (
        <div class="choice">
          <label class="tick">
            <input type="checkbox" name="stream" value={encodeURIComponent(stream)} checked />
            <strong>{` ${table}`}</strong>
            {`, ${rowsText(rows)}`}
          </label>
          <p class="quiet">{`stream ${stream}: ${position} → at its beginning`}</p>
        </div>
      ))}
    </fieldset>
  );
}

function rowsText(rows: number | null): string {
  if (rows === null) return "an unknown number of rows";
  return rows === 0 ? "no rows" : `about ${grouped(rows)} rows`;
}
