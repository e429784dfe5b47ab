/** @guarantee complete-when-sure */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure, type FailureCode, type FailureKind } from "../../protocol/errors.ts";
import type { Exit } from "../../orchestrator/connector/process.ts";
import type { Evidence, StreamEvidence } from "../../orchestrator/sync/evidence.ts";
import {
  causesOf,
  mayPassWithTime,
  ReportedErrors,
  type AttemptFailure,
} from "../../orchestrator/sync/failures.ts";
import { judge, judgeSource } from "../../orchestrator/sync/judgement.ts";
import { leftOut } from "../../orchestrator/sync/streams/left-out.ts";

/**
 * An attempt in the words of a story. `evidenceOf` turns it into what the product sees; the oracles
 * below judge the story itself, by the promises: nothing is complete that might not be there, nothing
 * that went wrong is hidden, and what came first does not matter.
 */
interface Story {
  readonly source: {
    readonly end: End;
    readonly errors: readonly SourceError[];
    readonly lateErrors: readonly SourceError[];
    readonly breaksProtocol: boolean;
    readonly cutsLastLine: boolean;
    readonly wasReadToEnd: boolean;
    readonly logsAnError: boolean;
  };
  readonly destination: {
    readonly end: End;
    readonly errors: readonly DestinationError[];
    readonly breaksProtocol: boolean;
    readonly tookAll: boolean;
    readonly remembers: boolean;
  };
  readonly streams: Readonly<Record<StreamName, StreamStory>>;
  /** Whether there is a third stream, which could not be begun. */
  readonly cIsGone: boolean;
  readonly weHaveABug: boolean;
  readonly isInterrupted: boolean;
}

type StreamName = "a" | "b";

interface StreamStory {
  readonly isAsked: boolean;
  readonly status: "STARTED" | "COMPLETE" | "INCOMPLETE" | undefined;
  /** Whether rows of earlier jobs are there, which its COMPLETE replaces. */
  readonly replacesRows: boolean;
  readonly hasRows: boolean;
  /** Whether rows came behind the last STATE. */
  readonly hasTail: boolean;
  readonly isAcknowledged: boolean;
  /** Whether the destination was told that it is complete, if that was allowed. */
  readonly wasTold: boolean;
}

/** How a process ended. */
const ENDS = [
  "exits 0",
  "exits 1",
  "is killed",
  "exits when told",
  "is killed by us",
  "cannot start",
];
type End = (typeof ENDS)[number];

const SOURCE_ERRORS = ["lost", "wrong password", "a is locked", "a is misconfigured", "summary"];
type SourceError = (typeof SOURCE_ERRORS)[number];

const DESTINATION_ERRORS = [
  "incomplete",
  "a incomplete",
  "a refused",
  "lost",
  "no permission",
  "a is somebody's",
  "foreign: failed",
  "foreign: busy",
];
type DestinationError = (typeof DESTINATION_ERRORS)[number];

const exitOf = (end: End): Exit => {
  if (end === "exits 0") return { kind: "exited", code: 0, weAsked: false };
  if (end === "exits 1") return { kind: "exited", code: 1, weAsked: false };
  if (end === "is killed") return { kind: "signaled", signal: "SIGKILL", weAsked: false };
  if (end === "exits when told") return { kind: "exited", code: 143, weAsked: true };
  if (end === "is killed by us") return { kind: "signaled", signal: "SIGKILL", weAsked: true };
  return { kind: "not-started", failure: new Failure("connector.not_found", "no such program") };
};

const reported = (
  text: string,
  kind: FailureKind,
  { code, stream }: { code?: FailureCode; stream?: string } = {},
): Failure =>
  new Failure(code ?? "connector.reported", text, {
    kind,
    ...(stream && { stream: { name: stream } }),
  });

const sourceError = (what: SourceError): Failure => {
  if (what === "lost")
    return reported(what, "transient_error", { code: "postgres.connection_lost" });
  if (what === "wrong password") return reported(what, "config_error");
  if (what === "a is locked") return reported(what, "transient_error", { stream: "a" });
  if (what === "a is misconfigured") return reported(what, "config_error", { stream: "a" });
  return reported(what, "system_error", { code: "stream.incomplete" });
};

const destinationError = (what: DestinationError): Failure => {
  if (what === "incomplete") return reported(what, "system_error", { code: "stream.incomplete" });
  if (what === "a incomplete")
    return reported(what, "system_error", { code: "stream.incomplete", stream: "p_a" });
  if (what === "a refused")
    return reported(what, "config_error", { code: "stream.key_invalid", stream: "p_a" });
  if (what === "lost")
    return reported(what, "transient_error", { code: "postgres.connection_lost" });
  if (what === "a is somebody's")
    return reported(what, "config_error", { code: "table.owned", stream: "p_a" });
  if (what === "no permission")
    return reported(what, "config_error", { code: "postgres.permission_denied" });
  if (what === "foreign: failed") return reported(what, "system_error");
  return reported(what, "transient_error");
};

const NAMES: readonly StreamName[] = ["a", "b"];

function evidenceOf(story: Story): Evidence {
  const { source, destination } = story;
  const saysAnything = NAMES.some((name) => {
    const { isAsked, status } = story.streams[name];
    return isAsked && status !== undefined;
  });
  const streams = NAMES.map((name): StreamEvidence => {
    const { isAsked, status, replacesRows, hasRows, hasTail, isAcknowledged } = story.streams[name];
    const forwarded = isAsked && hasRows ? 10 : 0;
    const covered = forwarded > 0 && hasTail ? 8 : forwarded;
    return {
      source: { name },
      destination: { name: `p_${name}` },
      isAsked,
      status: isAsked ? status : undefined,
      replacesRows,
      emitted: forwarded,
      forwarded,
      committed: isAcknowledged ? covered : 0,
      states: forwarded > 0 ? 1 : 0,
      isAcknowledged,
      isAnnounced: false,
      endsWithState: !hasTail,
      isAmbiguous: false,
    };
  });
  const ofSource = {
    name: { role: "source", label: "source s" },
    exit: exitOf(source.end),
    reported: source.errors.map(sourceError),
    reportedLate: source.lateErrors.map(sourceError),
    faults: source.breaksProtocol ? [new Failure("protocol.bad_message", "source breaks")] : [],
    torn: source.cutsLastLine ? new Failure("protocol.torn_line", "torn") : undefined,
    wasReadToEnd: source.wasReadToEnd,
    sendsStatuses: saysAnything,
    errorLogs: source.logsAnError ? ["cannot go on"] : [],
  } as const;
  const { complete } = judgeSource(ofSource, streams);
  return {
    source: ofSource,
    destination: {
      name: { role: "destination", label: "destination d" },
      exit: exitOf(destination.end),
      reported: destination.errors.map(destinationError),
      faults: destination.breaksProtocol
        ? [new Failure("protocol.bad_message", "destination breaks")]
        : [],
      tookAll: destination.tookAll,
      remembers: destination.remembers,
    },
    streams: streams.map((stream, index) => ({
      ...stream,
      isAnnounced: complete.has(stream) && story.streams[NAMES[index]!].wasTold,
    })),
    leftOut: story.cIsGone ? [leftOut({ name: "c" }, "stream.missing", "c is gone")] : [],
    own: story.weHaveABug ? [new Failure("internal.bug", "a bug of ours")] : [],
    isInterrupted: story.isInterrupted,
  };
}

/** An attempt in which all goes well. */
const WELL: Story = {
  source: {
    end: "exits 0",
    errors: [],
    lateErrors: [],
    breaksProtocol: false,
    cutsLastLine: false,
    wasReadToEnd: true,
    logsAnError: false,
  },
  destination: {
    end: "exits 0",
    errors: [],
    breaksProtocol: false,
    tookAll: true,
    remembers: false,
  },
  streams: { a: wholeStream(), b: wholeStream() },
  cIsGone: false,
  weHaveABug: false,
  isInterrupted: false,
};

function wholeStream(): StreamStory {
  return {
    isAsked: true,
    status: "COMPLETE",
    replacesRows: false,
    hasRows: true,
    hasTail: false,
    isAcknowledged: true,
    wasTold: true,
  };
}

interface Change {
  readonly source?: Partial<Story["source"]>;
  readonly destination?: Partial<Story["destination"]>;
  readonly a?: Partial<StreamStory>;
  readonly b?: Partial<StreamStory>;
  readonly cIsGone?: boolean;
  readonly weHaveABug?: boolean;
  readonly isInterrupted?: boolean;
}

const storyOf = ({ source, destination, a, b, ...more }: Change): Story => ({
  ...WELL,
  ...more,
  source: { ...WELL.source, ...source },
  destination: { ...WELL.destination, ...destination },
  streams: { a: { ...WELL.streams.a, ...a }, b: { ...WELL.streams.b, ...b } },
});

const completeOf = (story: Story) =>
  judge(evidenceOf(story)).streams.flatMap(({ isComplete }, index) =>
    isComplete ? [NAMES[index]!] : [],
  );

/** What, in which order, and whether another attempt is to be made. */
const REMEMBERS = { remembers: true };
const TABLE: readonly [string, Change, string, string, boolean][] = [
  ["all goes well", {}, "ab", "", false],
  [
    "the source is killed",
    { source: { end: "is killed" }, b: { status: "STARTED" } },
    "",
    "connector.exited",
    true,
  ],
  [
    "the source says COMPLETE and exits with 1",
    { source: { end: "exits 1" } },
    "",
    "connector.exited",
    true,
  ],
  [
    "the source ends without a word on b",
    { b: { status: "STARTED" } },
    "a",
    "stream.incomplete",
    true,
  ],
  [
    "the source says INCOMPLETE of b, why, and exits with 1",
    { source: { end: "exits 1", errors: ["lost"] }, b: { status: "INCOMPLETE" } },
    "a",
    "postgres.connection_lost",
    true,
  ],
  [
    "the source says INCOMPLETE of b, and not why",
    { source: { end: "exits 1" }, b: { status: "INCOMPLETE" } },
    "a",
    "stream.incomplete",
    true,
  ],
  [
    "the source has a wrong password",
    {
      source: { end: "exits 1", errors: ["wrong password"] },
      a: { status: undefined },
      b: { status: undefined },
    },
    "",
    "connector.reported",
    false,
  ],
  [
    "a is misconfigured, b is whole",
    { source: { end: "exits 1", errors: ["a is misconfigured"] }, a: { status: "INCOMPLETE" } },
    "b",
    "connector.reported",
    false,
  ],
  [
    "a is misconfigured, b fails and nobody says why",
    {
      source: { end: "exits 1", errors: ["a is misconfigured"] },
      a: { status: "INCOMPLETE" },
      b: { status: "INCOMPLETE" },
    },
    "",
    "connector.reported",
    true,
  ],
  [
    "a is misconfigured, the connection is lost",
    {
      source: { end: "exits 1", errors: ["a is misconfigured", "lost"] },
      a: { status: "INCOMPLETE" },
      b: { status: "STARTED" },
    },
    "",
    "connector.reported",
    true,
  ],
  [
    "a is misconfigured, the destination is killed",
    {
      source: { end: "exits 1", errors: ["a is misconfigured"] },
      a: { status: "INCOMPLETE" },
      destination: { end: "is killed", ...REMEMBERS },
    },
    "",
    "connector.reported",
    true,
  ],
  [
    "b fails at the source, the destination complains",
    {
      b: { status: "INCOMPLETE" },
      destination: { end: "exits 1", errors: ["incomplete"], ...REMEMBERS },
    },
    "a",
    "stream.incomplete",
    true,
  ],
  [
    "b fails at the source, a destination that does not remember complains",
    { b: { status: "INCOMPLETE" }, destination: { end: "exits 1", errors: ["incomplete"] } },
    "",
    "stream.incomplete",
    true,
  ],
  [
    "b fails at the source, the destination exits with 1 and does not say why",
    { b: { status: "INCOMPLETE" }, destination: { end: "exits 1", ...REMEMBERS } },
    "",
    "stream.incomplete",
    true,
  ],
  [
    "b fails at the source, the destination is killed behind its acknowledgements",
    { b: { status: "INCOMPLETE" }, destination: { end: "is killed", ...REMEMBERS } },
    "",
    "connector.exited",
    true,
  ],
  [
    "b fails at the source, the destination loses its connection",
    {
      b: { status: "INCOMPLETE" },
      destination: { end: "exits 1", errors: ["incomplete", "lost"], ...REMEMBERS },
    },
    "",
    "postgres.connection_lost",
    true,
  ],
  [
    "b is misconfigured, the destination loses its connection",
    {
      source: { errors: ["wrong password"] },
      b: { status: "INCOMPLETE" },
      destination: { end: "exits 1", errors: ["lost"], ...REMEMBERS },
    },
    "",
    "connector.reported",
    true,
  ],
  [
    "the destination complains of a, which it was told is complete",
    {
      b: { status: "INCOMPLETE" },
      destination: { end: "exits 1", errors: ["a incomplete"], ...REMEMBERS },
    },
    "",
    "stream.incomplete",
    true,
  ],
  [
    "the destination gives a up and goes on with b",
    {
      a: { isAcknowledged: false },
      destination: { end: "exits 1", errors: ["a refused", "incomplete"], ...REMEMBERS },
    },
    "b",
    "stream.key_invalid",
    false,
  ],
  [
    "a destination that does not remember gives a up",
    { destination: { end: "exits 1", errors: ["a refused"] } },
    "",
    "stream.key_invalid",
    false,
  ],
  [
    "the destination gives a up and stops reading",
    {
      source: { end: "exits when told", wasReadToEnd: false },
      destination: { end: "exits 1", errors: ["a refused"], tookAll: false, ...REMEMBERS },
    },
    "",
    "stream.key_invalid",
    false,
  ],
  [
    "the destination is killed behind its acknowledgements",
    { destination: { end: "is killed", ...REMEMBERS } },
    "",
    "connector.exited",
    true,
  ],
  [
    "the destination exits with 1 behind its acknowledgements",
    { destination: { end: "exits 1", ...REMEMBERS } },
    "",
    "connector.exited",
    true,
  ],
  [
    "the destination stops reading, and exits with 0",
    {
      source: { end: "exits when told", wasReadToEnd: false },
      destination: { tookAll: false },
      a: { status: "STARTED" },
      b: { status: undefined },
    },
    "",
    "connector.closed_stdin",
    true,
  ],
  [
    "the destination does not take COMPLETE, and exits with 0",
    { destination: { tookAll: false } },
    "",
    "connector.closed_stdin",
    true,
  ],
  [
    "the destination swallows the states of b",
    { b: { isAcknowledged: false } },
    "a",
    "sync.counts_disagree",
    true,
  ],
  [
    "the destination reports an error and exits with 0",
    { destination: { errors: ["foreign: failed"] } },
    "",
    "connector.reported",
    true,
  ],
  [
    "the destination has no permission",
    {
      destination: { end: "exits 1", errors: ["no permission"], tookAll: false },
      source: { end: "exits when told", wasReadToEnd: false },
      b: { status: "STARTED" },
    },
    "",
    "postgres.permission_denied",
    false,
  ],
  [
    "neither can be started",
    {
      source: { end: "cannot start" },
      destination: { end: "cannot start", tookAll: false },
      a: { status: undefined },
      b: { status: undefined },
    },
    "",
    "connector.not_found",
    false,
  ],
  [
    "the source breaks the protocol",
    {
      source: { breaksProtocol: true, wasReadToEnd: false, end: "exits when told" },
      b: { status: "STARTED" },
    },
    "",
    "protocol.bad_message",
    true,
  ],
  [
    "the source is cut in its last line and exits with 0",
    { source: { cutsLastLine: true } },
    "",
    "protocol.torn_line",
    true,
  ],
  [
    "the run is interrupted",
    {
      source: { end: "exits when told" },
      b: { status: "STARTED" },
      destination: { end: "exits 1", errors: ["incomplete"] },
      isInterrupted: true,
    },
    "",
    "",
    false,
  ],
  [
    "the run is interrupted, and what the source says of it is no news",
    {
      source: { end: "exits when told", lateErrors: ["lost"] },
      b: { status: "STARTED" },
      isInterrupted: true,
    },
    "",
    "",
    false,
  ],
  [
    "the destination is killed while the run is interrupted",
    {
      source: { end: "exits when told" },
      b: { status: "STARTED" },
      destination: { end: "is killed" },
      isInterrupted: true,
    },
    "",
    "connector.exited",
    true,
  ],
  [
    "the run is interrupted behind the end of a source that failed",
    { source: { end: "exits 1" }, b: { status: "STARTED" }, isInterrupted: true },
    "",
    "connector.exited",
    true,
  ],
  ["b was delivered before, a is read", { b: { isAsked: false } }, "ab", "", false],
  [
    "b was delivered before, and the source prints nothing",
    { a: { status: undefined, hasRows: false }, b: { isAsked: false } },
    "b",
    "stream.incomplete",
    true,
  ],
  ["a third stream is gone", { cIsGone: true }, "ab", "stream.missing", false],
  [
    "a third stream is gone, and the source ends without a word on b",
    { cIsGone: true, b: { status: "STARTED" } },
    "a",
    "stream.incomplete",
    true,
  ],
  [
    "a source of the oldest kind ends well",
    { a: { status: undefined }, b: { status: undefined, hasRows: false } },
    "ab",
    "",
    false,
  ],
  [
    "a source of the oldest kind sends nothing of b, which has rows",
    { a: { status: undefined }, b: { status: undefined, hasRows: false, replacesRows: true } },
    "a",
    "stream.incomplete",
    true,
  ],
  [
    "a source of the oldest kind logs an error, and a has rows that b has not",
    {
      source: { logsAnError: true },
      a: { status: undefined, replacesRows: true },
      b: { status: undefined },
    },
    "b",
    "stream.incomplete",
    true,
  ],
  [
    "a source that speaks of its streams logs an error",
    { source: { logsAnError: true }, a: { replacesRows: true } },
    "ab",
    "",
    false,
  ],
  [
    "a source of the oldest kind prints nothing",
    { a: { status: undefined, hasRows: false }, b: { status: undefined, hasRows: false } },
    "",
    "stream.incomplete",
    true,
  ],
];

describe("an attempt in which", () => {
  it.for(TABLE)("%s", ([, change, complete, root, isRetried]) => {
    const story = storyOf(change);
    const { failures } = judge(evidenceOf(story));

    expect(completeOf(story).join("")).toBe(complete);
    expect(failures[0]?.failure.code ?? "").toBe(root);
    expect(mayPassWithTime(failures)).toBe(isRetried);
  });
});

const end = fc.oneof({ weight: 1, arbitrary: fc.constant("exits 0") }, fc.constantFrom(...ENDS));
/** Few errors mostly, and each at most once. */
const some = <T>(of: readonly T[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.constantFrom(...of).map((one) => [one]) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...of), { maxLength: 3 }) },
  );
const mostly = (usual: boolean) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, fc.boolean());
const streamStory: fc.Arbitrary<StreamStory> = fc.record({
  isAsked: mostly(true),
  status: fc.constantFrom("STARTED", "COMPLETE", "COMPLETE", "INCOMPLETE", undefined),
  replacesRows: mostly(false),
  hasRows: mostly(true),
  hasTail: mostly(false),
  isAcknowledged: mostly(true),
  wasTold: mostly(true),
});
const destinationStory: fc.Arbitrary<Story["destination"]> = fc.record({
  end,
  errors: some(DESTINATION_ERRORS),
  breaksProtocol: mostly(false),
  tookAll: mostly(true),
  remembers: fc.boolean(),
});
const wildStory: fc.Arbitrary<Story> = fc.record({
  source: fc.record({
    end,
    errors: some(SOURCE_ERRORS),
    lateErrors: some(SOURCE_ERRORS),
    breaksProtocol: mostly(false),
    cutsLastLine: mostly(false),
    wasReadToEnd: mostly(true),
    logsAnError: mostly(false),
  }),
  destination: destinationStory,
  streams: fc.record({ a: streamStory, b: streamStory }),
  cIsGone: mostly(false),
  weHaveABug: mostly(false),
  isInterrupted: mostly(false),
});
/** One stream has failed at the source, which said so: what the destination makes of that. */
const partialStory: fc.Arbitrary<Story> = fc
  .tuple(destinationStory, fc.constantFrom<StreamName>("a", "b"), streamStory, fc.boolean())
  .map(([destination, failing, other, isInterrupted]) => {
    const [failed, whole] = [
      { ...wholeStream(), status: "INCOMPLETE" as const },
      { ...other, status: "COMPLETE" as const },
    ];
    return {
      ...WELL,
      destination: { ...destination, tookAll: true, breaksProtocol: false },
      streams: failing === "a" ? { a: failed, b: whole } : { a: whole, b: failed },
      isInterrupted,
    };
  });
/** A source of the oldest kind, which says nothing of its streams. */
const wordlessStory: fc.Arbitrary<Story> = fc
  .tuple(wildStory, fc.boolean())
  .map(([{ source, streams, ...more }, isClean]) => ({
    ...more,
    source: { ...source, ...(isClean && { end: "exits 0", errors: [] }) },
    streams: {
      a: { ...streams.a, status: undefined },
      b: { ...streams.b, status: undefined },
    },
  }));
const anyStory = fc.oneof(wildStory, partialStory, wordlessStory);

const RUNS = { numRuns: 5_000 };

function isWordless(streams: Story["streams"]): boolean {
  return NAMES.every((name) => !streams[name].isAsked || streams[name].status === undefined);
}

/** What keeps the end of a source without words from replacing rows that are there. */
function doubtOf(name: StreamName, { source, streams }: Pick<Story, "source" | "streams">) {
  const { isAsked, replacesRows, hasRows } = streams[name];
  if (!isAsked || !replacesRows) return undefined;
  if (source.logsAnError) return "logged an error";
  return hasRows ? undefined : "sent nothing of it";
}

/** Streams that the source has finished, by its own words or, for one that has no words, by its end. */
function finishedBySource({ source, streams }: Story): StreamName[] {
  const asked = NAMES.filter((name) => streams[name].isAsked);
  const said = (name: StreamName) => streams[name].status;
  const ended = source.end === "exits 0" || source.end === "exits 1";
  const isSound = !source.breaksProtocol && !source.cutsLastLine && source.wasReadToEnd;
  const delivered = NAMES.filter((name) => !streams[name].isAsked);
  if (!ended || !isSound) return delivered;
  const isClean = source.end === "exits 0" && source.errors.length === 0;
  const blamesStreams =
    asked.some((name) => said(name) === "INCOMPLETE") &&
    asked.every((name) => said(name) === "INCOMPLETE" || said(name) === "COMPLETE");
  if (!isClean && !blamesStreams) return delivered;
  const hasSpoken = asked.some((name) => streams[name].hasRows);
  if (isWordless(streams) && hasSpoken)
    return NAMES.filter((name) => doubtOf(name, { source, streams }) === undefined);
  return NAMES.filter((name) => !streams[name].isAsked || said(name) === "COMPLETE");
}

/** Whether the destination gave up stream a by itself, and can be believed that it went on. */
function hasRefused({ destination: { errors, remembers, tookAll } }: Story): boolean {
  return errors.includes("a refused") && remembers && tookAll;
}

/** Streams of which the destination was told that they are complete, and that it did not give up. */
function toldOf(story: Story): StreamName[] {
  return finishedBySource(story).filter(
    (name) => story.streams[name].wasTold && !(name === "a" && hasRefused(story)),
  );
}

/** Why a stream must not be called complete; each reason alone is enough. */
function reasonsAgainst(name: StreamName, story: Story): string[] {
  const { destination, streams } = story;
  const { isAcknowledged, hasTail, hasRows, isAsked, wasTold } = streams[name];
  const told = toldOf(story);
  const isRefused = hasRefused(story);
  const isBad = destination.end === "exits 1" || destination.errors.length > 0;
  const complaints = [
    "incomplete",
    ...(told.includes("a") ? [] : ["a incomplete"]),
    ...(isRefused ? ["a refused"] : []),
  ];
  const onlyComplains =
    destination.errors.length > 0 &&
    destination.errors.every((error) => complaints.includes(error)) &&
    told.length < NAMES.length;
  const isCounted = !(isAsked && hasRows && hasTail);
  const reasons: [string, boolean][] = [
    ["the source has not finished it", !finishedBySource(story).includes(name)],
    ["the destination was not told", !wasTold],
    ["a state of it is not acknowledged", !isAcknowledged],
    ["the destination gave it up", name === "a" && isRefused],
    ["the destination did not take all", !destination.tookAll],
    ["the destination broke the protocol", destination.breaksProtocol],
    ["the destination did not end by itself", !["exits 0", "exits 1"].includes(destination.end)],
    ["the destination failed, and not only complained", isBad && !onlyComplains],
    ["the destination complains and does not remember", isBad && !destination.remembers],
    ["the destination complains and has not counted all", isBad && !isCounted],
  ];
  return reasons.flatMap(([reason, holds]) => (holds ? [reason] : []));
}

/** What went wrong by itself, by the text of its failure; the rest follows from it. */
function causes(story: Story): Set<string> {
  const ofBegun = causesOfBegun(story);
  return story.cIsGone ? ofBegun.add("c is gone") : ofBegun;
}

/** The same of the streams that were begun: what never was explains nothing of them. */
function causesOfBegun(story: Story): Set<string> {
  const { source, destination, streams } = story;
  const found = new Set<string>();
  const finished = finishedBySource(story);
  const told = toldOf(story);
  const asked = NAMES.filter((name) => streams[name].isAsked);
  const isAssumed = isWordless(streams) && asked.length > 0 && finished.length > 0;
  const unfinished = asked.filter((name) =>
    isAssumed ? !finished.includes(name) : streams[name].status !== "COMPLETE",
  );
  const blamesStreams =
    asked.some((name) => streams[name].status === "INCOMPLETE") &&
    asked.every((name) => ["INCOMPLETE", "COMPLETE"].includes(streams[name].status ?? ""));

  // The source.
  const errors = source.errors.filter((error) => error !== "summary");
  for (const error of errors) found.add(error);
  if (source.breaksProtocol) found.add("source breaks");
  if (source.end === "cannot start") found.add("no such program");
  if (source.end === "is killed" && source.wasReadToEnd)
    found.add("source s was killed by SIGKILL");
  const isUnexplained = source.errors.length === 0 && !blamesStreams;
  if (source.end === "exits 1" && isUnexplained && source.wasReadToEnd)
    found.add("source s exited with status 1");
  if (source.cutsLastLine && source.end === "exits 0" && source.errors.length === 0)
    found.add("torn");

  // The destination.
  const mayComplain = destination.tookAll && told.length < NAMES.length;
  const excuses = mayComplain
    ? ["incomplete", "foreign: failed", ...(told.includes("a") ? [] : ["a incomplete"])]
    : [];
  for (const error of destination.errors) if (!excuses.includes(error)) found.add(error);
  if (destination.breaksProtocol) found.add("destination breaks");
  if (destination.end === "cannot start") found.add("no such program");
  if (destination.end === "is killed") found.add("destination d was killed by SIGKILL");
  if (destination.end === "exits 1" && destination.errors.length === 0 && !mayComplain)
    found.add("destination d exited with status 1");
  if (destination.end === "exits 0" && !destination.tookAll && destination.errors.length === 0)
    found.add("destination d ended with status 0 before its input did");
  const byDestination = [...found].some(
    (text) =>
      text.startsWith("destination") ||
      (destination.errors.includes(text) && !(text === "a refused" && hasRefused(story))),
  );
  const couldStart = destination.end !== "cannot start";
  const wasEndedByUs =
    destination.end === "exits when told" || destination.end === "is killed by us";
  if (!byDestination && couldStart && !wasEndedByUs)
    for (const name of told)
      if (!streams[name].isAcknowledged) {
        const rows = streams[name].isAsked && streams[name].hasRows ? 10 : 0;
        found.add(`destination d ended without acknowledging ${rows} records of stream ${name}`);
      }

  if (story.weHaveABug) found.add("a bug of ours");

  // A summary, for want of anything better.
  if (found.size === 0 && source.errors.includes("summary")) found.add("summary");
  const wasStopped = source.end === "exits when told" || source.end === "is killed by us";
  if (found.size === 0 && story.isInterrupted && wasStopped) return found;

  // Streams that nothing else explains.
  const before = found.size;
  const explainsAll =
    source.breaksProtocol ||
    story.weHaveABug ||
    source.end === "cannot start" ||
    found.has("torn") ||
    found.has("summary") ||
    found.has("source s was killed by SIGKILL") ||
    found.has("source s exited with status 1") ||
    errors.some((error) => !error.startsWith("a "));
  for (const name of unfinished) {
    const isDecided = streams[name].status === "INCOMPLETE" && !wasStopped;
    const isOfIt = name === "a" && errors.some((error) => error.startsWith("a "));
    const isExplained = isDecided ? explainsAll || isOfIt : before > 0;
    const doubt = isWordless(streams) ? doubtOf(name, story) : undefined;
    const said =
      streams[name].status === "INCOMPLETE"
        ? "said that it is incomplete"
        : doubt
          ? `sends no stream statuses and ${doubt}, so that nothing replaces the rows that are there`
          : "never said that it is complete";
    if (!isExplained) found.add(`stream ${name}: source s ${said}`);
  }
  return found;
}

const REFUSALS_OF_A: readonly string[] = ["a refused", "a is misconfigured", "a is somebody's"];

const textsOf = (failures: readonly AttemptFailure[]) =>
  failures.map(({ failure }) => failure.message);

describe("every attempt", () => {
  it("calls a stream complete exactly when nothing speaks against it", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const expected = NAMES.filter((name) => reasonsAgainst(name, story).length === 0);

        expect(completeOf(story)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it("announces exactly the streams that the source has finished", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { source, streams } = evidenceOf(story);
        const { complete } = judgeSource(source, streams);

        const announced = streams.flatMap((one) => (complete.has(one) ? [one.source.name] : []));
        expect(announced).toEqual(finishedBySource(story));
      }),
      RUNS,
    );
  });

  it("names exactly what went wrong by itself as causes, before all that follows", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { failures } = judge(evidenceOf(story));

        expect(new Set(textsOf(causesOf(failures)))).toEqual(causes(story));
        const order = failures.map(({ isConsequence }) => isConsequence);
        expect(order).toEqual([...order].sort((a, b) => Number(a) - Number(b)));
      }),
      RUNS,
    );
  });

  it("that leaves a stream incomplete says why, unless that was asked for", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { streams, failures } = judge(evidenceOf(realistic(story)));
        fc.pre(!story.isInterrupted && streams.some(({ isComplete }) => !isComplete));

        expect(causesOf(failures).length).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it("hides nothing that a connector reported, unless all there is was asked for", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const evidence = evidenceOf(story);
        const { failures } = judge(evidence);
        const isAllAskedFor = textsOf(failures).every((text) => text === "c is gone");
        fc.pre(!(story.isInterrupted && isAllAskedFor));

        const said = [
          ...evidence.source.reported,
          ...evidence.source.reportedLate,
          ...evidence.destination.reported,
        ];
        const told = failures.map(({ failure }) => failure);
        for (const failure of said) expect(told).toContain(failure);
        expect(new Set(told).size).toBe(told.length);
      }),
      RUNS,
    );
  });

  it("comes to the same whatever was noticed first", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const evidence = evidenceOf(story);
        const { source, destination } = evidence;
        const turned: Evidence = {
          ...evidence,
          source: { ...source, reported: [...source.reported].toReversed() },
          destination: { ...destination, reported: [...destination.reported].toReversed() },
        };

        const [one, other] = [judge(evidence), judge(turned)];

        expect(other.streams).toEqual(one.streams);
        expect(textsOf(other.failures).sort()).toEqual(textsOf(one.failures).sort());
        expect(mayPassWithTime(other.failures)).toBe(mayPassWithTime(one.failures));
      }),
      RUNS,
    );
  });

  it("goes on without a stream that is refused by name, whatever else is wrong", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { streams } = judge(evidenceOf(story));
        const found = [...causesOfBegun(story)];

        const isRefused = found.some((text) => REFUSALS_OF_A.includes(text));
        expect(streams.map((stream) => stream.isRefused)).toEqual([isRefused, false]);
      }),
      RUNS,
    );
  });

  it("counts as committed what was acknowledged, and all of a stream only when it is complete", () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const evidence = evidenceOf(story);
        const { streams } = judge(evidence);

        for (const [index, { isComplete, committed }] of streams.entries()) {
          const stream = evidence.streams[index]!;
          expect(committed).toBe(isComplete ? stream.forwarded : stream.committed);
        }
      }),
      RUNS,
    );
  });
});

/** The story without what our own code does not do: stopping somebody for no reason. */
function realistic(story: Story): Story {
  const { source, destination } = story;
  const wasEndedByUs = (end: End) => end === "exits when told" || end === "is killed by us";
  // A destination is ended by us only for a fault, or on a second signal.
  const destinationEnd =
    wasEndedByUs(destination.end) && !destination.breaksProtocol ? "is killed" : destination.end;
  const isGone = !destination.tookAll || destinationEnd === "cannot start";
  const mayStop = source.breaksProtocol || destination.breaksProtocol || isGone;
  return {
    ...story,
    source: {
      ...source,
      end: wasEndedByUs(source.end) && !mayStop ? "is killed" : source.end,
      wasReadToEnd: source.wasReadToEnd || !mayStop,
    },
    destination: { ...destination, end: destinationEnd },
    streams: {
      a: { ...story.streams.a, wasTold: true },
      b: { ...story.streams.b, wasTold: true },
    },
  };
}

describe("a connector that reports without end", () => {
  const anyError = fc.record({
    kind: fc.constantFrom<FailureKind>("config_error", "transient_error", "system_error"),
    code: fc.constantFrom<FailureCode | undefined>(
      undefined,
      "stream.incomplete",
      "state.superseded",
    ),
    stream: fc.constantFrom(undefined, "a", "b", "unknown"),
  });
  const errorsOf = (
    all: readonly {
      kind: FailureKind;
      code: FailureCode | undefined;
      stream: string | undefined;
    }[],
    prefix = "",
  ) =>
    all.map(({ kind, code, stream }, index) =>
      reported(`error ${index}`, kind, {
        ...(code && { code }),
        ...(stream && { stream: prefix + stream }),
      }),
    );
  const kept = (errors: readonly Failure[], streams: readonly string[]) => {
    const gathered = new ReportedErrors(
      new Set(streams.map((name) => JSON.stringify([null, name]))),
    );
    for (const error of errors) gathered.add(error);
    return gathered.all;
  };

  it("costs bounded memory, and changes no judgement", () => {
    /** The same over and over, and something else at the end. */
    const many = fc
      .tuple(anyError, fc.integer({ min: 100, max: 400 }), fc.array(anyError, { maxLength: 3 }))
      .map(([again, times, last]) => [...Array<typeof again>(times).fill(again), ...last]);
    fc.assert(
      fc.property(anyStory, many, many, (story, ofSource, ofDestination) => {
        const evidence = evidenceOf(story);
        const [said, answered] = [errorsOf(ofSource), errorsOf(ofDestination, "p_")];
        const fully: Evidence = {
          ...evidence,
          source: { ...evidence.source, reported: said },
          destination: { ...evidence.destination, reported: answered },
        };
        const shortly: Evidence = {
          ...evidence,
          source: { ...evidence.source, reported: kept(said, NAMES) },
          destination: {
            ...evidence.destination,
            reported: kept(answered, ["p_a", "p_b"]),
          },
        };

        const [full, short] = [judge(fully), judge(shortly)];

        expect(short.streams).toEqual(full.streams);
        expect(mayPassWithTime(short.failures)).toBe(mayPassWithTime(full.failures));
        expect(shortly.source.reported.length).toBeLessThan(104);
      }),
      { numRuns: 300 },
    );
  });
});
