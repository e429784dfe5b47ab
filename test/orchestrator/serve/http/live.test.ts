import { connect } from "node:net";
import { describe, expect, onTestFinished } from "vitest";
import type { LiveOptions } from "../../../../orchestrator/serve/http/live.ts";
import { readEvents } from "./event-reader.ts";
import { it, TOKEN, type Served } from "./served.ts";
import { HOSTILE, progress } from "./written-service.ts";

const QUICK: LiveOptions = { heartbeatMs: 20, lookMs: 5, mostReaders: 2 };

async function follow({ url }: Served, path: string, headers?: Record<string, string>) {
  const reader = await readEvents(`${url}/api/v1${path}`, headers);
  onTestFinished(reader.close);
  return reader;
}

describe("events", () => {
  it("begin with how each connection is, and go on with what happens", async ({ serve }) => {
    const served = await serve();
    const { service } = served;
    const reader = await follow(served, "/events");

    const beginning = await reader.until(({ event }) => event === "progress");
    service.tell({ event: "job_started", connection: "orders", job: 3 });
    const started = await reader.next();
    service.tell({ event: "configuration", problem: null });
    const read = await reader.next();

    expect(beginning.map(({ event }) => event)).toEqual(["connection", "connection", "progress"]);
    expect(beginning[0]!.data).toEqual({
      event: "connection",
      connection: "orders",
      facts: service.connection("orders"),
    });
    expect(started!.data).toEqual({ event: "job_started", connection: "orders", job: 3 });
    expect(read!.data).toEqual({ event: "configuration", problem: null });
  });

  it("of one connection are about that one", async ({ serve }) => {
    const served = await serve();
    const { service } = served;
    const reader = await follow(served, "/connections/orders/events");
    await reader.next();

    service.tell({ event: "progress", progress: progress("followed", 9) });
    service.tell({ event: "job_started", connection: "followed", job: 9 });
    service.tell({ event: "job_started", connection: "orders", job: 10 });

    expect((await reader.next())!.data).toMatchObject({ connection: "orders", job: 10 });
  });

  it("tell how a connection is when it is told, and that it is gone", async ({ serve }) => {
    const served = await serve();
    const { service } = served;
    const reader = await follow(served, "/connections/orders/events");
    await reader.next();

    service.facts.delete("orders");
    service.tell({ event: "connection", connection: "orders" });

    expect((await reader.next())!.data).toEqual({
      event: "connection",
      connection: "orders",
      facts: null,
    });
  });

  it("let a reader hear that nothing happens, and end when the server does", async ({ serve }) => {
    const served = await serve({ live: QUICK });
    const reader = await follow(served, "/events");

    await reader.until(({ event }) => event === "comment");
    served.live.close();

    for (let event = await reader.next(); event; event = await reader.next())
      expect(event.event).toBe("comment");
    expect(served.service.listeners.size).toBe(1); // the metrics
  });

  it("end for whoever has logged out", async ({ serve }) => {
    const served = await serve({ live: QUICK, token: TOKEN });
    const form = { origin: served.url, "content-type": "application/x-www-form-urlencoded" };
    const { headers } = await served.ask("/login", {
      method: "POST",
      headers: form,
      body: `token=${TOKEN}`,
    });
    const cookie = headers["set-cookie"]![0]!.split(";", 1)[0]!;
    const reader = await follow(served, "/events", { cookie });
    await reader.until(({ event }) => event === "comment");

    await served.ask("/logout", { method: "POST", headers: { ...form, cookie } });

    for (let event = await reader.next(); event; event = await reader.next())
      expect(event.event).toBe("comment");
  });

  it("are not kept from others by readers without end", async ({ serve }) => {
    const served = await serve({ live: QUICK });
    const first = await follow(served, "/events");
    await follow(served, "/events");

    const third = await served.ask("/api/v1/events");
    first.close();
    await expect
      .poll(async () =>
        readEvents(`${served.url}/api/v1/events`).then(
          (reader) => (reader.close(), 200),
          () => 429,
        ),
      )
      .toBe(200);

    expect([third.status, third.headers["retry-after"]]).toEqual([429, "30"]);
  });

  it("give who reads slowly the newest, and keep little for it meanwhile", async ({ serve }) => {
    const served = await serve();
    const { service, port } = served;
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write("GET /api/v1/connections/followed/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();

    // More than all buffers on the way hold: 600 bytes each.
    for (let rows = 1; rows <= 40_000; rows++) {
      const { streams, ...rest } = progress("followed", 3);
      service.tell({
        event: "progress",
        progress: { ...rest, seconds: rows, streams: [{ ...streams[0]!, rows }] },
      });
      if (rows % 100 === 0) await new Promise(setImmediate);
    }
    let text = "";
    const newest = new Promise<void>((resolve) => {
      socket.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.includes('"seconds":40000')) resolve();
      });
    });
    socket.resume();
    await newest;

    const told = text.match(/^event: progress$/gm) ?? [];
    expect(told.length).toBeLessThan(40_000);
  });
});

describe("a log", () => {
  it("is followed line by line until its attempt ends", async ({ serve }) => {
    const served = await serve({ live: QUICK });
    const { logs, openLogs } = served.service;
    logs.set("3.0", "first\n");
    openLogs.add("3.0");
    const reader = await follow(served, "/jobs/3/attempts/0/log/follow");

    const first = await reader.next();
    logs.set("3.0", `first\n${HOSTILE.replaceAll("\n", "\\n")}\n`);
    const second = (await reader.until(({ event }) => event !== "comment")).at(-1);
    openLogs.delete("3.0");
    const end = (await reader.until(({ event }) => event !== "comment")).at(-1);

    expect(first).toEqual({
      event: "log",
      id: "6",
      data: { text: "first\n", next: 6, is_open: true },
    });
    expect((second!.data as { text: string }).text).toBe(`${HOSTILE.replaceAll("\n", "\\n")}\n`);
    expect(end!.event).toBe("end");
    expect(await reader.next()).toBeUndefined();
  });

  it("goes on where a browser that lost its connection says it was", async ({ serve }) => {
    const served = await serve({ live: QUICK });
    served.service.logs.set("3.0", "first\nsecond\n");
    const reader = await follow(served, "/jobs/3/attempts/0/log/follow", { "last-event-id": "6" });

    expect((await reader.next())!.data).toMatchObject({ text: "second\n" });
  });
});
