import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Catalog,
  type ConfiguredStream,
  type Stream,
  streamKey,
} from "../../../protocol/catalog.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { Message, State, TraceMessage } from "../../../protocol/messages.ts";
import type { Database } from "../../support/database.ts";
import { type Finished, runExecutable, type Running, start } from "../../support/run.ts";

/** What a run of the source printed, sorted by what tests ask about. */
export interface Printed {
  readonly exitCode: number | null;
  readonly messages: Message[];
  /** The `data` of each RECORD of a stream, as text: numbers keep their spelling. */
  data(stream: string): string[];
  /** The `data` of each RECORD of a stream, parsed. */
  rows(stream: string): JsonObject[];
  /** Bodies of the STATE messages, in order. */
  readonly states: State[];
  /** `name STATUS` of every stream status, in order. */
  readonly statuses: string[];
  readonly errors: NonNullable<TraceMessage["trace"]["error"]>[];
  readonly logs: string[];
  readonly stdout: string;
}

type StreamOptions = Partial<Omit<ConfiguredStream, "stream">>;

/** Runs the source's executable against a database, with its files in `folder`. */
export class SourceDriver {
  readonly #folder: string;
  readonly #config: JsonObject;

  constructor(source: Database, folder: string, options: JsonObject = {}) {
    this.#folder = folder;
    this.#config = { ...source.config, ...options };
  }

  async check(): Promise<{
    exitCode: number | null;
    status: string;
    message: string;
    logs: string[];
  }> {
    const printed = sorted(await this.#run("check", []));
    const found = printed.messages.find((message) => message.type === "CONNECTION_STATUS");
    const status = found?.type === "CONNECTION_STATUS" ? found.connectionStatus : undefined;
    return {
      exitCode: printed.exitCode,
      status: status?.status ?? "none",
      message: status?.message ?? "",
      logs: printed.logs,
    };
  }

  async discover(): Promise<{ catalog: Catalog; logs: string[] }> {
    const printed = sorted(await this.#run("discover", []));
    const found = printed.messages.find((message) => message.type === "CATALOG");
    if (found?.type !== "CATALOG") throw new Error(`discover failed: ${printed.stdout}`);
    return { catalog: found.catalog, logs: printed.logs };
  }

  /** Every discovered stream, configured for a full refresh unless `options` say otherwise. */
  async configure(
    names: readonly string[],
    options: StreamOptions = {},
  ): Promise<ConfiguredStream[]> {
    const { catalog } = await this.discover();
    return names.map((name) => {
      const stream = catalog.streams.find((candidate) => candidate.name === name);
      if (stream === undefined) throw new Error(`discover did not find ${name}`);
      return configured(stream, options);
    });
  }

  async read(streams: readonly ConfiguredStream[], state?: readonly State[]): Promise<Printed> {
    return sorted(await runExecutable("source-postgres", await this.readArguments(streams, state)));
  }

  /** Both, in one process. */
  async discoverAndRead(streams: readonly ConfiguredStream[]): Promise<Printed> {
    const read = await this.readArguments(streams);
    const discover = ["discover", ...read.slice(1, 3)];
    const stdin = [discover, read].map((args) => `${JSON.stringify(args)}\n`).join("");
    return sorted(await runExecutable("source-postgres", ["session"], { stdin }));
  }

  async startReading(
    streams: readonly ConfiguredStream[],
    state?: readonly State[],
  ): Promise<Running> {
    return start("source-postgres", await this.readArguments(streams, state));
  }

  /** Writes the files of a read and returns its command line. */
  async readArguments(
    streams: readonly ConfiguredStream[],
    state?: readonly State[],
  ): Promise<string[]> {
    const catalog = await this.#file("catalog.json", { streams });
    const args = ["read", "--config", await this.#file("config.json", this.#config)];
    args.push("--catalog", catalog);
    if (state !== undefined) args.push("--state", await this.#file("state.json", lastOf(state)));
    return args;
  }

  async #run(command: string, more: string[]): Promise<Finished> {
    const config = await this.#file("config.json", this.#config);
    return runExecutable("source-postgres", [command, "--config", config, ...more]);
  }

  async #file(name: string, content: unknown): Promise<string> {
    const path = join(this.#folder, name);
    await writeFile(path, JSON.stringify(content));
    return path;
  }
}

/** The last state of each stream, which is what a runner keeps; states of older sources are no list. */
function lastOf(states: readonly State[]): readonly State[] {
  if (!Array.isArray(states)) return states;
  const keyOf = ({ stream }: State) => stream && streamKey(stream.stream_descriptor);
  return [...new Map((states as readonly State[]).map((state) => [keyOf(state), state])).values()];
}

export function configured(stream: Stream, options: StreamOptions = {}): ConfiguredStream {
  return { stream, sync_mode: "full_refresh", destination_sync_mode: "append", ...options };
}

/** Sorts what a finished process printed. */
export function sorted(finished: Finished): Printed {
  const messages = finished.messages();
  const traces = messages.flatMap((message) => (message.type === "TRACE" ? [message.trace] : []));
  const data = (stream: string) =>
    finished.stdout
      .split("\n")
      .filter((line) =>
        line.startsWith(`{"type":"RECORD","record":{"stream":${JSON.stringify(stream)},`),
      )
      .map((line) => line.slice(line.indexOf('"data":') + '"data":'.length, -2));
  return {
    exitCode: finished.exitCode,
    messages,
    data,
    rows: (stream) => data(stream).map((json) => JSON.parse(json) as JsonObject),
    states: messages.flatMap((message) => (message.type === "STATE" ? [message.state] : [])),
    statuses: traces.flatMap(({ stream_status: status }) =>
      status === undefined ? [] : [`${status.stream_descriptor.name} ${status.status}`],
    ),
    errors: traces.flatMap(({ error }) => (error === undefined ? [] : [error])),
    logs: messages.flatMap((message) =>
      message.type === "LOG" ? [`${message.log.level} ${message.log.message}`] : [],
    ),
    stdout: finished.stdout,
  };
}
