import { streamLabel } from "../../protocol/catalog.ts";
import { positionText } from "../output/positions.ts";
import type { Home } from "../store/home.ts";
import { allEntries } from "../store/state-entries.ts";
import { readState, statePath } from "../store/state-file.ts";

export interface StreamPosition {
  /** Name, with its namespace before a dot. */
  readonly stream: string;
  /** In words: "after updated_at = …". */
  readonly position: string;
}

/** Where each stream of a connection stands. Throws `state.invalid`. */
export function positionsOf(home: Home, name: string): StreamPosition[] {
  return allEntries(readState(statePath(home, name), name)).map(
    ({ stream, blob, cursor_field }) => ({
      stream: streamLabel(stream),
      position: positionText(blob, cursor_field),
    }),
  );
}
