import { setTimeout as later } from "node:timers/promises";
import { expect, it } from "vitest";
import type { OpenConnector } from "../../orchestrator/api/asking.ts";
import { connectorAt, tryEnds } from "../../orchestrator/api/try-out.ts";
import { Failure } from "../../protocol/errors.ts";

const login = { host: "localhost", port: 5432, username: "u", database: "d" } as never;
const source = connectorAt("source", login);
const destination = connectorAt("destination", login);
const refused = new Failure("postgres.auth_failed", "no password", { origin: "source" });
const tried = { connector: { check: async () => ({ status: "SUCCEEDED" }) } } as never;

// Vitest fails a run in which a rejection was nobody's, which would have ended the program.
it("says what the source has against it, also before the destination was opened", async () => {
  const opened: string[] = [];
  const open = async ({ role }: { role: string }): Promise<OpenConnector> => {
    if (role === "source") throw refused;
    await later(20);
    opened.push(role);
    return tried;
  };
  await expect(tryEnds(open, { source, destination })).rejects.toBe(refused);
  expect(opened).toEqual(["destination"]);
});

it("says what keeps the destination from being opened once the source has answered", async () => {
  const cannot = new Failure("connector.not_found", "no such program", { origin: "destination" });
  let isAnswered = false;
  const discover = async () => {
    await later(20);
    isAnswered = true;
    return { streams: [] };
  };
  const open = async ({ role }: { role: string }): Promise<OpenConnector> => {
    if (role === "destination") throw cannot;
    return { connector: { discover } } as never;
  };
  await expect(tryEnds(open, { source, destination })).rejects.toBe(cannot);
  expect(isAnswered).toBe(true);
});
