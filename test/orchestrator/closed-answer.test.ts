import { expect } from "vitest";
import { listenTo } from "../../orchestrator/connector/listen.ts";
import { startConnector } from "../../orchestrator/connector/process.ts";
import { StderrLines } from "../../orchestrator/connector/stderr-lines.ts";
import { AttemptLog } from "../../orchestrator/store/attempt-log.ts";
import { it } from "../support/fixtures.ts";

it("a connector that closed its output and goes on is stopped when that is asked for", async ({
  folder,
}) => {
  const launch = {
    file: "/bin/sh",
    args: ["-c", "exec >&-; exec sleep 1000"],
    label: "source s",
    role: "source",
  } as never;
  const child = startConnector({
    launch,
    args: [],
    cwd: folder,
    env: { PATH: process.env["PATH"]! },
    stdin: "ignore",
    graceSeconds: 0,
    stopMs: 5_000,
    stderr: new StderrLines(() => {}),
  });
  const stop = new AbortController();
  const reason = new Error("asked for");
  child.stdout.once("close", () => setImmediate(() => stop.abort(reason)));

  const heard = listenTo(child, {
    who: { label: "source s", role: "source" } as never,
    command: "check",
    inSession: false,
    startSeconds: 600,
    log: new AttemptLog(),
    signal: stop.signal,
  });

  await expect(heard).rejects.toBe(reason);
  expect(await child.exit).toMatchObject({ kind: "signaled", weAsked: true });
});
