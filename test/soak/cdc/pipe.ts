import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConfiguredCatalog } from "../../../protocol/catalog.ts";
import {
  commandOf,
  runExecutable,
  start,
  type Running,
  type RunOptions,
  succeeded,
} from "../../support/run.ts";
import type { Committed } from "./slot-watch.ts";
import { readCommitted } from "./slot-watch.ts";

type Chosen = Readonly<Record<"name" | "sync_mode" | "destination_sync_mode", string>>;

/** The name that the destination keeps its states under. */
const CONNECTION = { SYNCLINE_CONNECTION_ID: "soak" };

/** Source and destination in a shell pipe, as somebody without an orchestrator has them. */
export class Pipe {
  readonly #folder: string;
  #given: Committed | undefined;
  #latest: Committed | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What the last read was given, up to where it may move the slot. */
  get given(): Committed | undefined {
    return this.#given;
  }

  /** What the destination printed last. */
  get latest(): Committed | undefined {
    return this.#latest;
  }

  /** Starts one read into one write. What was sent, and the states that came back, are in files. */
  async start(
    run: number,
    streams: readonly Chosen[],
    configs: { readonly source: object; readonly destination: object },
    options: RunOptions,
  ): Promise<Running> {
    await writeFile(join(this.#folder, "source.json"), JSON.stringify(configs.source));
    await writeFile(join(this.#folder, "destination.json"), JSON.stringify(configs.destination));
    await writeFile(
      join(this.#folder, "catalog.json"),
      JSON.stringify(await this.#catalog(streams)),
    );
    const states = await readFile(join(this.#folder, "states.ndjson"), "utf8").catch(() => "");
    this.#given = lastState(states);
    const word = (name: string) =>
      commandOf(name)
        .map((part) => `'${part}'`)
        .join(" ");
    const state = this.#given === undefined ? "" : "--state states.ndjson";
    const pipe = `set -o pipefail
      ${word("source-postgres")} read --config source.json --catalog catalog.json ${state} | tee sent-${run}.ndjson |
      ${word("destination-postgres")} write --config destination.json --catalog catalog.json > printed.ndjson`;
    // Whoever is killed before it begins has printed nothing, and not what the run before did.
    for (const name of [`sent-${run}.ndjson`, "printed.ndjson"])
      await writeFile(join(this.#folder, name), "");
    return start("bash", ["--norc", "-c", pipe], {
      ...options,
      cwd: this.#folder,
      env: CONNECTION,
    });
  }

  /** Keeps the states that were printed, and returns what else was said. */
  async keep(): Promise<string> {
    const printed = await readFile(join(this.#folder, "printed.ndjson"), "utf8");
    const whole = printed.slice(0, printed.lastIndexOf("\n") + 1);
    await appendFile(join(this.#folder, "states.ndjson"), whole);
    this.#latest = lastState(whole) ?? this.#latest;
    const others = whole.split("\n").filter((line) => !line.startsWith('{"type":"STATE"'));
    return others.join("\n");
  }

  /** Goes on from what the destination itself says to have committed, instead of what it printed. */
  async askDestination(): Promise<void> {
    const files = ["destination", "catalog"].map((name) => join(this.#folder, `${name}.json`));
    const { stdout } = succeeded(
      await runExecutable(
        "destination-postgres",
        ["state", "--config", files[0]!, "--catalog", files[1]!],
        { env: CONNECTION },
      ),
    );
    await writeFile(join(this.#folder, "states.ndjson"), stdout);
    this.#latest = lastState(stdout) ?? this.#latest;
  }

  /** The records and states of one run, as they were sent. */
  async sent(run: number): Promise<string[]> {
    const text = await readFile(join(this.#folder, `sent-${run}.ndjson`), "utf8");
    return text
      .split("\n")
      .slice(0, -1) // whoever was killed in the middle of a line has not sent it
      .filter((line) => line.startsWith('{"type":"RECORD"') || line.startsWith('{"type":"STATE"'));
  }

  async #catalog(streams: readonly Chosen[]): Promise<ConfiguredCatalog> {
    const discovered = succeeded(
      await runExecutable("source-postgres", [
        "discover",
        "--config",
        join(this.#folder, "source.json"),
      ]),
    );
    const { catalog } = discovered.messages().find(({ type }) => type === "CATALOG") as unknown as {
      catalog: { streams: ConfiguredCatalog["streams"][number]["stream"][] };
    };
    return {
      supports_change_records: true,
      streams: streams.map(({ name, sync_mode, destination_sync_mode }) => {
        const stream = catalog.streams.find((one) => one.name === name)!;
        return {
          stream,
          sync_mode,
          destination_sync_mode,
          cursor_field: stream.default_cursor_field,
          primary_key: stream.source_defined_primary_key,
        };
      }),
    } as ConfiguredCatalog;
  }
}

function lastState(printed: string): Committed | undefined {
  const line = printed.split("\n").findLast((one) => one.startsWith('{"type":"STATE"'));
  return line === undefined ? undefined : readCommitted(line);
}
