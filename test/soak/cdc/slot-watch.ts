import type { Database } from "../../support/fixtures.ts";
import { isLoss } from "../writers.ts";

const numberOf = (lsn: string) => {
  const [high, low] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
};

/** The one state of a GLOBAL, as far as it is looked at here. */
interface CdcState {
  readonly shared_state?: { readonly lsn?: string };
  readonly stream_states?: readonly {
    readonly stream_descriptor: { readonly name: string };
    readonly stream_state?: { readonly lsn?: string; readonly ctid?: string };
  }[];
}

/** What the destination has committed: up to where, and where each table's first load began. */
export interface Committed {
  readonly lsn: bigint;
  readonly from: ReadonlyMap<string, bigint>;
}

/** Reads a STATE line of change data capture. */
export function readCommitted(line: string): Committed | undefined {
  const message = JSON.parse(line) as { state?: { global?: CdcState }; global?: CdcState };
  const { shared_state, stream_states = [] } = message.state?.global ?? message.global ?? {};
  if (shared_state?.lsn === undefined) return undefined;
  const from = stream_states.flatMap(({ stream_descriptor: { name }, stream_state }) =>
    stream_state?.lsn === undefined ? [] : [[name, numberOf(stream_state.lsn)] as const],
  );
  return { lsn: numberOf(shared_state.lsn), from: new Map(from) };
}

/** Looks all the while whether the slot is where the destination's last commit lets it be. */
export class SlotWatch {
  readonly #source: Database;
  readonly #slot: string;
  readonly #committed: () => Promise<Committed | undefined>;
  #first: bigint | undefined;
  #last = 0n;
  readonly findings = new Set<string>();

  /** @param committed what the destination has now. */
  constructor(source: Database, slot: string, committed: () => Promise<Committed | undefined>) {
    this.#source = source;
    this.#slot = slot;
    this.#committed = committed;
  }

  async look(): Promise<void> {
    try {
      // First the slot: what it may not be past can only be later afterwards.
      const confirmed = await this.confirmed();
      const committed = await this.#committed();
      if (confirmed === undefined) return;
      this.#first ??= confirmed;
      const allowed = committed?.lsn ?? this.#first;
      if (confirmed > allowed)
        this.findings.add(`the slot was at ${confirmed}, and ${allowed} was committed`);
      if (committed && committed.lsn < this.#last)
        this.findings.add(
          `the committed position went back from ${this.#last} to ${committed.lsn}`,
        );
      if (committed) this.#last = committed.lsn;
    } catch (error) {
      if (!isLoss(error)) throw error; // a server was crashed
    }
  }

  /** Up to where the server may forget; undefined: there is no slot. */
  async confirmed(): Promise<bigint | undefined> {
    const [row] = await this.#source.rows(
      "select confirmed_flush_lsn - '0/0' from pg_replication_slots where slot_name = $1",
      [this.#slot],
    );
    return row?.[0] == null ? undefined : BigInt(row[0]);
  }
}

/** What a connection's last commit said in the destination's own bookkeeping. */
export async function committedIn(destination: Database): Promise<Committed | undefined> {
  const [found] = await destination.rows("select to_regclass('_syncline.checkpoint')");
  if (found![0] === null) return undefined;
  const rows = await destination.rows(
    "select state from _syncline.checkpoint where stream_name = '' and state is not null",
  );
  return rows[0] && readCommitted(rows[0][0]!);
}
