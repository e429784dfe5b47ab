// A complete destination: a file of JSON lines per stream, for which a new one is made beside it when
// its rows are to be replaced. A STATE is printed once its rows are on disk.
import * as fs from "node:fs/promises";
import { join } from "node:path";
import * as kit from "syncline/connector-kit";
import { type ConfiguredStream, Failure } from "syncline/protocol";

/** A stream, and the file its rows are loaded into. A note beside it says whose rows it holds. */
async function linesOf(folder: string, configured: ConfiguredStream) {
  const { name, namespace } = configured.stream;
  const names = namespace ? [namespace, name] : [name];
  // No stream's name is another's file, or leads out of the folder.
  const file = names.map((part) => encodeURIComponent(part).replaceAll(".", "%2E")).join(".");
  const path = join(folder, `${file}.jsonl`);
  const inPlace = await fs.readFile(`${path}.generation`, "utf8").catch(() => "");
  const delivered = kit.deliver(configured, inPlace === "" ? undefined : Number(inPlace));
  const loaded = delivered.replaces ? `${path}.new` : path;
  const opened = { file: undefined as fs.FileHandle | undefined, end: 0, committed: 0, mark: 0 };
  return { ...delivered, ...opened, batches: new kit.DataBatches(), path, loaded };
}
type Lines = Awaited<ReturnType<typeof linesOf>>;
async function opened(lines: Lines): Promise<Lines> {
  if (lines.file) return lines;
  lines.file = await fs.open(lines.loaded, lines.replaces ? "w+" : "a+");
  const byte = Buffer.alloc(1);
  // A run that was killed may have left half a row at the end.
  for (lines.end = (await lines.file.stat()).size; lines.end > 0; lines.end--)
    if ((await lines.file.read(byte, 0, 1, lines.end - 1)) && byte[0] === 0x0a) break;
  await lines.file.truncate(lines.end);
  lines.committed = lines.mark = lines.end;
  return lines;
}
/** One transaction: rows are appended, and cut off again when they are taken back. */
function laneOf(folder: string, streams: readonly Lines[]): kit.Lane<kit.DataBatch> {
  const held = new Set<Lines>();
  return {
    async load(stream, { bytes, rows }) {
      const lines = await opened(streams[stream]!);
      held.add(lines);
      await lines.file!.appendFile(bytes);
      lines.end += bytes.length;
      return rows;
    },
    async savepoint() {
      for (const lines of held) lines.mark = lines.end;
    },
    async rollback(to) {
      for (const lines of held) {
        lines.end = to === "savepoint" ? lines.mark : lines.committed;
        await lines.file!.truncate(lines.end);
      }
    },
    async commit({ complete, replaces }) {
      for (const stream of complete) held.add(await opened(streams[stream]!));
      for (const { file } of held) await file!.sync();
      const { loaded, path, generation } = streams[replaces ?? -1] ?? { loaded: "", path: "" };
      if (loaded) await fs.rename(loaded, path);
      const names = await fs.open(folder); // a new file is safe once its folder is
      await Promise.all([names.sync(), names.close()]);
      if (generation) await fs.writeFile(`${path}.generation`, `${generation}`, { flush: true });
      for (const lines of held) lines.committed = lines.mark = lines.end;
      held.clear();
    },
  };
}
const explained = (error: NodeJS.ErrnoException) => {
  if (error.syscall === undefined) throw error;
  const kind = error.code === "ENOSPC" ? "transient_error" : "config_error";
  throw new Failure("stream.incomplete", `cannot write: ${error.message}`, { kind, cause: error });
};
const destination: kit.Destination<{ folder: string }> = {
  async check({ folder }) {
    await fs.access(folder, fs.constants.W_OK).catch(explained);
    return { status: "SUCCEEDED" };
  },
  async write({ folder }, catalog, input, context) {
    const streams = await Promise.all(catalog.streams.map((one) => linesOf(folder, one)));
    const openLane = async () => laneOf(folder, streams);
    const discard = async (unplaced: readonly number[]) => {
      for (const stream of unplaced) await fs.rm(streams[stream]!.loaded, { force: true });
    };
    await kit.writeStreams(input, { streams, openLane, discard }, context).catch(explained);
  },
};
const properties = { folder: { type: "string" } };
const config = { type: "object", required: ["folder"], additionalProperties: false, properties };
const modes = ["append" as const, "overwrite" as const];
const spec = {
  supported_destination_sync_modes: modes,
  supportsRefreshes: true,
  connectionSpecification: config,
};
const about = { name: "jsonl-destination", version: "1.0.0", description: "Writes JSON lines." };
await kit.runDestination({ ...about, spec, load: async () => destination }, process);
