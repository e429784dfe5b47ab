import type { LogPiece } from "../service.ts";
import { logLines, sqlStatements, type LogLine } from "./log-lines.ts";
import { Wide } from "./parts.tsx";
import type { Markup } from "./render.ts";
import { counted } from "./words.ts";

/** A piece of an attempt's log, and where to read on. */
export interface LogView {
  readonly job: number;
  readonly attempt: number;
  /** Where the piece starts, in bytes. */
  readonly from: number;
  readonly piece: LogPiece;
}

/** A piece of an ended attempt that is shorter is the last one: pieces are 256 KiB, less one line. */
const WHOLE_PIECE = 192 * 1024;

/** Where a piece of the log of an attempt is shown. */
export function logPlace(job: number, attempt: number, from = 0): string {
  return `/jobs/${job}/${attempt}/log${from === 0 ? "" : `?from=${from}`}`;
}

/** The SQL that a piece of a log tells of. */
export function Sql({ piece }: Pick<LogView, "piece">): Markup {
  const statements = sqlStatements(logLines(piece.text));
  if (statements.length === 0) return <p class="quiet">No SQL was logged here.</p>;
  return (
    <details>
      <summary>{counted(statements.length, "statement")}</summary>
      <Wide label="SQL">
        <pre class="sql">{statements.map((statement) => `${statement};\n`).join("\n")}</pre>
      </Wide>
    </details>
  );
}

/** The lines; the script adds those that come while the attempt runs. */
export function Log({ job, attempt, from, piece }: LogView): Markup {
  const lines = logLines(piece.text);
  return (
    <>
      <div class="wide-box log-box" role="region" aria-label="Log" tabindex={0}>
        <ol
          id="log"
          class="log"
          data-next={logPlace(job, attempt, piece.next)}
          data-open={piece.is_open ? "" : undefined}
        >
          {lines.map((line) => (
            <Line {...line} />
          ))}
        </ol>
      </div>
      {piece.text === "" && from > 0 ? <p class="quiet">Nothing more so far.</p> : null}
      {piece.is_open || piece.next - from >= WHOLE_PIECE ? (
        <p class="actions" data-further>
          <a class="button" href={logPlace(job, attempt, piece.next)}>
            {piece.is_open ? "What came since" : "Further lines"}
          </a>
        </p>
      ) : null}
    </>
  );
}

function Line({ time, level, origin, text }: LogLine): Markup {
  return (
    <li class={level === "" ? undefined : `is-${level.toLowerCase()}`}>
      <time>{time.slice(11, 23)}</time> <span class="level">{level}</span>{" "}
      <span class="origin">{origin}</span> <span class="text">{text}</span>
    </li>
  );
}
