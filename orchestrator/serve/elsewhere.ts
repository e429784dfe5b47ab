import type { JobHistory } from "../store/job-history.ts";

/** A job that is known. */
interface Seen {
  readonly id: number;
  readonly isOpen: boolean;
}

/** What other processes run, as the job history tells: syncs by hand beside the service. */
export class Elsewhere {
  readonly #seen = new Map<string, Seen>();

  /** Whether another process was seen to run a connection. */
  isRunning(name: string): boolean {
    return this.#seen.get(name)?.isOpen ?? false;
  }

  /** A job that has ended here is no news. */
  isOurs(name: string, id: number): void {
    this.#seen.set(name, { id, isOpen: false });
  }

  /**
   * Looks at the last jobs of connections that do not run here. Gives those that are other ones than at the
   * last look; `isOver`: somebody has run it in between.
   */
  look(history: JobHistory, names: readonly string[]): { name: string; isOver: boolean }[] {
    return names.flatMap((name) => {
      const [last] = history.page({ connection: name, limit: 1 });
      if (last === undefined) return [];
      const before = this.#seen.get(name);
      const now = { id: last.id, isOpen: last.run_by !== undefined };
      if (before?.id === now.id && before.isOpen === now.isOpen) return [];
      this.#seen.set(name, now);
      return [{ name, isOver: before !== undefined && !now.isOpen }];
    });
  }
}
