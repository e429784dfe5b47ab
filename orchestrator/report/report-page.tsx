import { createHash } from "node:crypto";
import { grouped } from "../output/table.ts";
import { localTime } from "../output/times.ts";
import { ASSETS, type Asset } from "../serve/page/assets.ts";
import { History } from "../serve/page/charts.tsx";
import { Facts, FailureCard } from "../serve/page/parts.tsx";
import { htmlOf, type Markup } from "../serve/page/render.ts";
import { durationText } from "../serve/page/words.ts";
import type { ConnectionHistory } from "./history.ts";

/** Failures of a connection that are told with their way out, the latest. */
const SHOWN_FAILURES = 3;

/**
 * The history of connections as one file that needs nothing beside it: styles and script are in it, and a
 * policy lets a browser run those and nothing else.
 *
 * @param at when it was made, ISO 8601.
 */
export function reportHtml(histories: readonly ConnectionHistory[], at: string): string {
  return htmlOf(<Report histories={histories} at={at} />);
}

function Report({
  histories,
  at,
}: {
  readonly histories: readonly ConnectionHistory[];
  readonly at: string;
}): Markup {
  const styles = [ASSETS.style, ASSETS.chartStyle].map(inlined);
  const scripts = [ASSETS.charts, ASSETS.script].map(inlined);
  const policy = [
    "default-src 'none'",
    `style-src ${styles.map(hashOf).join(" ")}`,
    `script-src ${scripts.map(hashOf).join(" ")}`,
    "img-src data:",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="content-security-policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Report of syncline</title>
        <link rel="icon" href="data:," />
        {styles.map((text) => (
          <style dangerouslySetInnerHTML={{ __html: text }}></style>
        ))}
      </head>
      <body>
        <main>
          <h1>Report of syncline</h1>
          <p class="quiet">{`Made at ${localTime(at)} (${at}).`}</p>
          {histories.length === 0 ? <p>There is no connection yet.</p> : null}
          {histories.map((history) => (
            <Connection history={history} />
          ))}
        </main>
        {scripts.map((text) => (
          <script dangerouslySetInnerHTML={{ __html: text }}></script>
        ))}
      </body>
    </html>
  );
}

function Connection({ history }: { readonly history: ConnectionHistory }): Markup {
  const { connection, jobs, succeeded, unsuccessful, rows, median_seconds } = history;
  const failed = jobs.flatMap((job) => {
    const [failure] = job.attempts.at(-1)?.failures ?? [];
    return failure !== undefined && job.status !== "succeeded" ? [{ job, failure }] : [];
  });
  return (
    <section aria-label={connection}>
      <h2>{connection}</h2>
      <Facts
        facts={[
          ["Jobs", String(jobs.length)],
          ["Succeeded", String(succeeded)],
          ["Not successful", String(unsuccessful)],
          ["Rows", grouped(rows)],
          ["Median time", median_seconds === undefined ? "–" : durationText(median_seconds)],
          ["Last", jobs[0] ? localTime(jobs[0].created_at) : "never"],
        ]}
      />
      {failed.slice(0, SHOWN_FAILURES).map(({ job, failure }) => (
        <>
          <p>{`Job ${job.id}, ${localTime(job.created_at)}:`}</p>
          <FailureCard failure={failure} />
        </>
      ))}
      {jobs.length === 0 ? <p>It never ran.</p> : <History jobs={jobs} isLinked={false} />}
    </section>
  );
}

/** As it may stand between two tags: nothing in it ends a script, or begins a comment there. */
function inlined({ content }: Asset): string {
  return content.replaceAll(/<(?=\/script|\/style|!--)/gi, "\\x3c");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
