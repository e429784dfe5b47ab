import { streamKey, type StreamDescriptor } from "../../protocol/catalog.ts";
import { readStateLine, type StateLine } from "../../protocol/state.ts";
import { formatStateFile } from "../../protocol/state-file.ts";

/** A part of a GLOBAL state: a stream and its blob; undefined: erased. */
interface Part {
  readonly stream: StreamDescriptor;
  readonly blob: Buffer | undefined;
}

/** The parts of a `global` object, in their own bytes. Throws `protocol.bad_message`. */
export function readGlobal(global: Buffer): { shared: Buffer | undefined; parts: readonly Part[] } {
  const head = Buffer.from('{"type":"STATE","state":{"type":"GLOBAL","global":');
  const bytes = Buffer.concat([head, global, Buffer.from("}}")]);
  const { shared, streams } = readStateLine(bytes, 0, bytes.length)!;
  return { shared, parts: streams };
}

/** A `global` object. */
export function globalOf(shared: Buffer | undefined, parts: Iterable<Part>): Buffer {
  const states = [...parts].flatMap(({ stream, blob }, index) => [
    Buffer.from(`${index === 0 ? "" : ","}{"stream_descriptor":${JSON.stringify(stream)},`),
    Buffer.from('"stream_state":'),
    blob ?? Buffer.from("null"),
    Buffer.from("}"),
  ]);
  return Buffer.concat([
    Buffer.from('{"shared_state":'),
    shared ?? Buffer.from("null"),
    Buffer.from(',"stream_states":['),
    ...states,
    Buffer.from("]}"),
  ]);
}

/**
 * `global` without the states of `streams`, so that a source reads them again beside the others.
 * Undefined when no stream has a state any more: without one the shared part means nothing, and
 * Airbyte erases it then, too.
 */
export function eraseStreams(
  global: Buffer,
  streams: readonly StreamDescriptor[],
): Buffer | undefined {
  const left = withoutStreams(global, streams);
  return isEmpty(readGlobal(left).parts) ? undefined : left;
}

/** What `global` says of a stream; undefined: nothing. */
export function blobIn(global: Buffer, stream: StreamDescriptor): Buffer | undefined {
  const key = streamKey(stream);
  return readGlobal(global).parts.find((part) => streamKey(part.stream) === key)?.blob;
}

/** `global` without the states of `streams`, which begin anew beside others that go on. */
export function withoutStreams(global: Buffer, streams: readonly StreamDescriptor[]): Buffer {
  const { shared, parts } = readGlobal(global);
  const erased = new Set(streams.map(streamKey));
  return globalOf(
    shared,
    parts.map(({ stream, blob }) => ({
      stream,
      blob: erased.has(streamKey(stream)) ? undefined : blob,
    })),
  );
}

/** `global` with the state of one stream replaced or added. */
export function setStream(global: Buffer, stream: StreamDescriptor, blob: Buffer): Buffer {
  const { shared, parts } = readGlobal(global);
  const others = parts.filter((part) => streamKey(part.stream) !== streamKey(stream));
  return globalOf(shared, [...others, { stream, blob }]);
}

/** Whether a GLOBAL state says nothing at all: then there is none. */
export function isErased(line: Pick<StateLine, "shared" | "streams">): boolean {
  return line.shared === undefined && isEmpty(line.streams);
}

/** What a source is given as `--state`: without what is erased. Undefined when nothing is left. */
export function globalInput(global: Buffer): Buffer | undefined {
  const { shared, parts } = readGlobal(global);
  if (isErased({ shared, streams: parts as StateLine["streams"] })) return undefined;
  const streams = parts.flatMap(({ stream, blob }) =>
    blob ? [[streamKey(stream), { stream, blob }] as const] : [],
  );
  return formatStateFile({ kind: "GLOBAL", streams: new Map(streams), shared, data: undefined });
}

function isEmpty(parts: readonly Part[]): boolean {
  return parts.every(({ blob }) => blob === undefined);
}
