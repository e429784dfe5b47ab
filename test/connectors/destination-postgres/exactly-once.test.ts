import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { startProxy } from "../../support/proxy.ts";
import {
  committedState,
  complete,
  errorOf,
  leftovers,
  record,
  startWrite,
  state,
  statesOf,
  stream,
  write,
} from "./drive.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop" };
const append = stream({ incremental: true, cursor: "id" });

it("keeps the last state beside the data and prints it back, blob unchanged", async ({
  destination,
  folder,
}) => {
  const blob = '{"cursor":12345678901234567890,"x":1.0}';
  const line = JSON.stringify(state("demo", {}, 1)).replace("{}", blob);

  await write(
    destination,
    folder,
    [append],
    [
      record("demo", { id: 1 }),
      state("demo", { old: 1 }, 1),
      record("demo", { id: 2 }),
      line,
      complete("demo"),
    ],
    { env },
  );

  const printed = await committedState(destination, folder, [append], { env });
  expect(printed.trim().split("\n")).toHaveLength(1);
  expect(printed).toContain(blob);
});

it("prints no state of a stream not asked for, or of an older generation, and says whose a table is", async ({
  destination,
  folder,
}) => {
  const first = stream({ incremental: true, cursor: "id", generation: 1 });
  await write(destination, folder, [first], [state("demo", { at: 1 }), complete("demo")], { env });

  const ask = (spec: typeof first, options = { env }) =>
    committedState(destination, folder, [spec], options);

  expect(await ask(first)).toContain('"at":1');
  expect(await ask(stream({ name: "other", generation: 1 }))).toBe("");
  expect(await ask(stream({ generation: 2 }))).toBe("");
  const another = { env: { SYNCLINE_CONNECTION_ID: "another" } };
  expect(await ask(stream({ name: "other", generation: 1 }), another)).toBe("");
  expect(await ask(first, another)).toContain("table.owned");
});

it("forgets a state that the source erased", async ({ destination, folder }) => {
  await write(destination, folder, [append], [state("demo", { at: 1 }), complete("demo")], { env });

  await write(destination, folder, [append], [state("demo", null), complete("demo")], { env });

  expect(await committedState(destination, folder, [append], { env })).toBe("");
});

/** @guarantee added-once */
it("has exactly the rows its last state covers after kill -9", async ({ destination, folder }) => {
  const run = await startWrite(destination, folder, [append], { env });
  run.write(`${record("demo", { id: 1 })}\n${JSON.stringify(state("demo", { at: 1 }, 1))}\n`);
  run.write(`${record("demo", { id: 2, name: "x".repeat(9_000_000) })}\n`);
  await run.line((line) => line.includes('"at":1'));

  run.kill("SIGKILL");
  await run.finished;

  expect(await committedState(destination, folder, [append], { env })).toContain('"at":1');
  expect(await destination.rows("select id from demo")).toEqual([["1"]]);
  const next = await write(
    destination,
    folder,
    [append],
    [record("demo", { id: 2 }), state("demo", { at: 2 }, 1), complete("demo")],
    { env },
  );
  expect(next.exitCode).toBe(0);
  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
}, 60_000);

/** @guarantee tables-owned */
it("lets a new writer of a connection take over, and the old one commits nothing more", async ({
  destination,
  folder,
}) => {
  const old = await startWrite(destination, folder, [append], { env });
  old.write(`${record("demo", { id: 1 })}\n${JSON.stringify(state("demo", { at: 1 }, 1))}\n`);
  await old.line((line) => line.includes('"at":1'));

  const taken = await write(
    destination,
    folder,
    [append],
    [record("demo", { id: 2 }), state("demo", { at: 2 }, 1), complete("demo")],
    { env },
  );
  old.write(`${record("demo", { id: 3 })}\n${JSON.stringify(state("demo", { at: 3 }, 1))}\n`);
  old.endInput();
  const ended = await old.finished;

  expect(taken.exitCode).toBe(0);
  expect(ended.exitCode).toBe(1);
  expect(statesOf(ended)).toEqual([{ at: 1 }]);
  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
}, 60_000);

it("refuses to write tables that another run is writing", async ({ destination, folder }) => {
  const first = await startWrite(destination, folder, [append]);
  first.write(`${record("demo", { id: 1 })}\n${JSON.stringify(state("demo", { at: 1 }, 1))}\n`);
  await first.line((line) => line.includes('"at":1'));

  const second = await write(destination, folder, [append], [complete("demo")]);

  expect(second.exitCode).toBe(1);
  expect(errorOf(second)).toContain("sync.locked");
  first.endInput();
  await first.finished;
}, 60_000);

it("goes on with an interrupted replacement of the same generation", async ({
  destination,
  folder,
}) => {
  const refresh = (generation: number) =>
    stream({ mode: "overwrite", resumable: true, generation, minimum: generation });
  await write(destination, folder, [refresh(1)], [record("demo", { id: 0 }), complete("demo")], {
    env,
  });

  const broken = await write(
    destination,
    folder,
    [refresh(2)],
    [record("demo", { id: 1 }), state("demo", { block: 1 }, 1), record("demo", { id: 2 })],
    { env },
  );
  expect(statesOf(broken)).toEqual([{ block: 1 }]);
  expect(await destination.rows("select id from demo")).toEqual([["0"]]);
  expect(await committedState(destination, folder, [refresh(2)], { env })).toContain('"block":1');

  const next = await write(
    destination,
    folder,
    [refresh(2)],
    [record("demo", { id: 2 }), state("demo", { done: 1 }, 1), complete("demo")],
    { env },
  );
  expect(next.exitCode).toBe(0);
  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
  expect(await leftovers(destination)).toEqual([]);

  // A retry of a generation that is in place already adds to it and does not empty it: it has asked.
  expect(await committedState(destination, folder, [refresh(2)], { env })).toContain('"done":1');
  await write(destination, folder, [refresh(2)], [complete("demo")], { env });
  expect(await destination.rows("select count(*) from demo")).toEqual([["2"]]);

  await write(destination, folder, [refresh(3)], [record("demo", { id: 9 }), complete("demo")], {
    env,
  });
  expect(await destination.rows("select id from demo")).toEqual([["9"]]);
}, 60_000);

/** @guarantee connection-loss */
it("finds out what became of a commit whose answer was lost", async ({ destination, folder }) => {
  let isCut = false;
  const proxy = await startProxy(destination.config, (message) => {
    const isAnswer = message.from === "server" && message.type === "C" && message.text === "COMMIT";
    if (!isAnswer || isCut || !isLoading) return "pass";
    isCut = true;
    return "reset";
  });
  let isLoading = false;
  const throughProxy = { config: { ...destination.config, host: proxy.host, port: proxy.port } };
  const run = await startWrite(throughProxy, folder, [append], { env });
  run.write(`${record("demo", { id: 1 })}\n${JSON.stringify(state("demo", { at: 1 }, 1))}\n`);
  await run.line((line) => line.includes('"at":1'));

  isLoading = true;
  run.write(`${record("demo", { id: 2 })}\n${JSON.stringify(state("demo", { at: 2 }, 1))}\n`);
  run.write(`${JSON.stringify(complete("demo"))}\n`);
  run.endInput();
  const finished = await run.finished;
  await proxy.close();

  expect(isCut).toBe(true);
  expect(finished.exitCode).toBe(0);
  expect(statesOf(finished)).toEqual([{ at: 1 }, { at: 2 }]);
  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
}, 60_000);
