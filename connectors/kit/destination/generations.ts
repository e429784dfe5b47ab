import type { ConfiguredStream, StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { Delivery, LedgerStream } from "./ledger.ts";

/** What the catalog says of the rows that are there already, and of those that follow. */
export interface GenerationPlan {
  /** Whether this sync's rows take the place of the old ones, in one step at the end. */
  readonly replaces: boolean;
  /** Whether they do so whatever generation those are of. */
  readonly overwrites: boolean;
  /** The generation being written; undefined when the caller does not speak of generations. */
  readonly generation: number | undefined;
  /** Whether a later attempt goes on where this one ends, so that what was loaded must be kept. */
  readonly resumes: boolean;
  /**
   * Whether its records count only all together: a full refresh added to what is there that nobody
   * could go on from, because its source cannot or no STATEs are kept. STATEs before its end say
   * nothing then.
   */
  readonly isAllOrNothing: boolean;
}

/** What a destination remembers of the last run that wrote a stream. */
export interface RememberedGeneration {
  readonly generation: number | undefined;
  /** Whether a replacement of that generation is in place: no row is of an older one. */
  readonly isInPlace: boolean;
  /** Whether the run that put it there ended in order, and nobody asked for its STATE to go on from. */
  readonly isFinished: boolean;
  /** Whether a STATE of it is kept, from which its source goes on. */
  readonly hasState: boolean;
  /** Whether everything that was loaded aside before that STATE is still there. */
  readonly isStagingKept: boolean;
}

/** How a stream's run begins. */
export interface Beginning {
  /**
   * Whether new rows are to take the old ones' place. Not when this generation is in place already, or a
   * later one of whoever counted before: the rest of it is added. What overwrites adds only to what an
   * attempt of this generation that did not end left there.
   */
  readonly replaces: boolean;
  /** Whether an interrupted attempt of this generation left rows aside to go on with. */
  readonly continues: boolean;
}

/**
 * Reads the generations of a configured stream, as the Airbyte protocol means them: rows of
 * generations below `minimum_generation_id` go, those of `generation_id` come and stay. `overwrite`
 * replaces whatever is there. Throws `catalog.invalid` for a minimum between the two, which would keep a part of the
 * older rows.
 *
 * @param keepsStates whether STATEs are kept beside the data; without that nothing can be resumed.
 */
export function planGeneration(configured: ConfiguredStream, keepsStates: boolean): GenerationPlan {
  const { stream, sync_mode, destination_sync_mode } = configured;
  const generation = configured.generation_id ?? undefined;
  const minimum = configured.minimum_generation_id ?? 0;
  if (minimum !== 0 && minimum !== generation)
    throw new Failure(
      "catalog.invalid",
      `minimum_generation_id ${minimum} is neither 0 nor the generation_id: keeping some generations is not supported`,
    );
  const overwrites = destination_sync_mode === "overwrite";
  const replaces = minimum > 0 || overwrites;
  const isResumable = stream.is_resumable === true || sync_mode === "incremental";
  return {
    replaces,
    overwrites,
    generation,
    resumes: keepsStates && generation !== undefined && isResumable,
    isAllOrNothing: sync_mode === "full_refresh" && !(keepsStates && isResumable) && !replaces,
  };
}

/** Decides how a run begins, from what is wanted and what is remembered. */
export function beginningOf(
  plan: GenerationPlan,
  remembered: RememberedGeneration | undefined,
): Beginning {
  const wanted = plan.generation;
  const former = wanted === undefined ? undefined : remembered?.generation;
  const isSame = former !== undefined && former === wanted;
  const mayStay = plan.overwrites
    ? isSame && plan.resumes && remembered?.isFinished === false
    : former !== undefined && former >= wanted!;
  const replaces = plan.replaces && !(mayStay && remembered?.isInPlace === true);
  const continues =
    replaces && plan.resumes && isSame && remembered?.hasState === true && remembered.isStagingKept;
  return { replaces, continues };
}

/**
 * How the rows of such a stream reach readers. Rows of a replacement that a later attempt goes on with
 * are covered by STATEs like any others.
 */
export function deliveryOf(plan: GenerationPlan, { replaces }: Beginning): Delivery {
  if (replaces) return plan.resumes ? "with-states" : "aside";
  return plan.isAllOrNothing ? "at-complete" : "with-states";
}

/**
 * The same for a destination that keeps no STATEs, and remembers of a stream no more than which
 * generation took the place of older rows last: what the stream is, how its rows reach readers, and
 * whether they replace the old ones. Throws as `planGeneration`.
 */
export function deliver(
  configured: ConfiguredStream,
  inPlace: number | undefined,
): LedgerStream & {
  readonly stream: StreamDescriptor;
  readonly generation: number | undefined;
} {
  const plan = planGeneration(configured, false);
  const remembered = {
    generation: inPlace,
    isInPlace: true,
    isFinished: true,
    hasState: false,
    isStagingKept: false,
  };
  const beginning = beginningOf(plan, remembered);
  const { name, namespace } = configured.stream;
  const stream = namespace ? { name, namespace } : { name };
  const { replaces } = beginning;
  return { stream, generation: plan.generation, replaces, delivery: deliveryOf(plan, beginning) };
}
