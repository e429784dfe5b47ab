import { streamLabel } from "../../../../protocol/catalog.ts";
import { grouped } from "../../../output/table.ts";
import type { OfferedTable } from "../../service.ts";
import type { Frame } from "../frame.ts";
import { Layout } from "../layout.tsx";
import { FailureCard } from "../parts.tsx";
import type { Markup } from "../render.ts";
import { MODES, type Chosen, type ChosenTable } from "./chosen.ts";
import type { Draft } from "./drafts.ts";
import { shownEnd } from "./shown-end.ts";

/** A form of more tables would be larger than a request may be. */
export const MAX_TABLES = 400;

/** The second step: which tables and how, what the connection is called, and when it runs. */
export function TablesPage({
  id,
  draft,
  tables,
  chosen,
  frame,
}: {
  readonly id: string;
  readonly draft: Draft;
  readonly tables: readonly OfferedTable[];
  readonly chosen: Chosen;
  readonly frame: Frame;
}): Markup {
  const { ends, mistakes, failure } = draft;
  const more = tables.length - MAX_TABLES;
  const [from, to] = [shownEnd(ends.source), shownEnd(ends.destination)];
  return (
    <Layout title="New connection" place="new" frame={frame}>
      <h1>New connection</h1>
      <ol class="steps" aria-label="Steps">
        <li>
          <a href="/new">Two databases</a>
        </li>
        <li aria-current="step">Tables and schedule</li>
        <li>First sync</li>
      </ol>
      <p class="quiet">{from && to ? `${from} → ${to}` : "Both databases answered."}</p>
      {mistakes.length === 0 ? null : (
        <div class="note bad" role="alert">
          <ul>
            {mistakes.map((mistake) => (
              <li>{mistake}</li>
            ))}
          </ul>
        </div>
      )}
      {failure ? (
        <div role="alert">
          <FailureCard
            failure={{
              code: failure.code,
              kind: failure.kind,
              message: failure.message,
              ...(failure.hint !== undefined && { hint: failure.hint }),
            }}
          />
        </div>
      ) : null}
      {tables.length === 0 ? (
        <p class="note bad">The source has no table that this user may read.</p>
      ) : (
        <form method="post" action={`/new/${id}`}>
          <p>
            <label for="name">Name</label>
            <input
              id="name"
              name="name"
              required
              value={chosen.name}
              autocomplete="off"
              spellcheck={false}
            />
          </p>
          <fieldset>
            <legend>Tables</legend>
            {tables.slice(0, MAX_TABLES).map((table, index) => (
              <TableChoice table={table} chosen={chosen.tables[index]!} index={index} />
            ))}
            {more > 0 ? (
              <p>{`${grouped(more)} more are not listed here; a pattern in the configuration file takes them.`}</p>
            ) : null}
          </fieldset>
          <fieldset>
            <legend>What the destination gets</legend>
            <Radios
              name="kind"
              chosen={chosen.kind}
              options={[
                ["raw_and_final", "Typed tables, and the raw records beside them"],
                ["final_only", "Typed tables only"],
                ["raw_only", "Raw records only"],
              ]}
            />
            <p>
              <label for="prefix">Prefix of the tables' names</label>
              <input
                id="prefix"
                name="prefix"
                value={chosen.prefix}
                autocomplete="off"
                spellcheck={false}
              />
            </p>
          </fieldset>
          <Schedule chosen={chosen} />
          <p>
            <label class="tick">
              <input type="checkbox" name="at_once" checked={chosen.syncsAtOnce} />
              {" Sync at once, when it is created"}
            </label>
          </p>
          <p class="actions">
            <button class="main">Create the connection</button>
          </p>
        </form>
      )}
    </Layout>
  );
}

function TableChoice({
  table,
  chosen,
  index,
}: {
  readonly table: OfferedTable;
  readonly chosen: ChosenTable;
  readonly index: number;
}): Markup {
  const { namespace, name, cursors, rows } = table;
  const label = streamLabel({ name, ...(namespace !== undefined && { namespace }) });
  return (
    <div class="choice" role="group" aria-label={label}>
      <label class="tick">
        <input type="checkbox" name={`t${index}`} checked={chosen.isTaken} />
        <strong>{` ${label}`}</strong>
        {rows === null ? null : <span class="quiet">{` about ${grouped(rows)} rows`}</span>}
      </label>
      <div class="row">
        <span>
          <label for={`m${index}`}>Mode</label>
          <select id={`m${index}`} name={`m${index}`}>
            {Object.entries(MODES).map(([word, { label: text, mode }]) => (
              <option
                value={word}
                selected={word === chosen.mode}
                disabled={mode.startsWith("incremental") && cursors.length === 0}
              >
                {text}
              </option>
            ))}
          </select>
        </span>
        <span data-for="new dedup">
          <label for={`c${index}`}>Cursor</label>
          <select id={`c${index}`} name={`c${index}`}>
            <option value="">none</option>
            {cursors.map((column, place) => (
              <option value={place} selected={column === chosen.cursor}>
                {column}
              </option>
            ))}
          </select>
        </span>
        <span data-for="dedup">
          <label for={`k${index}`}>Key</label>
          <input
            id={`k${index}`}
            name={`k${index}`}
            value={chosen.key}
            autocomplete="off"
            spellcheck={false}
          />
        </span>
      </div>
    </div>
  );
}

function Schedule({ chosen }: { readonly chosen: Chosen }): Markup {
  const { runs, every, cron, timeZone } = chosen;
  return (
    <fieldset>
      <legend>When it runs</legend>
      <Radios name="runs" chosen={runs} options={[["by_hand", "By hand only"]]} />
      <div class="row">
        <Radios name="runs" chosen={runs} options={[["every", "Every"]]} />
        <input name="every" value={every} aria-label="How often, such as 10m, 1h or 1d" size={6} />
      </div>
      <div class="row">
        <Radios name="runs" chosen={runs} options={[["cron", "By a cron expression"]]} />
        <input
          name="cron"
          value={cron}
          aria-label="Cron expression: minute, hour, day, month, weekday"
          size={12}
          spellcheck={false}
        />
        <span>
          <label for="zone">Time zone</label>
          <input
            id="zone"
            name="zone"
            value={timeZone}
            placeholder="this machine's"
            size={16}
            spellcheck={false}
          />
        </span>
      </div>
    </fieldset>
  );
}

function Radios({
  name,
  chosen,
  options,
}: {
  readonly name: string;
  readonly chosen: string;
  readonly options: readonly (readonly [value: string, label: string])[];
}): Markup {
  return (
    <>
      {options.map(([value, label]) => (
        <label class="tick">
          <input type="radio" name={name} value={value} checked={value === chosen} />
          {` ${label}`}
        </label>
      ))}
    </>
  );
}
