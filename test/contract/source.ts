import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { streamKey, type Catalog, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { StateMessage } from "../../protocol/messages.ts";
import { parseCatalog } from "../../protocol/validate.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable, start } from "../support/run.ts";
import {
  errorsOf,
  messagesOf,
  recordsOf,
  runWithoutReader,
  statesOf,
  statusesOf,
} from "./protocol-output.ts";
import { describeAnyConnector } from "./connector.ts";

/** What the suite needs to know of a source. All data behind it must stay as it is meanwhile. */
export interface SourceUnderTest {
  readonly executable: string;
  readonly config: JsonObject;
  /** A config with enough data, over a megabyte, that `read` cannot finish unless it is read from. */
  readonly bigConfig: JsonObject;
}

/** Rows of a stream as they were printed, in an order of their own. */
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

/**
 * What any source must do, whatever it is written in, tried only through its command line and
 * stdio. `source` is called once per test.
 */
export function describeSource(name: string, source: () => SourceUnderTest): void {
  describeAnyConnector(name, source);

  describe(`${name} as a source`, () => {
    it("prints one valid catalog with at least one stream", async ({ folder }) => {
      const { executable, config } = source();
      const catalog = await discover(executable, await file(folder, "config", config));

      expect(catalog.streams.length).toBeGreaterThan(0);
      for (const stream of catalog.streams)
        expect(stream.supported_sync_modes.length, stream.name).toBeGreaterThan(0);
    });

    it("reads every stream whole: started, records, a last state, complete", async ({ folder }) => {
      const { executable, config } = source();
      const configFile = await file(folder, "config", config);
      const catalog = configured(await discover(executable, configFile), "full_refresh");

      const result = await read(executable, folder, configFile, catalog);

      expect(result.exitCode, result.stdout.slice(-2000)).toBe(0);
      const messages = messagesOf(result);
      const keys = catalog.streams.map(({ stream }) => streamKey(stream));
      for (const record of recordsOf(messages))
        expect(keys).toContain(streamKey({ ...record.record, name: record.record.stream }));
      for (const key of keys) {
        const statuses = statusesOf(messages).get(key) ?? [];
        expect([statuses[0], statuses.at(-1)], key).toEqual(["STARTED", "COMPLETE"]);
        const records = recordsOf(messages).filter(
          ({ record }) => streamKey({ ...record, name: record.stream }) === key,
        );
        const states = statesOf(messages).filter((state) => keyOf(state) === key);
        expect(states.length, `${key} has a state`).toBeGreaterThan(0);
        const counted = states.reduce(
          (sum, { state }) => sum + (state.sourceStats?.recordCount ?? 0),
          0,
        );
        expect(counted, `the states of ${key} count its records`).toBe(records.length);
      }
    });

    it("reads the same records again when nothing changed", async ({ folder }) => {
      const { executable, config } = source();
      const configFile = await file(folder, "config", config);
      const catalog = configured(await discover(executable, configFile), "full_refresh");

      const first = messagesOf(await read(executable, folder, configFile, catalog));
      const second = messagesOf(await read(executable, folder, configFile, catalog, []));

      const rows = (messages: typeof first) =>
        sorted(recordsOf(messages).map(({ record }) => [record.stream, record.data]));
      expect(rows(second)).toEqual(rows(first));
    });

    it("goes on from its last state: nothing new, nothing sent", async ({ folder }) => {
      const { executable, config } = source();
      const configFile = await file(folder, "config", config);
      const catalog = configured(await discover(executable, configFile), "incremental");
      const first = messagesOf(await read(executable, folder, configFile, catalog));
      const last = new Map(statesOf(first).map((state) => [keyOf(state), state.state]));

      const second = await read(executable, folder, configFile, catalog, [...last.values()]);

      expect(second.exitCode, second.stdout.slice(-2000)).toBe(0);
      expect(recordsOf(messagesOf(second))).toHaveLength(0);
      expect(statesOf(messagesOf(second)).length).toBeGreaterThan(0);
    });

    it("refuses a stream it does not have, by name", async ({ folder }) => {
      const { executable, config } = source();
      const configFile = await file(folder, "config", config);
      const catalog = configured(await discover(executable, configFile), "full_refresh");
      catalog.streams[0]!.stream.name = "no_such_stream_canary";

      const result = await read(executable, folder, configFile, catalog);

      expect(result.exitCode).not.toBe(0);
      const errors = errorsOf(messagesOf(result));
      expect(errors.map(({ message }) => message).join()).toContain("no_such_stream_canary");
    });

    it("refuses a catalog that is none, as a matter of configuration", async ({ folder }) => {
      const { executable, config } = source();
      const configFile = await file(folder, "config", config);

      for (const catalog of [{ streams: [{}] }, {}, [], "{"]) {
        const result = await read(executable, folder, configFile, catalog);

        expect(result.exitCode).not.toBe(0);
        expect(errorsOf(messagesOf(result)).map(({ kind }) => kind)).toEqual(["config_error"]);
      }
    });

    it("ends quietly, and not with success, when its reader goes away", async ({ folder }) => {
      const { executable, bigConfig } = source();
      const configFile = await file(folder, "config", bigConfig);
      const catalog = configured(await discover(executable, configFile), "full_refresh");
      const catalogFile = await file(folder, "catalog", catalog);

      const result = await runWithoutReader(executable, [
        "read",
        "--config",
        configFile,
        "--catalog",
        catalogFile,
      ]);

      expect(result.exitCode).not.toBe(0);
      expect(result.stderr).toBe("");
      expect(result.ms).toBeLessThan(5_000);
    });

    it("stops on SIGTERM with whole lines, and says so", async ({ folder }) => {
      const { executable, bigConfig } = source();
      const configFile = await file(folder, "config", bigConfig);
      const catalog = configured(await discover(executable, configFile), "full_refresh");
      const catalogFile = await file(folder, "catalog", catalog);
      const reading = start(executable, ["read", "--config", configFile, "--catalog", catalogFile]);
      await reading.line((line) => line.includes('"RECORD"'));

      reading.kill("SIGTERM");

      const result = await reading.finished;
      const messages = messagesOf(result);
      if (result.exitCode === 0) {
        // It was faster than the signal: then everything must be there.
        for (const statuses of statusesOf(messages).values())
          expect(statuses.at(-1)).toBe("COMPLETE");
      } else {
        expect(result.exitCode).toBe(143);
        // One for the command, and perhaps one for each stream it could not finish.
        expect(new Set(errorsOf(messages).map(({ kind }) => kind))).toEqual(
          new Set(["transient_error"]),
        );
      }
    });
  });
}

async function discover(executable: string, configFile: string): Promise<Catalog> {
  const result = await runExecutable(executable, ["discover", "--config", configFile]);
  expect(result.exitCode, result.stdout).toBe(0);
  const catalogs = messagesOf(result).filter((message) => message.type === "CATALOG");
  expect(catalogs).toHaveLength(1);
  return parseCatalog(catalogs[0]!.catalog);
}

async function read(
  executable: string,
  folder: string,
  configFile: string,
  catalog: unknown,
  state?: unknown,
) {
  const catalogFile = await file(folder, "catalog", catalog);
  const stateArgs = state === undefined ? [] : ["--state", await file(folder, "state", state)];
  return runExecutable(executable, [
    "read",
    "--config",
    configFile,
    "--catalog",
    catalogFile,
    ...stateArgs,
  ]);
}

/** Every stream that supports the mode; for incremental ones, a cursor that the catalog suggests. */
function configured(catalog: Catalog, mode: "full_refresh" | "incremental"): ConfiguredCatalog {
  const streams = catalog.streams
    .filter((stream) => stream.supported_sync_modes.includes(mode))
    .map((stream) => {
      const cursor = stream.default_cursor_field ?? stream.source_defined_primary_key?.[0];
      return {
        stream,
        sync_mode: mode,
        destination_sync_mode: "append",
        ...(mode === "incremental" && cursor !== undefined ? { cursor_field: cursor } : {}),
      };
    });
  return { streams };
}

const keyOf = ({ state }: StateMessage) =>
  state.stream === undefined ? "" : streamKey(state.stream.stream_descriptor);

async function file(folder: string, name: string, content: unknown): Promise<string> {
  const path = join(folder, `${name}.json`);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
