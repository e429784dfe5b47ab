import { list } from "../checker.ts";
import type { History } from "./oracle.ts";

interface Message {
  readonly record?: { readonly stream: string; readonly data: Readonly<Record<string, unknown>> };
  readonly state?: { readonly global: { readonly shared_state: { readonly lsn: string } } };
}

/**
 * That a source sends transactions in the order of their commits, each stream's records in the order of
 * the log, and a STATE only between two transactions.
 */
export function compareSent(lines: readonly string[], history: History): string[] {
  const order = new Map(
    [...history.values()].flat().map(({ committedAt, transaction }) => [committedAt, transaction]),
  );
  const findings: string[] = [];
  let last = 0;
  /** Transactions before the last STATE are over. */
  let ended = 0;
  for (const line of lines) {
    const { record, state } = JSON.parse(line) as Message;
    if (state) ended = last;
    if (!record) continue;
    const time = printed(String(record.data["_ab_cdc_updated_at"]));
    const transaction = order.get(time);
    // A row of a first load has the time of its snapshot.
    if (transaction === undefined) continue;
    if (transaction < last) findings.push(`${record.stream} of ${time}`);
    if (transaction === ended) findings.push(`${record.stream} of ${time}, behind a STATE within`);
    last = Math.max(last, transaction);
  }
  return list("records were sent out of the order of commits", findings);
}

/** A time of a record as PostgreSQL prints it in UTC. */
function printed(time: string): string {
  return time
    .replace("T", " ")
    .replace(/(?:\.(\d*?)0*)?(?:Z|\+00:00)$/, (_, digits?: string) =>
      digits ? `.${digits}+00` : "+00",
    );
}
