import { describe, expect } from "vitest";
import copyStreams from "pg-copy-streams";
import { close, connect } from "../../../connectors/postgres/connection.ts";
import { socketOf } from "../../../connectors/postgres/driver.ts";
import { postgresFailure } from "../../../connectors/postgres/errors.ts";
import { Failure } from "../../../protocol/errors.ts";
import { it } from "../../support/fixtures.ts";
import { startProxy, type Decide } from "../../support/proxy.ts";

const ROWS = 20_000;
const COPY = `copy (select repeat('x', 100) from generate_series(1, ${ROWS})) to stdout`;
const options = { applicationName: "test", signal: AbortSignal.timeout(20_000) };

/** Runs `work` on a connection through a proxy that does as `decide` says. */
async function through<T>(
  config: Parameters<typeof connect>[0],
  decide: Decide,
  work: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>,
): Promise<T> {
  const proxy = await startProxy(config, decide);
  try {
    const client = await connect({ ...config, host: proxy.host, port: proxy.port }, options);
    try {
      return await work(client);
    } finally {
      await close(client);
    }
  } finally {
    await proxy.close();
  }
}

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => postgresFailure("read", error),
  );

async function copyOut(client: Awaited<ReturnType<typeof connect>>): Promise<number> {
  const stream = client.query(copyStreams.to(COPY));
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) bytes += chunk.length;
  return bytes;
}

/** @guarantee connection-loss */
describe("a connection that breaks", () => {
  let messages = 0;
  const afterCopyData =
    (count: number, action: ReturnType<Decide>): Decide =>
    ({ from, type }) => {
      if (from !== "server" || type !== "d") return "pass";
      return ++messages === count ? action : "pass";
    };

  for (const [where, action] of [
    ["by FIN between two rows of a COPY", { pass: "all", fault: "close" }],
    ["by RST between two rows of a COPY", { pass: "all", fault: "reset" }],
    ["by FIN inside a row of a COPY", { pass: 40, fault: "close" }],
    ["by RST inside the length of a row of a COPY", { pass: 3, fault: "reset" }],
  ] as const)
    it(`is an error, never the end of the data: ${where}`, async ({ source }) => {
      messages = 0;

      const failure = await failureOf(
        through(source.config, afterCopyData(5_000, action), copyOut),
      );

      expect(failure.code).toBe("postgres.connection_lost");
      expect(failure.kind).toBe("transient_error");
    });

  it("is an error right before the end of a COPY is announced", async ({ source }) => {
    const decide: Decide = ({ from, type }) =>
      from === "server" && type === "c" ? "close" : "pass";

    const failure = await failureOf(through(source.config, decide, copyOut));

    expect(failure.code).toBe("postgres.connection_lost");
  });

  it("is an error in the middle of a result", async ({ source }) => {
    let rows = 0;
    const decide: Decide = ({ type }) => (type === "D" && ++rows === 50 ? "reset" : "pass");

    const failure = await failureOf(
      through(source.config, decide, (client) =>
        client.query(`select repeat('x', 100) from generate_series(1, 1000)`),
      ),
    );

    expect(failure.code).toBe("postgres.connection_lost");
  });

  it("fails every query after it as well", async ({ source }) => {
    const client = await connect(source.config, options);
    const ended = new Promise((resolve) => client.once("end", resolve));
    socketOf(client).destroy();
    await ended;

    const failure = await failureOf(client.query("select 1"));

    expect(failure.code).toBe("postgres.connection_lost");
    await close(client);
  });

  it("names the administrator who ended it", async ({ source }) => {
    const client = await connect(source.config, options);
    const [row] = (await client.query("select pg_backend_pid() as pid")).rows;
    const sleeping = failureOf(client.query("select pg_sleep(60)"));
    await source.query("select pg_terminate_backend($1)", [String(row.pid)]);

    const failure = await sleeping;

    expect(failure).toMatchObject({
      code: "postgres.connection_lost",
      facts: { sqlstate: "57P01" },
    });
    await close(client);
  });

  it("can be given up while connecting", async ({ source }) => {
    const stop = new AbortController();
    const decide: Decide = ({ type }) => {
      if (type !== "startup") return "pass";
      stop.abort(new Failure("sync.interrupted", "stopped"));
      return "freeze";
    };
    const proxy = await startProxy(source.config, decide);

    const failure = await failureOf(
      connect(
        { ...source.config, host: proxy.host, port: proxy.port },
        { applicationName: "test", signal: stop.signal },
      ),
    );

    expect(failure.code).toBe("sync.interrupted");
    await proxy.close();
  });
});
