#!/usr/bin/env node
// A complete source. Each CSV file (UTF-8, with a header, quoted as RFC 4180 says) is a stream of
// strings; an incremental read finds the rows that were appended since the last one.
import { isUtf8 } from "node:buffer";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import * as kit from "syncline/connector-kit";
import { Failure, type JsonObject, type SyncMode } from "syncline/protocol";

const source: kit.Source<{ files: string[] }> = {
  async check(config, context) {
    await this.discover(config, context);
    return { status: "SUCCEEDED" };
  },
  async discover({ files }) {
    const modes: SyncMode[] = ["full_refresh", "incremental"];
    const streams = namesOf(files).map(async ({ name, path }) => {
      const properties = (await headerOf(path)).map((field) => [field, { type: "string" }]);
      const json_schema = { type: "object", properties: Object.fromEntries(properties) };
      return { name, json_schema, supported_sync_modes: modes, source_defined_cursor: true };
    });
    return { streams: await Promise.all(streams) };
  },
  read: ({ files }, catalog, state, context) =>
    kit.readStreams(catalog, state, context, async (configured) => {
      const { path } = kit.findStream(configured, namesOf(files));
      const header = await headerOf(path);
      const fields = kit.selectFields(configured, header).map((name) => header.indexOf(name));
      const isIncremental = configured.sync_mode === "incremental";
      return {
        async read(position, printer): Promise<JsonObject> {
          const saved = isIncremental && position ? JSON.parse(position.toString()) : {};
          let offset: number = saved.byte_offset ?? 0;
          const { size } = await stat(path);
          if (offset > size) throw broken(path, offset, "the file ends before: refresh the stream");
          for await (const { rows, end } of rowsOf(path, offset, !isIncremental, header.length)) {
            for (const row of offset === 0 ? rows.slice(1) : rows)
              printer.record(Object.fromEntries(fields.map((at) => [header[at], row[at]!])));
            offset = end;
            await printer.chunkDone(isIncremental ? { byte_offset: offset } : undefined);
          }
          if (offset < size) context.log("WARN", `${path}: the last row is not finished, and left`);
          return isIncremental ? { byte_offset: offset } : {};
        },
      };
    }),
};

const broken = (path: string, at: number, why: string) =>
  new Failure("stream.incomplete", `${path}, byte ${at}: ${why}`, { kind: "config_error" });
const namesOf = (files: string[]) => files.map((path) => ({ name: basename(path, ".csv"), path }));

async function headerOf(path: string): Promise<string[]> {
  for await (const { rows } of rowsOf(path, 0, true)) if (rows[0]) return rows[0];
  throw broken(path, 0, "there is no header");
}

/** The rows from a byte on, a chunk's at a time, and where they end; at last one without line break. */
async function* rowsOf(path: string, from: number, isWhole: boolean, width?: number) {
  const file = await open(path).catch((error) => Promise.reject(broken(path, from, error.message)));
  let [rest, end] = ["", from];
  for await (const chunk of file.createReadStream({ start: from, encoding: "latin1" })) {
    rest += chunk; // in latin1, a character is a byte
    const [start, rows]: [number, string[][]] = [end, []];
    for (const [row] of rest.matchAll(/[^"\n]*(?:"[^"]*"[^"\n]*)*\n/gy)) {
      rows.push(fieldsOf(path, end, row, width));
      end += row.length;
    }
    rest = rest.slice(end - start);
    if (rest.length > 2 ** 20) throw broken(path, end, "a row is over 1 MiB, or a quote is open");
    yield { rows, end };
  }
  if (isWhole && rest) yield { rows: [fieldsOf(path, end, rest, width)], end: end + rest.length };
}

function fieldsOf(path: string, at: number, latin1: string, width?: number): string[] {
  const bytes = Buffer.from(latin1, "latin1");
  const row = bytes.toString("utf8", at === 0 && bytes[0] === 0xef ? 3 : 0).replace(/\r?\n?$/, ",");
  const fields = [...row.matchAll(/(?:"([^"]*(?:""[^"]*)*)"|([^",]*)),/gy)];
  const isCsv = isUtf8(bytes) && fields.map(([text]) => text).join("") === row;
  if (!isCsv) throw broken(path, at, "the row is not UTF-8, or a quote is in the wrong place");
  if (width !== undefined && fields.length !== width)
    throw broken(path, at, `the row has ${fields.length} fields, and the header ${width}`);
  return fields.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
}
const properties = { files: { type: "array", minItems: 1, items: { type: "string" } } };
const config = { type: "object", required: ["files"], additionalProperties: false, properties };
const about = { name: "csv-source", version: "1.0.0", description: "Reads CSV files." };
const spec = { connectionSpecification: config };
await kit.runSource({ ...about, spec, load: async () => source }, process);
