import type { DestinationSyncMode, SyncMode } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";

/** How a table is copied, in one word; the protocol needs two. */
export type CopyMode = "replace" | "snapshot" | "append" | "merge";

interface Meaning {
  readonly sync_mode: SyncMode;
  readonly destination_sync_mode: DestinationSyncMode;
  readonly says: string;
}

export const COPY_MODES: Readonly<Record<CopyMode, Meaning>> = {
  replace: {
    sync_mode: "full_refresh",
    destination_sync_mode: "overwrite",
    says: "the whole table, in the place of the last copy",
  },
  snapshot: {
    sync_mode: "full_refresh",
    destination_sync_mode: "append",
    says: "the whole table, beside the earlier copies",
  },
  append: {
    sync_mode: "incremental",
    destination_sync_mode: "append",
    says: "new and changed rows, beside their earlier versions",
  },
  merge: {
    sync_mode: "incremental",
    destination_sync_mode: "append_dedup",
    says: "new and changed rows, in the place of their earlier versions",
  },
};

/** Throws `usage.invalid` for a word that is none of them. */
export function copyModeOf(word: string): CopyMode {
  if (Object.hasOwn(COPY_MODES, word)) return word as CopyMode;
  const known = Object.keys(COPY_MODES);
  throw new Failure(
    "usage.invalid",
    `--mode ${word}: there is no such mode${didYouMean(word, known)}`,
    { hint: `there is ${known.join(", ")}` },
  );
}
