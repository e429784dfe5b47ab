import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import type { Message, SpecMessage } from "../../protocol/messages.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable, start } from "../support/run.ts";
import { describeAnyConnector } from "./connector.ts";
import { errorsOf, messagesOf, runWithoutReader, statesOf } from "./protocol-output.ts";

/** What the suite needs to know of a destination. */
export interface DestinationUnderTest {
  readonly executable: string;
  readonly config: JsonObject;
  /** The column `field` of all committed rows of a stream, in any order, as text; [] for no table. */
  readonly values: (stream: string, field: string) => Promise<string[]>;
}

const EMITTED_AT = 1_700_000_000_000;

/**
 * What any destination must do, whatever it is written in, tried only through its command line and
 * stdio. `destination` is called once per test and must give an empty one each time.
 */
export function describeDestination(name: string, destination: () => DestinationUnderTest): void {
  describeAnyConnector(name, destination);

  describe(`${name} as a destination`, () => {
    it("has the commands its specification announces, and no others", async () => {
      const { executable } = destination();

      const spec = messagesOf(await runExecutable(executable, ["spec"])).find(isSpec)!.spec;
      const { stdout: help } = await runExecutable(executable, ["--help"]);

      expect(/^ {2}state /m.test(help)).toBe(spec.supports_state_command === true);
      expect(/^ {2}normalize /m.test(help)).toBe(spec.supports_normalize_command === true);
      expect(/^ {2}adopt /m.test(help)).toBe(spec.supports_adopt_command === true);
      expect(/^ {2}move /m.test(help)).toBe(spec.supports_move_command === true);
      expect(/^ {2}plan /m.test(help)).toBe(spec.supports_plan_command === true);
    });

    it("commits the records and prints each state back, in order and unchanged", async ({
      folder,
    }) => {
      const { executable, config, values } = destination();
      const input = [
        status("things", "STARTED"),
        record("things", { id: 1 }),
        state("things", '{"b" : 1.0, "a":[12345678901234567890, "é\\u00e9"]}', ',"id":1'),
        record("things", { id: 2 }),
        state("things", '{"b":2}', ',"id":2,"extra":{"kept":[true]}'),
        status("things", "COMPLETE"),
      ];

      const result = await write(executable, folder, config, ["things"], input);

      expect(result.exitCode, result.stdout).toBe(0);
      const states = statesOf(messagesOf(result));
      expect(states.map(({ state: { id } }) => id)).toEqual([1, 2]);
      expect(states[1]!.state).toMatchObject({ extra: { kept: [true] } });
      expect(result.stdout).toContain('{"b" : 1.0, "a":[12345678901234567890, "é\\u00e9"]}');
      expect((await values("things", "id")).sort()).toEqual(["1", "2"]);
    });

    it("has committed what a printed state covers, while its input is still open", async ({
      folder,
    }) => {
      const { executable, config, values } = destination();
      const writing = start(executable, await writeArgs(folder, config, ["things"]));

      writing.write(lines([record("things", { id: 1 }), state("things", '{"n":1}')]));
      await writing.line((line) => line.includes('"STATE"'));

      expect(await values("things", "id")).toEqual(["1"]);
      writing.write(lines([status("things", "COMPLETE")]));
      writing.endInput();
      expect((await writing.finished).exitCode).toBe(0);
    });

    it("takes records in any spelling of JSON, and keeps every digit", async ({ folder }) => {
      const { executable, config, values } = destination();
      const input = [
        '{"record":{"data":{"id":9007199254740993},"emitted_at":1,"stream":"things"},"type":"RECORD"}',
        ' { "type" : "RECORD", "x": [1,{}], "record" : { "namespace" : null, "stream" : "things", "emitted_at" : 1, "data" : { "id" : 9007199254740995 } } } \r',
        "",
        state("things", "{}"),
        status("things", "COMPLETE"),
      ];

      const result = await write(executable, folder, config, ["things"], input);

      expect(result.exitCode, result.stdout).toBe(0);
      expect((await values("things", "id")).sort()).toEqual([
        "9007199254740993",
        "9007199254740995",
      ]);
    });

    it("passes over messages that are not for it, and unknown ones", async ({ folder }) => {
      const { executable, config, values } = destination();
      const input = [
        '{"type":"LOG","log":{"level":"FATAL","message":"not my business"}}',
        '{"type":"SOMETHING_NEW","something_new":{}}',
        '{"type":"TRACE","trace":{"type":"ANALYTICS","emitted_at":1,"analytics":{"type":"x"}}}',
        record("things", { id: 1 }),
        status("things", "COMPLETE"),
      ];

      const result = await write(executable, folder, config, ["things"], input);

      expect(result.exitCode, result.stdout).toBe(0);
      expect(await values("things", "id")).toEqual(["1"]);
    });

    it("fails when the input ends before a stream is complete, naming it", async ({ folder }) => {
      const { executable, config } = destination();
      const input = [
        record("things", { id: 1 }),
        state("things", "{}"),
        status("others", "COMPLETE"),
      ];

      const result = await write(executable, folder, config, ["things", "others"], input);

      expect(result.exitCode).toBe(1);
      const errors = errorsOf(messagesOf(result));
      expect(errors).toHaveLength(1);
      expect(errors[0]!.message).toContain("things");
      expect(errors[0]!.message).not.toContain("others");
    });

    it("fails on a line that is no message, saying where and not what", async ({ folder }) => {
      const { executable, config } = destination();
      for (const [bad, end] of [
        ["canary is not json", "\n"],
        ['{"canary": 1}', "\n"],
        ['{"type":"RECORD","record":{"stream":"things","data":{"id":"canary', ""],
        [
          '{"type":"RECORD","record":{"stream":"things","data":{"id":"canary"x},"emitted_at":1}}',
          "\n",
        ],
      ]) {
        const input = lines([record("things", { id: 1 })]) + bad + end;

        const result = await runExecutable(
          executable,
          await writeArgs(folder, config, ["things"]),
          { stdin: input },
        );

        expect(result.exitCode).toBe(1);
        const errors = errorsOf(messagesOf(result));
        expect(errors, bad).toHaveLength(1);
        expect(errors[0]!.message, bad).toContain("line 2");
        expect(result.stdout + result.stderr).not.toContain("canary");
      }
    });

    it("refuses a record of a stream it was not told about", async ({ folder }) => {
      const { executable, config } = destination();
      const input = [record("strangers", { id: 1 }), status("things", "COMPLETE")];

      const result = await write(executable, folder, config, ["things"], input);

      expect(result.exitCode).toBe(1);
      expect(errorsOf(messagesOf(result))).toHaveLength(1);
    });

    it("finishes at once with nothing to do", async ({ folder }) => {
      const { executable, config } = destination();
      const empty = await write(executable, folder, config, [], []);
      const noRecords = await write(
        executable,
        folder,
        config,
        ["things"],
        [state("things", '{"x":1}'), status("things", "COMPLETE")],
      );

      expect(empty.exitCode, empty.stdout).toBe(0);
      expect(noRecords.exitCode, noRecords.stdout).toBe(0);
      expect(statesOf(messagesOf(noRecords))).toHaveLength(1);
    });

    it("ends quietly, and not with success, when nobody reads its states", async ({ folder }) => {
      const { executable, config } = destination();
      const some = Array.from({ length: 2_000 }, (_, id) => [
        record("things", { id }),
        state("things", `{"id":${id},"pad":"${"x".repeat(200)}"}`),
      ]).flat();

      const result = await runWithoutReader(
        executable,
        await writeArgs(folder, config, ["things"]),
        lines(some) + lines(some) + lines(some),
      );

      expect(result.exitCode).not.toBe(0);
      expect(result.stderr).toBe("");
      expect(result.ms).toBeLessThan(5_000);
    });

    it("stops on SIGTERM with what it has committed, and says so", async ({ folder }) => {
      const { executable, config, values } = destination();
      const writing = start(executable, await writeArgs(folder, config, ["things"]));
      writing.write(lines([record("things", { id: 1 }), state("things", '{"n":1}')]));
      await writing.line((line) => line.includes('"STATE"'));
      writing.write(lines([record("things", { id: 2 })]));

      writing.kill("SIGTERM");

      const result = await writing.finished;
      expect(result.exitCode).toBe(143);
      const messages = messagesOf(result);
      expect(errorsOf(messages).map(({ kind }) => kind)).toEqual(["transient_error"]);
      expect(await values("things", "id")).toContain("1");
    });
  });
}

const record = (stream: string, data: JsonObject) =>
  JSON.stringify({ type: "RECORD", record: { stream, emitted_at: EMITTED_AT, data } });

/** A STATE with `blob` as it stands, and more members of `state` after it. */
const state = (stream: string, blob: string, more = "") =>
  `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"${stream}"},"stream_state":${blob}}${more}}}`;

const status = (name: string, word: string) =>
  JSON.stringify({
    type: "TRACE",
    trace: {
      type: "STREAM_STATUS",
      emitted_at: EMITTED_AT,
      stream_status: { stream_descriptor: { name }, status: word },
    },
  });

const isSpec = (message: Message): message is SpecMessage => message.type === "SPEC";

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");

async function write(
  executable: string,
  folder: string,
  config: JsonObject,
  streams: readonly string[],
  input: readonly string[],
) {
  return runExecutable(executable, await writeArgs(folder, config, streams), {
    stdin: lines(input),
  });
}

async function writeArgs(folder: string, config: JsonObject, streams: readonly string[]) {
  const json_schema = { type: "object", properties: { id: { type: "integer" } } };
  const catalog = {
    streams: streams.map((name) => ({
      stream: { name, json_schema, supported_sync_modes: ["full_refresh", "incremental"] },
      sync_mode: "incremental",
      cursor_field: ["id"],
      destination_sync_mode: "append",
    })),
  };
  const [configFile, catalogFile] = [join(folder, "config.json"), join(folder, "catalog.json")];
  await writeFile(configFile, JSON.stringify(config));
  await writeFile(catalogFile, JSON.stringify(catalog));
  return ["write", "--config", configFile, "--catalog", catalogFile];
}
