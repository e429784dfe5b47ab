/** How long telling somebody may take. */
export interface NotifyTimes {
  /** For a webhook to answer. */
  readonly answerMs: number;
  /** For a command to end. */
  readonly commandMs: number;
  /** Before each further try, one more than there are waits. */
  readonly waitsMs: readonly number[];
  /** That an attempt of a connection that is followed gets on before it counts as one that works. */
  readonly wellMs: number;
}

export const NOTIFY_TIMES: NotifyTimes = {
  answerMs: 10_000,
  commandMs: 60_000,
  waitsMs: [2_000, 10_000],
  wellMs: 30_000,
};
