import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { start } from "../../support/run.ts";

const NEVER = { idleMs: 3_600_000, commitMs: 3_600_000 };

it("commits behind every STATE with --follow, and waits for nothing more", async ({
  destination,
  folder,
}) => {
  const [config, catalog] = [join(folder, "config.json"), join(folder, "catalog.json")];
  const stream = {
    name: "t",
    namespace: "public",
    json_schema: { type: "object", properties: { id: { type: "integer" } } },
    supported_sync_modes: ["incremental"],
    source_defined_cursor: true,
  };
  const configured = { stream, sync_mode: "incremental", destination_sync_mode: "append" };
  await writeFile(config, JSON.stringify(destination.config));
  await writeFile(catalog, JSON.stringify({ streams: [configured] }));
  const args = ["write", "--follow", "--config", config, "--catalog", catalog];
  const running = start("destination-postgres", args, { limits: NEVER });

  for (let id = 1; id <= 3; id++) {
    const record = { stream: "t", namespace: "public", emitted_at: 1, data: { id } };
    const global = { shared_state: { id }, stream_states: [] };
    running.write(
      `${JSON.stringify({ type: "RECORD", record })}\n${JSON.stringify({ type: "STATE", state: { type: "GLOBAL", global } })}\n`,
    );
    await running.line((line) => line.includes(`"shared_state":{"id":${id}}`));
    expect(await destination.rows("select count(*) from t")).toEqual([[String(id)]]);
  }
  running.kill("SIGTERM");
  await running.finished;
});
