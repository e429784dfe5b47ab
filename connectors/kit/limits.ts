import { Failure } from "../../protocol/errors.ts";

/**
 * Every size and time by which a connector decides that something is due. They change how often
 * things happen and how much memory is used, never what is promised: the tests run with tiny ones,
 * so that a few rows make many batches, commits and checkpoints.
 */
export interface Limits {
  /** Largest piece of stdin handed on at once, in bytes. Node reads at most 64 KiB. */
  readonly chunkBytes: number;
  /** Bytes of a stream's batch after which it is sent. */
  readonly batchBytes: number;
  /** Bytes of each block of the memory that batches are made of, where a destination has such. */
  readonly blockBytes: number;
  /** Rows of a stream's batch after which it is sent. */
  readonly batchRows: number;
  /** Bytes of memory of all batches together, so that many streams at once stay within it. */
  readonly allBatchesBytes: number;
  /** Bytes sent since the last commit after which a STATE that waits leads to a commit. */
  readonly commitBytes: number;
  /** Streams with rows in one transaction after which it is committed, where it may be: each holds locks. */
  readonly commitStreams: number;
  /** Milliseconds since the last commit after which a STATE that waits leads to a commit. */
  readonly commitMs: number;
  /** Milliseconds of silence on stdin after which a STATE that waits leads to a commit. */
  readonly idleMs: number;
  /** Most lanes (sessions, each with a transaction of its own) a destination loads through. */
  readonly lanes: number;
  /** Bytes of RECORD lines a source gathers before it hands them to its output. */
  readonly sourceBlockBytes: number;
  /** Seconds of silence after which a server that was asked a small question is given up. */
  readonly answerSeconds: number;
  /** Seconds between the STATEs of a read, where the connector's settings say nothing else. */
  readonly checkpointSeconds: number;
  /** Seconds between the STATEs of a source that follows, while there is always something to read. */
  readonly followSeconds: number;
  /** The same while there is nothing to read, and only the place in the log moves. */
  readonly quietSeconds: number;
  /** Seconds a source that has printed its last STATE waits until that is acknowledged. */
  readonly acknowledgedSeconds: number;
  /** Rows to merge up to which each is looked up, however small the table that has them. */
  readonly lookUpRows: number;
}

/** What users run with. */
export const PRODUCTION_LIMITS: Limits = {
  chunkBytes: 64 * 1024,
  batchBytes: 4 * 1024 * 1024,
  blockBytes: 64 * 1024,
  batchRows: Number.MAX_SAFE_INTEGER,
  allBatchesBytes: 24 * 1024 * 1024,
  commitBytes: 64 * 1024 * 1024,
  commitStreams: 20,
  commitMs: 5_000,
  idleMs: 1_000,
  lanes: 8,
  // A little more than the 256 KiB from which on the writer passes a block on without copying it.
  sourceBlockBytes: 272 * 1024,
  answerSeconds: 300, // a catalog of very many tables takes minutes on a busy server
  checkpointSeconds: 300,
  followSeconds: 0.5,
  quietSeconds: 10,
  acknowledgedSeconds: 30, // a merge of many changes takes its time
  lookUpRows: 1_000, // takes 10 ms
};

/** For tests: batches of a few rows, commits every few milliseconds, chunks that cut every line. */
export const TINY_LIMITS: Limits = {
  chunkBytes: 61,
  batchBytes: 400,
  blockBytes: 150,
  batchRows: 3,
  allBatchesBytes: 1_000,
  commitBytes: 1_000,
  commitStreams: 2,
  commitMs: 5,
  idleMs: 2,
  lanes: 2,
  sourceBlockBytes: 300,
  answerSeconds: 300,
  checkpointSeconds: 0.005,
  followSeconds: 0.005,
  quietSeconds: 0.05,
  acknowledgedSeconds: 30,
  lookUpRows: 1,
};

/** The variable that chooses the limits, for tests: `tiny`, or a JSON object with some of them. */
export const LIMITS_VARIABLE = "SYNCLINE_LIMITS";

/** The limits of a process: those of production unless the environment says otherwise. Throws `usage.invalid`. */
export function limitsOf(env: Readonly<Record<string, string | undefined>>): Limits {
  const text = env[LIMITS_VARIABLE];
  if (text === undefined || text === "") return PRODUCTION_LIMITS;
  if (text === "tiny") return TINY_LIMITS;
  return { ...PRODUCTION_LIMITS, ...parsed(text) };
}

function parsed(text: string): Partial<Limits> {
  const refuse = (why: string) =>
    new Failure("usage.invalid", `${LIMITS_VARIABLE} ${why}`, {
      hint: `unset it, or set it to "tiny" or to a JSON object of ${Object.keys(PRODUCTION_LIMITS).join(", ")}`,
    });
  let limits: unknown;
  try {
    limits = JSON.parse(text);
  } catch {
    throw refuse("is not JSON");
  }
  if (typeof limits !== "object" || limits === null || Array.isArray(limits))
    throw refuse("is not an object");
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(PRODUCTION_LIMITS, name)) throw refuse(`has an unknown entry ${name}`);
    if (typeof value !== "number" || !(value > 0)) throw refuse(`.${name} is not above 0`);
  }
  return limits;
}
