import { Project } from "../../support/project.ts";
import { type Running, start } from "../../support/run.ts";
import type { End, Nemesis } from "../nemesis.ts";
import { Pipe } from "./pipe.ts";
import { type CdcScenario, streamsOf } from "./scenario.ts";

/** Whoever says nothing for so long has lost its connection for good. */
const PATIENCE = {
  start_seconds: 12,
  source_silence_seconds: 8,
  destination_silence_seconds: 8,
  stop_seconds: 5,
};

/** Starts what brings the changes, on the route that the scenario goes. */
export class Runs {
  readonly slot: string;
  readonly pipe: Pipe;
  readonly #ends: { readonly source: End; readonly destination: End; readonly folder: string };
  readonly #scenario: CdcScenario;

  constructor(
    ends: { readonly source: End; readonly destination: End; readonly folder: string },
    scenario: CdcScenario,
  ) {
    this.#ends = ends;
    this.#scenario = scenario;
    this.slot = `syncline_${ends.source.database.config.database}`;
    this.pipe = new Pipe(ends.folder);
  }

  /** What a source has beside its connection. */
  get sourceConfig(): object {
    return {
      replication_method: {
        method: "CDC",
        replication_slot: this.slot,
        publication: "syncline",
        initial_waiting_seconds: 2,
        // Without its publication the place in the log is lost.
        ...(this.#scenario.isReshaped && {
          invalid_cdc_cursor_position_behavior: "Re-sync data",
        }),
      },
    };
  }

  /** Starts a run, through the nemesis where there is one; the last table is followed from the second on. */
  async start(number: number, nemesis: Nemesis | undefined): Promise<Running> {
    const { limits, route } = this.#scenario;
    const source = this.#ends.source.database;
    const destination = this.#ends.destination.database;
    const streams = streamsOf(this.#scenario, { withLater: number > 1 });
    const sourceConfig = { ...source.config, ...this.sourceConfig, ...nemesis?.place("source") };
    const destinationConfig = {
      ...destination.config,
      ...this.#destinationConfig(),
      ...nemesis?.place("destination"),
    };
    if (route === "pipe") {
      const configs = { source: sourceConfig, destination: destinationConfig };
      return this.pipe.start(number, streams, configs, { limits });
    }
    const project = await Project.create(this.#ends.folder, {
      source,
      destination,
      sourceConfig,
      destinationConfig,
      connections: { soak: { streams, ...this.#patience(nemesis) } },
    });
    const follow = route === "follow" ? ["--follow"] : [];
    const running = start("syncline", ["sync", ...follow], { cwd: project.folder, limits });
    running.endInput();
    return running;
  }

  #destinationConfig(): object {
    const { hasRawTables, hasHistory, deletionMode } = this.#scenario;
    return {
      tables: hasRawTables ? "raw_and_final" : "final_only",
      column_types: "native",
      history: hasHistory,
      cdc_deletion_mode: deletionMode,
    };
  }

  #patience(nemesis: Nemesis | undefined): object {
    return {
      ...(nemesis && { limits: PATIENCE }),
      retry: {
        max_attempts: this.#scenario.maxAttempts,
        first_delay_seconds: 0.1,
        max_delay_seconds: 0.5,
      },
    };
  }
}
