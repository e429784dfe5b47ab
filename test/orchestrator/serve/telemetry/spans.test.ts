import { describe, expect } from "vitest";
import { otlpSettings } from "../../../../orchestrator/serve/telemetry/otlp-settings.ts";
import { startTelemetry } from "../../../../orchestrator/serve/telemetry/service-spans.ts";
import { it as base } from "../../../support/fixtures.ts";
import { Project } from "../../../support/project.ts";
import { failed, JobTeller } from "../notify/service.ts";
import { Collector } from "./collector.ts";

const it = base.extend<{ collector: Collector }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  collector: async ({}, use) => {
    const collector = await Collector.open();
    await use(collector);
    collector.close();
  },
});

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("spans of `syncline sync`", () => {
  it("are the job, its attempts and their streams, within their parent and each other", async ({
    source,
    destination,
    folder,
    collector,
  }) => {
    await source.exec("create table orders as select i from generate_series(1, 7) i");
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams: [{ name: "orders" }] } },
    });
    const { exitCode } = await project.syncline(["sync"], {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc, x-team=data",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
        OTEL_SERVICE_NAME: "nightly",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test,service.name=lost",
        TRACEPARENT: PARENT,
      },
    });

    expect(exitCode).toBe(0);
    expect(collector.refused).toEqual([]);
    const [{ path, headers, resource, spans }] = collector.requests as [Collector["requests"][0]];
    expect(path).toBe("/v1/traces");
    expect(headers).toMatchObject({ authorization: "Bearer abc", "x-team": "data" });
    expect(resource).toMatchObject({
      "service.name": "nightly",
      "deployment.environment": "test",
      "service.version": "0.1.0",
    });
    const [job, attempt, stream] = spans as [
      (typeof spans)[0],
      (typeof spans)[0],
      (typeof spans)[0],
    ];
    expect(spans.map(({ name }) => name)).toEqual(["sync c", "attempt 0", "stream public.orders"]);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(
      new Set(["0af7651916cd43dd8448eb211c80319c"]),
    );
    expect([job.parentSpanId, attempt.parentSpanId, stream.parentSpanId]).toEqual([
      "b7ad6b7169203331",
      job.spanId,
      attempt.spanId,
    ]);
    for (const [inner, outer] of [
      [attempt, job],
      [stream, attempt],
    ] as const) {
      expect(inner.start).toBeGreaterThanOrEqual(outer.start);
      expect(inner.end).toBeLessThanOrEqual(outer.end);
    }
    expect(job.attributes).toMatchObject({
      "syncline.connection": "c",
      "syncline.job.id": 1,
      "syncline.job.status": "succeeded",
      "syncline.rows.committed": 7,
    });
    expect(stream.attributes).toMatchObject({ "syncline.rows.emitted": 7 });
    expect(spans.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  });

  it("that nobody takes cost a line, and not the sync", async ({
    source,
    destination,
    folder,
    collector,
  }) => {
    await source.exec("create table orders (i int)");
    const project = await Project.create(folder, {
      source,
      destination,
      connections: {
        c: { streams: [{ name: "orders" }] },
        d: { streams: [{ name: "orders" }], prefix: "d_" },
      },
    });
    collector.status = 503;

    const { exitCode, stderr } = await project.syncline(["sync"], {
      env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/custom?key=hidden` },
    });

    expect(exitCode).toBe(0);
    expect(stderr).toBe(`spans cannot be sent to ${collector.url}: it answered 503\n`);
    expect(collector.requests.map(({ path }) => path)).toEqual([
      "/custom?key=hidden",
      "/custom?key=hidden",
    ]);
  });

  it.for([
    ["OTEL_SDK_DISABLED", "true"],
    ["OTEL_TRACES_EXPORTER", "none"],
    ["TRACEPARENT", PARENT.replace(/01$/, "00")],
  ] as const)(
    "are not sent where %s=%s",
    async ([name, value], { source, destination, folder, collector }) => {
      await source.exec("create table orders (i int)");
      const project = await Project.create(folder, {
        source,
        destination,
        connections: { c: { streams: [{ name: "orders" }] } },
      });

      const { exitCode, stderr } = await project.syncline(["sync"], {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, [name]: value },
      });

      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(collector.requests).toEqual([]);
    },
  );
});

describe("spans of a service", () => {
  it("are a trace for each job, with what failed where", async ({ collector }) => {
    const teller = new JobTeller();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, TRACEPARENT: PARENT };
    const telemetry = startTelemetry(teller, env, () => {});

    teller.end("orders", failed({ stream: "b" }));
    teller.end("orders");
    await telemetry.stop();

    expect(collector.refused).toEqual([]);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(2);
    const [first] = collector.requests;
    expect(first!.spans.map(({ name, error }) => [name, error?.split(":")[0]])).toEqual([
      ["sync orders", "postgres.unreachable"],
      ["attempt 0", "postgres.unreachable"],
      ["stream a", undefined],
      ["stream b", "postgres.unreachable"],
    ]);
    expect(first!.spans[0]!.parentSpanId).toBeUndefined();
    expect(first!.spans[1]!.exceptions).toEqual(["postgres.unreachable"]);
  });
});

describe("where spans go", () => {
  const of = (env: Record<string, string>) => otlpSettings(env, "1.2.3");

  it("is nowhere unless somebody says so", () => {
    expect(of({})).toBeUndefined();
    expect(of({ OTEL_EXPORTER_OTLP_ENDPOINT: " " })).toBeUndefined();
  });

  it("is told in words where it cannot be", () => {
    expect(of({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" })).toHaveProperty("problem");
    expect(
      of({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }),
    ).toHaveProperty("problem");
  });

  it("is decided by what is said of traces before what is said of every signal", () => {
    const both = of({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://all",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces/x",
      OTEL_EXPORTER_OTLP_TIMEOUT: "1",
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "2500",
    });

    expect(both).toMatchObject({ settings: { endpoint: "http://traces/x", timeoutMs: 2500 } });
  });
});
