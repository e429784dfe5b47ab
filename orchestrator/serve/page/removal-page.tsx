import { grouped } from "../../output/table.ts";
import type { FailureReport } from "../../store/jobs.ts";
import type { RemovalFacts } from "../service.ts";
import { Layout } from "./layout.tsx";
import { FailureCard, Wide } from "./parts.tsx";
import type { Inside, Markup } from "./render.ts";
import { placeOf } from "./words.ts";

/** What is asked before rows go. */
export interface RemovalView {
  readonly connection: string;
  readonly type: RemovalFacts["type"];
  readonly facts: RemovalFacts | Pick<FailureReport, "code" | "kind" | "message" | "hint">;
  readonly notice?: Markup;
  readonly problem: string | null;
}

const TEXT = {
  clear: {
    title: "Clear",
    says: "All rows that were synced to these tables go, and nothing is read. The next sync begins at the beginning.",
    button: "Empty these tables",
  },
  refresh: {
    title: "Refresh",
    says: "Everything is read again, and then replaces the rows that are there.",
    button: "Replace the rows of these tables",
  },
} as const;

/** A clear, or a refresh: which tables, with how many rows and which position, and a name to type. */
export function RemovalPage({ connection, type, facts, notice, problem }: RemovalView): Markup {
  const { title, says, button } = TEXT[type];
  const streams = "streams" in facts ? facts : undefined;
  return (
    <Layout title={`${title} ${connection}`} place="connections" problem={problem}>
      <p>
        <a href={placeOf(connection)}>{connection}</a>
      </p>
      <h1>{`${title} ${connection}`}</h1>
      {notice}
      {"code" in facts ? <FailureCard failure={facts} /> : null}
      {type === "refresh" && streams ? (
        <form method="post" action={placeOf(connection, "refresh")}>
          <h2>Keep the rows that are there</h2>
          <p>Everything is read again, and comes beside or merges with the rows that are there.</p>
          <input type="hidden" name="rows" value="keep" />
          <Choice facts={streams} type={type} part="keep" />
          <p>
            <button class="main">Read again, keep the rows</button>
          </p>
        </form>
      ) : null}
      {streams ? (
        <form method="post" action={placeOf(connection, type)}>
          {type === "refresh" ? <h2>Replace the rows that are there</h2> : null}
          <p>{says}</p>
          <input type="hidden" name="rows" value="remove" />
          <Choice facts={streams} type={type} part="remove" />
          <p>
            <label for="confirm">
              {"Type the name of the connection, "}
              <strong>{connection}</strong>
              {", to confirm:"}
            </label>
            <input id="confirm" name="confirm" required autocomplete="off" spellcheck={false} />
          </p>
          <p class="actions">
            <button class="danger">{button}</button>
            <a class="button" href={placeOf(connection)}>
              Change nothing
            </a>
          </p>
        </form>
      ) : null}
    </Layout>
  );
}

/** Streams go by names that no escaping of this page alters. */
function Choice({
  facts,
  type,
  part,
}: Inside & {
  readonly facts: RemovalFacts;
  readonly type: string;
  readonly part: string;
}): Markup {
  return (
    <Wide label={`Tables, ${part}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col">Table</th>
            <th scope="col" class="number">
              Rows
            </th>
            <th scope="col">Position</th>
          </tr>
        </thead>
        <tbody>
          {facts.streams.map(({ stream, table, rows, position }, index) => (
            <tr>
              <th scope="row">
                <label class="tick">
                  <input
                    type="checkbox"
                    name="stream"
                    id={`${type}-${part}-${index}`}
                    value={encodeURIComponent(stream)}
                    checked
                  />
                  {` ${stream}`}
                </label>
              </th>
              <td>{table}</td>
              <td class="number">{rowsText(rows)}</td>
              <td>{`${position} → at its beginning`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function rowsText(rows: number | null): string {
  if (rows === null) return "not known";
  return rows === 0 ? "none" : `about ${grouped(rows)}`;
}
