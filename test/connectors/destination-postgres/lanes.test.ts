import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { type Action, startProxy, type WireMessage } from "../../support/proxy.ts";
import { complete, errorOf, record, state, stream, write } from "./drive.ts";

/** Time for rows to come that do not wait to be asked for. */
const PATIENCE_MS = 1_000;

it("send rows before the server asks for them, the first lane and those beside it", async ({
  destination,
  folder,
}) => {
  const hasRows = new Set<number>();
  /** Of each connection that copied, whether rows came before the first request for them. */
  const isAhead = new Map<number, boolean>();
  const decide = async ({ from, type, connection }: WireMessage): Promise<Action> => {
    if (from === "client" && type === "d") hasRows.add(connection);
    if (from === "server" && type === "G" && !isAhead.has(connection)) {
      const until = performance.now() + PATIENCE_MS;
      while (!hasRows.has(connection) && performance.now() < until) await wait(5);
      isAhead.set(connection, hasRows.has(connection));
    }
    return "pass";
  };
  const proxy = await startProxy(destination.config, decide);
  const config = { ...destination.config, host: proxy.host, port: proxy.port };
  const streams = ["a", "b"].map((name) => stream({ name }));
  const env = {
    SYNCLINE_CONNECTION_ID: "c",
    SYNCLINE_LIMITS: JSON.stringify({ batchRows: 1, lanes: 2, chunkBytes: 40 }),
  };
  const lines: (object | string)[] = [state("a", { n: 0 })];
  for (let id = 1; id <= 5; id++) lines.push(record("a", { id }), record("b", { id }));

  const run = await write({ config }, folder, streams, [...lines, complete("a"), complete("b")], {
    env,
  });
  await proxy.close();

  expect(errorOf(run)).toBe("");
  expect([...isAhead.values()]).toEqual([true, true]);
  for (const name of ["a", "b"])
    expect(await destination.rows(`select count(*) from ${name}`)).toEqual([["5"]]);
});
