import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConfiguredStream, PropertySchema } from "../../../protocol/catalog.ts";
import { runExecutable, start, type Finished, type Running } from "../../support/run.ts";
import type { Database } from "../../support/fixtures.ts";

/** What the tests of the destination say about a stream; the rest is filled in. */
export interface StreamSpec {
  name: string;
  namespace?: string | undefined;
  properties: Record<string, PropertySchema>;
  mode?: "append" | "overwrite" | "append_dedup";
  incremental?: boolean;
  resumable?: boolean;
  key?: string[];
  cursor?: string;
  generation?: number;
  minimum?: number;
}

export const INTEGER = { type: "integer" };
export const NUMBER = { type: "number" };
export const TEXT = { type: "string" };
export const BOOLEAN = { type: "boolean" };
export const JSON_COLUMN = { type: "object", airbyte_type: "json", "x-postgres-type": "jsonb" };
export const TIMESTAMP = {
  type: "string",
  format: "date-time",
  airbyte_type: "timestamp_without_timezone",
};
export const TIMESTAMPTZ = {
  type: "string",
  format: "date-time",
  airbyte_type: "timestamp_with_timezone",
};

/** A stream `demo` of `id` and `name`, unless told otherwise. */
export function stream(spec: Partial<StreamSpec> = {}): StreamSpec {
  return { name: "demo", properties: { id: INTEGER, name: TEXT }, ...spec };
}

export interface WriteOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The command line of a `write`, its files written into `folder`. */
export async function writeCommand(
  command: string,
  destination: Pick<Database, "config">,
  folder: string,
  streams: readonly StreamSpec[],
  options: WriteOptions = {},
): Promise<string[]> {
  const at = await mkdtemp(join(folder, "run-"));
  const config = join(at, "config.json");
  const catalog = join(at, "catalog.json");
  await writeFile(config, JSON.stringify({ ...destination.config, ...options.config }));
  await writeFile(catalog, JSON.stringify({ streams: streams.map(configured) }));
  return [command, "--config", config, "--catalog", catalog];
}

/** Runs `write` on `lines`, each an object to print or a line as it is. */
export async function write(
  destination: Pick<Database, "config">,
  folder: string,
  streams: readonly StreamSpec[],
  lines: readonly (object | string)[],
  options: WriteOptions = {},
): Promise<Finished> {
  const args = await writeCommand("write", destination, folder, streams, options);
  return runExecutable("destination-postgres", args, {
    stdin: text(lines),
    env: options.env ?? {},
  });
}

/** The same, with stdin left open. */
export async function startWrite(
  destination: Pick<Database, "config">,
  folder: string,
  streams: readonly StreamSpec[],
  options: WriteOptions = {},
): Promise<Running> {
  const args = await writeCommand("write", destination, folder, streams, options);
  return start("destination-postgres", args, { env: options.env ?? {} });
}

/** What `state` prints. */
export async function committedState(
  destination: Pick<Database, "config">,
  folder: string,
  streams: readonly StreamSpec[],
  options: WriteOptions,
): Promise<string> {
  const args = await writeCommand("state", destination, folder, streams, options);
  const { stdout } = await runExecutable("destination-postgres", args, { env: options.env ?? {} });
  return stdout;
}

export function text(lines: readonly (object | string)[]): string {
  return lines
    .map((line) => (typeof line === "string" ? line : JSON.stringify(line)) + "\n")
    .join("");
}

/** A RECORD in the canonical spelling; `data` may be JSON text, for numbers JavaScript cannot hold. */
export function record(
  name: string,
  data: object | string,
  emittedAt = 1_663_940_000_000,
  namespace?: string,
): string {
  const json = typeof data === "string" ? data : JSON.stringify(data);
  const place = namespace === undefined ? "" : `"namespace":${JSON.stringify(namespace)},`;
  return `{"type":"RECORD","record":{"stream":${JSON.stringify(name)},${place}"emitted_at":${emittedAt},"data":${json}}}`;
}

export function state(name: string, blob: object | null, records?: number, namespace?: string) {
  return {
    type: "STATE",
    state: {
      type: "STREAM",
      stream: {
        stream_descriptor: { name, ...(namespace === undefined ? {} : { namespace }) },
        stream_state: blob,
      },
      ...(records === undefined ? {} : { sourceStats: { recordCount: records } }),
    },
  };
}

export function complete(name: string, namespace?: string) {
  return {
    type: "TRACE",
    trace: {
      type: "STREAM_STATUS",
      emitted_at: 1,
      stream_status: {
        stream_descriptor: { name, ...(namespace === undefined ? {} : { namespace }) },
        status: "COMPLETE",
      },
    },
  };
}

/** The state blobs a run printed, in order. */
export function statesOf(finished: Finished): unknown[] {
  return finished
    .messages()
    .flatMap((message) => (message.type === "STATE" ? [message.state.stream?.stream_state] : []));
}

/** The one TRACE ERROR of a run: message and internal message. */
export function errorOf(finished: Finished): string {
  const errors = finished
    .messages()
    .flatMap((message) =>
      message.type === "TRACE" && message.trace.error
        ? [`${message.trace.error.message} [${message.trace.error.internal_message}]`]
        : [],
    );
  return errors.join("\n");
}

/** Names of the tables of a schema, sorted. */
export async function tablesOf(destination: Database, schema = "public"): Promise<string[]> {
  const rows = await destination.rows(
    "select relname from pg_class where relnamespace = to_regnamespace($1) and relkind in ('r','p') order by 1",
    [schema],
  );
  return rows.map(([name]) => name!);
}

/** Staging tables left in our own schema. */
export async function leftovers(destination: Database): Promise<string[]> {
  const names = await tablesOf(destination, "_syncline");
  return names.filter((name) => name.startsWith("staging_"));
}

function configured(spec: StreamSpec): ConfiguredStream {
  return {
    stream: {
      name: spec.name,
      ...(spec.namespace === undefined ? {} : { namespace: spec.namespace }),
      json_schema: { type: "object", properties: spec.properties },
      supported_sync_modes: ["full_refresh", "incremental"],
      ...(spec.resumable === undefined ? {} : { is_resumable: spec.resumable }),
    },
    sync_mode: spec.incremental === true ? "incremental" : "full_refresh",
    destination_sync_mode: spec.mode ?? "append",
    ...(spec.key === undefined ? {} : { primary_key: spec.key.map((column) => [column]) }),
    ...(spec.cursor === undefined ? {} : { cursor_field: [spec.cursor] }),
    ...(spec.generation === undefined ? {} : { generation_id: spec.generation, sync_id: 1 }),
    ...(spec.minimum === undefined ? {} : { minimum_generation_id: spec.minimum }),
  };
}
