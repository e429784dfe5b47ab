import type { ConnectorProcess } from "./process.ts";

/** Time for a connector that is asked nothing more to end by itself. */
const PATIENCE_MS = 2_000;

/** The connectors of an attempt that wait for their next command, or for the end. */
export class Sessions {
  readonly #all: ConnectorProcess[] = [];

  add(process: ConnectorProcess): void {
    this.#all.push(process);
  }

  /** Tells all that nothing more comes. Resolves when they are gone. */
  async end(): Promise<void> {
    await Promise.all(
      this.#all.map(async (process) => {
        const timer = setTimeout(() => process.stop(), PATIENCE_MS);
        process.stdin.end();
        await process.exit;
        clearTimeout(timer);
        process.stdout.destroy();
      }),
    );
  }
}
