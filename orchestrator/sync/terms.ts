import { streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import type { ConnectorName } from "../connector/launch.ts";
import type { PlannedStream } from "./streams/select-streams.ts";

/** What the two sides of an attempt do beyond Airbyte's protocol. */
export interface Terms {
  /** The source is told on stdin what is committed, and when to stop. */
  readonly acknowledges: boolean;
  /** The source goes on with what changes until it is told to stop. */
  readonly follows: boolean;
  /** The destination commits behind every STATE. */
  readonly commitsAtOnce: boolean;
  /** The destination understands records of changes. */
  readonly supports_change_records: boolean;
}

/** Airbyte's protocol and no more. */
export const PLAIN_TERMS: Terms = {
  acknowledges: false,
  follows: false,
  commitsAtOnce: false,
  supports_change_records: false,
};

/** A connector that tells what it can do. */
interface Side extends ConnectorName {
  spec(): Promise<ConnectorSpecification>;
}

/**
 * The terms that both announce. Throws `config.invalid` for a source that is to be followed and cannot
 * be: it would have to end by itself, or be stopped before it has said that its streams are complete.
 */
export async function termsOf(source: Side, destination: Side, follows: boolean): Promise<Terms> {
  const reader = await source.spec();
  const writer = await destination.spec();
  const acknowledges = reader.supports_acknowledgements === true;
  if (follows && !(acknowledges && reader.supports_follow === true))
    throw new Failure(
      "config.invalid",
      `${source.label} cannot be followed: it does not offer it`,
      {
        hint: "leave --follow and `follow` out, and sync as often as is needed",
        origin: "source",
      },
    );
  return {
    acknowledges,
    follows,
    commitsAtOnce: follows && writer.supports_follow === true,
    supports_change_records: writer.supports_change_records === true,
  };
}

/** Throws `config.invalid` for streams that cannot be followed: a full refresh has an end. */
export function requireFollowable(streams: readonly PlannedStream[]): void {
  const whole = streams.filter(({ configured }) => configured.sync_mode === "full_refresh");
  if (whole.length === 0) return;
  const names = whole.map(({ source }) => streamLabel(source)).join(", ");
  throw new Failure("config.invalid", `full_refresh has an end, and cannot be followed: ${names}`, {
    hint: "sync these streams as incremental, or in a connection of their own",
  });
}
