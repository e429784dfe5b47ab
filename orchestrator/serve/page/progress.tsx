import { byteSize, grouped } from "../../output/table.ts";
import type { ConnectionProgressFacts } from "../service.ts";
import { Wide } from "./parts.tsx";
import type { Markup } from "./render.ts";
import { durationText } from "./words.ts";

/** Streams shown of what runs; those that are done or yet to come are counted. */
const SHOWN = 50;

/** How what runs is getting on. */
export function Progress({ progress }: { readonly progress: ConnectionProgressFacts }): Markup {
  const { attempt, seconds, retry_in_seconds: retry, streams } = progress;
  const active = streams.filter(({ phase }) => phase !== "to come" && phase !== "done");
  const shown = streams.length <= SHOWN ? streams : active.slice(0, SHOWN);
  const done = streams.filter(({ phase }) => phase === "done").length;
  const rows = streams.reduce((sum, stream) => sum + stream.rows, 0);
  return (
    <section aria-label="Progress">
      <p>
        {`Attempt ${attempt}, ${durationText(seconds)} so far: ${grouped(rows)} rows, ${done} of ${streams.length} streams done.`}
        {retry === null ? null : ` The next attempt begins in ${durationText(retry)}.`}
      </p>
      {shown.length === 0 ? null : (
        <Wide label="Streams under way">
          <table>
            <thead>
              <tr>
                <th scope="col">Stream</th>
                <th scope="col">At</th>
                <th scope="col" class="number">
                  Rows
                </th>
                <th scope="col" class="number wide">
                  Speed
                </th>
                <th scope="col">Done</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((stream) => (
                <tr>
                  <th scope="row">{stream.stream}</th>
                  <td>{stream.phase}</td>
                  <td class="number">{grouped(stream.rows)}</td>
                  <td class="number wide">
                    {`${grouped(stream.rows_per_second)}/s, ${byteSize(stream.bytes_per_second)}/s`}
                  </td>
                  <td>
                    {stream.share === null ? null : (
                      <progress
                        value={stream.share}
                        max={1}
                        aria-label={`of ${stream.stream}`}
                      ></progress>
                    )}
                    {stream.seconds_left === null
                      ? null
                      : ` ${durationText(stream.seconds_left)} left`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </section>
  );
}
