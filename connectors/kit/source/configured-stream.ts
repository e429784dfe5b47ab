import {
  type ConfiguredStream,
  sameStream,
  type StreamDescriptor,
  streamLabel,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { isObject } from "../../../protocol/json.ts";
import { didYouMean } from "../../../protocol/nearest-name.ts";

/** The names by which messages refer to a configured stream: exactly the configured ones. */
export function descriptorOf({ stream }: ConfiguredStream): StreamDescriptor {
  return stream.namespace
    ? { name: stream.name, namespace: stream.namespace }
    : { name: stream.name };
}

/** The one of `streams` that a configured stream names. Throws `catalog.invalid` for none. */
export function findStream<Found extends StreamDescriptor>(
  configured: ConfiguredStream,
  streams: readonly Found[],
): Found {
  const wanted = descriptorOf(configured);
  const found = streams.find((stream) => sameStream(stream, wanted));
  if (found !== undefined) return found;
  const label = streamLabel(wanted);
  throw new Failure(
    "catalog.invalid",
    `the source has no stream ${label}${didYouMean(label, streams.map(streamLabel))}`,
    { hint: "run discover again and update the configured catalog" },
  );
}

/**
 * The fields that a configured stream wants, in its order: those that its schema describes;
 * undefined when it describes none and so says nothing.
 */
export function wantedFields({ stream }: ConfiguredStream): string[] | undefined {
  const { properties } = stream.json_schema;
  return isObject(properties) ? Object.keys(properties) : undefined;
}

/**
 * The fields that a configured stream wants, each of them one of `available`; all of these when it
 * says nothing. Throws `catalog.invalid` naming the others.
 */
export function selectFields(configured: ConfiguredStream, available: readonly string[]): string[] {
  const wanted = wantedFields(configured) ?? [...available];
  const missing = wanted.filter((name) => !available.includes(name));
  if (missing.length === 0) return wanted;
  const label = streamLabel(configured.stream);
  const what = `${missing.length === 1 ? "field" : "fields"} ${missing.join(", ")}`;
  throw new Failure(
    "catalog.invalid",
    `the stream ${label} has no ${what}, which the configured catalog names`,
    { hint: "run discover again and update the configured catalog" },
  );
}
