import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { exitFailure } from "../connector/failures.ts";
import type { Exit } from "../connector/process.ts";
import type { DestinationEvidence, Evidence, SourceEvidence, StreamEvidence } from "./evidence.ts";
import {
  causesOf,
  descriptorOf,
  isOfStream,
  thrownFailure,
  type AttemptFailure,
} from "./failures.ts";

/** What an attempt came to. */
export interface Verdict {
  /** In the order of the evidence. */
  readonly streams: readonly StreamVerdict[];
  /** Causes first: of the source, the destination, ourselves; behind them what follows from them. */
  readonly failures: readonly AttemptFailure[];
  /** What else there is to say. */
  readonly notes: readonly string[];
}

export interface StreamVerdict {
  /** Whether everything of it is durable in the destination, and in its place. */
  readonly isComplete: boolean;
  /** Records that are durable in the destination. */
  readonly committed: number;
  /**
   * Whether the last STATE stands for all of the stream. Doubtful when the source ended badly without
   * a word about it, for it may have meant this stream, too; and when nobody can tell which of two
   * equal STATEs was committed.
   */
  readonly wasReadWhole: "yes" | "no" | "doubtful";
  /** Whether a connector does not take this stream as it is set up: later attempts leave it out. */
  readonly isRefused: boolean;
}

/** What the end of a source means for its streams. */
export interface SourceVerdict {
  /** Those whose COMPLETE may be passed on: the destination replaces what it had with them. */
  readonly complete: ReadonlySet<StreamEvidence>;
  /** The source speaks of no stream: its end stands for COMPLETE of all. */
  readonly isAssumed: boolean;
}

/**
 * Decides which streams are whole at the source's side, once it is gone.
 *
 * Its COMPLETE counts only if it ended in order: by itself, its output read to the end and sound,
 * with status 0 and no error reported. A source that failed in one stream, said so of that stream and
 * finished all others ended in order, too. What it was not asked for is whole however it ended.
 *
 * A source older than stream statuses says nothing of its streams: what it means by ending well is
 * that all of them are complete, provided it printed anything, for a program that shows its usage and
 * exits with 0 has not read empty tables. Nor may it empty them: what replaces rows that are there is
 * complete only if something of it came, and if the source logged no error, for it has no other way to
 * say that it failed.
 */
export function judgeSource(
  source: SourceEvidence,
  streams: readonly StreamEvidence[],
): SourceVerdict {
  if (!endedInOrder(source, streams))
    return { complete: new Set(streams.filter(({ isAsked }) => !isAsked)), isAssumed: false };
  const isAssumed =
    !source.sendsStatuses &&
    streams.some(({ isAsked, emitted, states }) => isAsked && (emitted > 0 || states > 0));
  const isComplete = isAssumed
    ? (stream: StreamEvidence) => !stream.isAsked || doubtOf(stream, source) === undefined
    : isWhole;
  return { complete: new Set(streams.filter(isComplete)), isAssumed };
}

/** Why the end of a source without statuses must not stand for COMPLETE of a stream. */
function doubtOf(
  { replacesRows, emitted, states }: StreamEvidence,
  { errorLogs }: SourceEvidence,
): string | undefined {
  if (!replacesRows) return undefined;
  if (errorLogs.length > 0) return "logged an error";
  return emitted > 0 || states > 0 ? undefined : "sent nothing of it";
}

/**
 * Judges an attempt, once both processes are gone.
 *
 * A stream is complete only if it is whole at the source's side (`judgeSource`), the destination was
 * told so and gave back its every STATE, and the destination ended in order: by itself, having taken
 * all its input, with status 0 and no error reported. One thing is excused in a destination that
 * remembers: that it complains of the streams that are not whole, in so many words
 * (`stream.incomplete`), or says of which streams it gave up itself (`refusedBy`); what it
 * acknowledged of the others is in its place.
 */
export function judge(evidence: Evidence): Verdict {
  const { source, destination, streams, own } = evidence;
  const { complete, isAssumed } = judgeSource(source, streams);
  const ofDestination = destinationFailures(evidence);
  const hasFailed = ofDestination.some((one) => !one.isConsequence && !one.isOfOneStream);
  const isComplete = (stream: StreamEvidence) =>
    complete.has(stream) && !hasFailed && isDelivered(stream, destination);
  const lost = hasFailed ? [] : lostFailures(evidence, complete);
  const ofUs = own.map((failure): Finding => ({
    origin: "syncline",
    failure,
    isConsequence: false,
  }));
  const found = [...sourceFailures(evidence), ...ofDestination, ...lost, ...ofUs];
  const unfinished = streams.filter((stream) =>
    isAssumed ? !complete.has(stream) : !isWhole(stream),
  );
  const failures = explained(found, unfinished, evidence);
  return {
    streams: streams.map((stream) => ({
      isComplete: isComplete(stream),
      // An end with status 0 vouches for what came after the last STATE.
      committed: isComplete(stream) ? stream.forwarded : stream.committed,
      wasReadWhole: readWhole(stream, source, complete.has(stream)),
      isRefused: isRefused(stream, failures),
    })),
    failures: withLeftOut(failures, evidence),
    notes: source.sendsStatuses ? [] : notesOn(source, isAssumed, unfinished.length > 0),
  };
}

/** What there is to say of a source that says nothing of its streams. */
function notesOn(
  { name: { label }, errorLogs }: SourceEvidence,
  isAssumed: boolean,
  isDoubted: boolean,
): string[] {
  const which = isDoubted ? "the streams it does not leave in doubt" : "all its streams";
  return [
    ...(isAssumed
      ? [`${label} sends no stream statuses: its end with status 0 counts as COMPLETE of ${which}`]
      : []),
    ...errorLogs.map((text) => `${label} logged an error: ${text}`),
  ];
}

/** Whether nothing more is to come of a stream: the source said so, or it was not asked. */
function isWhole({ isAsked, status }: StreamEvidence): boolean {
  return !isAsked || status === "COMPLETE";
}

function wasAsked(exit: Exit): boolean {
  return exit.kind !== "not-started" && exit.weAsked;
}

function endedInOrder(source: SourceEvidence, streams: readonly StreamEvidence[]): boolean {
  const { exit, faults, torn, wasReadToEnd, reported } = source;
  if (faults.length > 0 || torn || !wasReadToEnd) return false;
  if (exit.kind !== "exited" || exit.weAsked) return false;
  return (exit.code === 0 && reported.length === 0) || explainsItself(streams);
}

/** Whether a source that failed said of which streams, and finished all others. */
function explainsItself(streams: readonly StreamEvidence[]): boolean {
  const isFinished = (stream: StreamEvidence) => isWhole(stream) || stream.status === "INCOMPLETE";
  return streams.every(isFinished) && !streams.every(isWhole);
}

/** Whether a destination that did not fail has all of a stream, in its place. */
function isDelivered(stream: StreamEvidence, destination: DestinationEvidence): boolean {
  const { exit, reported, remembers } = destination;
  if (!stream.isAnnounced || !stream.isAcknowledged) return false;
  if (exit.kind !== "exited" || exit.weAsked) return false;
  if (exit.code === 0 && reported.length === 0) return true;
  const refused = refusedBy(destination);
  if (refused.has(streamKey(stream.destination))) return false;
  const complains =
    reported.length > 0 &&
    reported.every((error) => error.code === "stream.incomplete" || refusal(error) !== undefined);
  return remembers && complains && stream.forwarded === stream.committed;
}

/** The stream that a destination gave up by itself, going on with the others; its key. */
function refusal({ code, stream }: Failure): string | undefined {
  if (code !== "stream.key_invalid" || stream === undefined) return undefined;
  return streamKey(descriptorOf(stream));
}

/** All such streams, of a destination that acknowledges only what is in its place. */
function refusedBy({ reported, remembers, tookAll }: DestinationEvidence): ReadonlySet<string> {
  if (!remembers || !tookAll) return new Set();
  return new Set(reported.map(refusal).filter((key) => key !== undefined));
}

function readWhole(
  { endsWithState, isAmbiguous, status }: StreamEvidence,
  { exit, faults }: SourceEvidence,
  isComplete: boolean,
): StreamVerdict["wasReadWhole"] {
  if (!endsWithState || (status !== "COMPLETE" && !isComplete)) return "no";
  // Killed or told to stop, it did not get to say more; what it had said before is as true.
  const wasCutOff = faults.length === 0 && (exit.kind === "signaled" || wasAsked(exit));
  return (isComplete || wasCutOff) && !isAmbiguous ? "yes" : "doubtful";
}

type Finding = AttemptFailure & {
  /** Says only that others failed: a cause when there are no others. */
  readonly isSummary?: boolean;
  /** Keeps no other stream from being complete. */
  readonly isOfOneStream?: boolean;
};

function sourceFailures({ source, streams }: Evidence): Finding[] {
  const { name, exit, reported, reportedLate, faults, torn, wasReadToEnd } = source;
  const finding = (failure: Failure, isConsequence = false): Finding => ({
    origin: "source",
    failure,
    isConsequence,
  });
  const ended = (): Finding[] => {
    if (exit.kind === "not-started") return [finding(exit.failure)];
    if (exit.weAsked) return [];
    const isExplained = reported.length > 0 || explainsItself(streams);
    if (exit.kind === "exited" && (exit.code === 0 || isExplained)) return [];
    // When nobody reads it any more, that may be what it died of.
    return [finding(exitFailure(name, exit), !wasReadToEnd)];
  };
  const endSaysMore =
    reported.length > 0 || exit.kind !== "exited" || exit.code !== 0 || exit.weAsked;
  return [
    ...faults.map((fault) => finding(fault)),
    ...reported.map((failure) => ({
      ...finding(failure),
      isSummary: failure.code === "stream.incomplete",
    })),
    ...ended(),
    ...(torn ? [finding(torn, endSaysMore)] : []),
    ...reportedLate.map((failure) => finding(failure, true)),
  ];
}

function destinationFailures({ destination, streams }: Evidence): Finding[] {
  const { name, exit, reported, faults, tookAll } = destination;
  const refused = refusedBy(destination);
  const told = new Set(
    streams.filter(({ isAnnounced }) => isAnnounced).map((stream) => streamKey(stream.destination)),
  );
  for (const key of refused) told.delete(key);
  const mayComplain = tookAll && told.size < streams.length;
  const isComplaint = ({ code, kind, stream }: Failure) => {
    // Of other people's destinations, which have no codes, whatever may mean it.
    const hasNone = code === "connector.reported";
    const means = hasNone ? kind === "system_error" : code === "stream.incomplete";
    const isOfTold = stream && told.has(streamKey(descriptorOf(stream)));
    return mayComplain && means && !isOfTold;
  };
  const finding = (failure: Failure, isConsequence = false): Finding => ({
    origin: "destination",
    failure,
    isConsequence,
  });
  const ended = (): Finding[] => {
    if (exit.kind === "not-started") return [finding(exit.failure)];
    if (exit.weAsked) return [];
    if (exit.kind === "signaled") return [finding(exitFailure(name, exit))];
    if (exit.code !== 0)
      return reported.length > 0 ? [] : [finding(exitFailure(name, exit), mayComplain)];
    if (tookAll) return [];
    const early = `${name.label} ended with status 0 before its input did`;
    return [finding(new Failure("connector.closed_stdin", early), reported.length > 0)];
  };
  return [
    ...faults.map((fault) => finding(fault)),
    ...reported.map((failure) => ({
      ...finding(failure, isComplaint(failure)),
      isOfOneStream: refused.has(refusal(failure) ?? ""),
    })),
    ...ended(),
  ];
}

/** Streams that the destination did not acknowledge although it ended as if it had. */
function lostFailures(
  { destination, streams }: Evidence,
  complete: ReadonlySet<StreamEvidence>,
): Finding[] {
  const { name, exit } = destination;
  if (wasAsked(exit)) return [];
  const refused = refusedBy(destination);
  return streams.flatMap((stream): Finding[] => {
    if (!complete.has(stream) || !stream.isAnnounced || stream.isAcknowledged) return [];
    if (refused.has(streamKey(stream.destination))) return [];
    const { forwarded, committed, source } = stream;
    const failure = new Failure(
      "sync.counts_disagree",
      `${name.label} ended without acknowledging ${forwarded - committed} records of stream ${streamLabel(source)}`,
      { facts: { sent: forwarded, committed } },
    );
    return [{ origin: "destination", failure, isConsequence: false }];
  });
}

/** The failures in their order, with one for each stream that the source did not finish. */
function explained(
  found: readonly Finding[],
  unfinished: readonly StreamEvidence[],
  { source, streams, isInterrupted }: Evidence,
): AttemptFailure[] {
  const own = found.filter(({ isConsequence, isSummary }) => !isConsequence && !isSummary);
  const causes = own.length > 0 ? own : found.filter(({ isConsequence }) => !isConsequence);
  // What is left undone, and said of it, was asked for.
  if (causes.length === 0 && isInterrupted && wasAsked(source.exit)) return [];
  const known = new Set(streams.map((stream) => streamKey(stream.source)));
  const isCauseOf = ({ origin, failure }: Finding, stream: StreamEvidence) => {
    const key = failure.stream && streamKey(descriptorOf(failure.stream));
    const isOfOne = key !== undefined && known.has(key);
    return origin !== "destination" && (!isOfOne || key === streamKey(stream.source));
  };
  const incomplete = unfinished.map((stream): AttemptFailure => {
    // INCOMPLETE is the source's own decision; whatever else kept it from going on explains the rest.
    const wasDecided = stream.status === "INCOMPLETE" && !wasAsked(source.exit);
    const isConsequence = wasDecided
      ? causes.some((cause) => isCauseOf(cause, stream))
      : causes.length > 0;
    return { origin: "source", failure: unfinishedFailure(stream, source), isConsequence };
  });
  const rest = found.filter((finding) => !causes.includes(finding));
  const all: AttemptFailure[] = [
    ...causes.map(entryOf),
    ...rest.map((finding) => ({ ...entryOf(finding), isConsequence: true })),
    ...incomplete,
  ];
  return [...causesOf(all), ...all.filter(({ isConsequence }) => isConsequence)];
}

/** Whether a stream cannot be synced as it is set up, whatever else went wrong. */
function isRefused(stream: StreamEvidence, failures: readonly AttemptFailure[]): boolean {
  return causesOf(failures).some(
    (cause) => cause.failure.kind === "config_error" && isOfStream(cause, stream),
  );
}

/** What was never begun fails by itself, and explains nothing of what was. */
function withLeftOut(
  failures: readonly AttemptFailure[],
  { leftOut }: Evidence,
): readonly AttemptFailure[] {
  const ofLeftOut = leftOut.map(({ failure }) => thrownFailure(failure));
  return [
    ...causesOf(failures),
    ...ofLeftOut,
    ...failures.filter(({ isConsequence }) => isConsequence),
  ];
}

function entryOf({ origin, failure, isConsequence }: Finding): AttemptFailure {
  return { origin, failure, isConsequence };
}

function unfinishedFailure(stream: StreamEvidence, source: SourceEvidence): Failure {
  const { name, namespace } = stream.source;
  const doubt = source.sendsStatuses ? undefined : doubtOf(stream, source);
  const said =
    stream.status === "INCOMPLETE"
      ? "said that it is incomplete"
      : doubt && stream.status === undefined
        ? `sends no stream statuses and ${doubt}, so that nothing replaces the rows that are there`
        : "never said that it is complete";
  return new Failure(
    "stream.incomplete",
    `stream ${streamLabel(stream.source)}: ${source.name.label} ${said}`,
    {
      stream: { name, namespace: namespace ?? undefined },
      ...(doubt && { hint: "`syncline clear` empties a table that is to be empty" }),
    },
  );
}
