import { streamKey, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { PlanMessage, PlanStep, StreamOutlook } from "../../protocol/messages.ts";
import { bothEnded } from "../connector/both-ended.ts";
import type { Connector } from "../connector/connector.ts";
import { reportedError } from "../connector/failures.ts";
import type { Ready } from "./ready.ts";
import { destinationCatalog, sourceCatalog } from "./streams/catalogs.ts";
import type { LeftOut } from "./streams/left-out.ts";
import type { PlannedStream } from "./streams/select-streams.ts";

/** What both connectors say would come of a stream. */
export interface Forecast {
  /** Estimates of the source; undefined: it does not know. */
  readonly rows: number | undefined;
  readonly bytes: number | undefined;
  readonly steps: readonly PlanStep[];
  readonly notes: readonly string[];
}

/** What both connectors say would come of a sync. */
export interface Outlook {
  /** What both do before the first stream. */
  readonly steps: readonly PlanStep[];
  readonly notes: readonly string[];
  /** What nobody can tell, since a connector has no `plan` command. */
  readonly unknown: readonly string[];
  readonly refused: readonly LeftOut[];
  of(stream: PlannedStream): Forecast;
}

const UNTOLD = {
  source: "how many rows there are, and what may not be read",
  destination: "which tables are made, changed or replaced, and what is in the way",
} as const;

/** Asks both connectors what would come of these streams. Throws what would end a sync of all of them. */
export async function lookAhead(
  { source, destination }: Pick<Ready, "source" | "destination">,
  streams: readonly PlannedStream[],
): Promise<Outlook> {
  const ask = (side: Connector, catalog: ConfiguredCatalog) =>
    streams.length === 0 ? Promise.resolve(NOTHING) : side.plan(catalog);
  const read = sourceCatalog(streams, await destination.spec());
  const [found, done] = await bothEnded(
    ask(source, read),
    ask(destination, destinationCatalog(streams)),
  );
  const foundOf = byStream(found);
  const doneOf = byStream(done);
  const of = (stream: PlannedStream) => [
    foundOf.get(streamKey(stream.source)),
    doneOf.get(streamKey(stream.destination)),
  ];
  return {
    steps: [...(found?.steps ?? []), ...(done?.steps ?? [])],
    notes: [...(found?.notes ?? []), ...(done?.notes ?? [])],
    unknown: [
      ...(found ? [] : [`${source.label} does not say before a sync ${UNTOLD.source}`]),
      ...(done ? [] : [`${destination.label} does not say before a sync ${UNTOLD.destination}`]),
    ],
    refused: streams.flatMap((stream): LeftOut[] => {
      const [theirs, ours] = of(stream);
      const [error, side] = theirs?.error ? [theirs.error, source] : [ours?.error, destination];
      if (!error) return [];
      return [{ source: stream.source, failure: reportedError(error, side) }];
    }),
    of(stream) {
      const [theirs, ours] = of(stream);
      return {
        rows: theirs?.row_estimate ?? undefined,
        bytes: theirs?.byte_estimate ?? undefined,
        steps: ours?.steps ?? [],
        notes: [...(theirs?.notes ?? []), ...(ours?.notes ?? [])],
      };
    },
  };
}

const NOTHING: PlanMessage["plan"] = { steps: [], notes: [], streams: [] };

function byStream(plan: PlanMessage["plan"] | undefined): Map<string, StreamOutlook> {
  return new Map(
    (plan?.streams ?? []).map((outlook) => [streamKey(outlook.stream_descriptor), outlook]),
  );
}
