import { streamLabel, type DestinationSyncMode } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { ConnectorSpecification } from "../../../protocol/messages.ts";
import type { ConnectionConfig } from "../../config/config.ts";
import { allLeftOut, leftOut } from "./left-out.ts";
import { modesOf, type Selection } from "./select-streams.ts";

/** What of a destination's specification says which modes it can do. */
type Modes = Pick<ConnectorSpecification, "supported_destination_sync_modes">;

/**
 * Leaves the streams out that are to be written in a mode the destination does not have: run all the
 * same, they would be written in another one. Throws `config.invalid` where nothing is left.
 *
 * @param label the destination's, for messages.
 */
export function inSupportedModes(selection: Selection, modes: Modes, label: string): Selection {
  const unsupported = selection.streams.flatMap(({ source, configured }) => {
    const problem = problemOf(configured.destination_sync_mode, modes, label);
    return problem
      ? [leftOut(source, "config.invalid", `stream ${streamLabel(source)}: ${problem}`)]
      : [];
  });
  const all = [...selection.leftOut, ...unsupported];
  const streams = selection.streams.filter(
    ({ configured }) => !problemOf(configured.destination_sync_mode, modes, label),
  );
  if (streams.length === 0) throw allLeftOut(all);
  return { streams, leftOut: all };
}

/** The same before the source is asked, of what the configuration says: one problem a line. */
export function unsupportedModes(
  { streams }: ConnectionConfig,
  modes: Modes,
  label: string,
): string[] {
  return streams.flatMap((entry) => {
    const problem = problemOf(modesOf(entry).destination, modes, label);
    return problem ? [`${entry.place}stream ${streamLabel(entry)}: ${problem}`] : [];
  });
}

/** Says nothing of a destination that does not say what it can do. */
function problemOf(
  mode: DestinationSyncMode,
  { supported_destination_sync_modes: supported }: Modes,
  label: string,
): string | undefined {
  if (!supported?.length || supported.includes(mode)) return undefined;
  return `${label} cannot do ${mode}, only ${supported.join(", ")}`;
}

/**
 * Refuses to have rows of older generations removed by a destination that does not say it can: they
 * would stay, and the job would say that they went. Throws `usage.invalid`.
 */
export function requireRefreshes(
  { supportsRefreshes }: ConnectorSpecification,
  label: string,
): void {
  if (supportsRefreshes === true) return;
  throw new Failure(
    "usage.invalid",
    `${label} ${supportsRefreshes === false ? "says that it cannot" : "does not say that it can"} remove the rows of earlier generations (supportsRefreshes)`,
    { hint: "remove them there; `syncline refresh --keep` reads everything again" },
  );
}
