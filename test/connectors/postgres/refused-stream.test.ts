import pg from "pg";
import { expect, it } from "vitest";
import { refusedStream } from "../../../connectors/postgres/refused-stream.ts";
import { postgresFailure } from "../../../connectors/postgres/errors.ts";
import { Failure } from "../../../protocol/errors.ts";

const stream = { name: "demo", namespace: "shop" };

function judged(code: string): Failure {
  const error = Object.assign(new pg.DatabaseError("said", 4, "error"), { code });
  return refusedStream(postgresFailure("merge the rows", error), stream) as Failure;
}

it("is the stream's what another attempt would meet again, and the run's what may pass", () => {
  for (const code of ["0A000", "22003", "23505", "42601", "42809", "44000", "54011", "P0001"])
    expect(judged(code), code).toMatchObject({ kind: "config_error", stream });
  for (const code of ["08006", "40P01", "53100", "55P03", "57014", "58030", "XX000", ""])
    expect([code, judged(code).kind, judged(code).stream]).toEqual([
      code,
      /^(58|XX|$)/.test(code) ? "system_error" : "transient_error",
      undefined,
    ]);
});

it("keeps what a failure says, and one that has its stream already", () => {
  const own = new Failure("stream.key_invalid", "a key", { stream: { name: "other" } });

  expect(refusedStream(own, stream)).toBe(own);
  expect(judged("22003")).toMatchObject({
    code: "postgres.bad_value",
    message: "could not merge the rows: a number is out of range for its column",
    facts: { sqlstate: "22003" },
  });
});
