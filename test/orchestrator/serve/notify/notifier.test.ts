import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Notification } from "../../../../orchestrator/serve/notify/notification.ts";
import { startNotifier } from "../../../../orchestrator/serve/notify/notifier.ts";
import type { Notify } from "../../../../orchestrator/config/config.ts";
import type { NotifyTimes } from "../../../../orchestrator/serve/notify/times.ts";
import { it as base } from "../../../support/fixtures.ts";
import { failed, JobTeller } from "./service.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Notification;
}

/** A real server that a webhook leads to, and how it answers: with these statuses, then with 204. */
class Receiver {
  readonly received: Received[] = [];
  readonly answers: (number | "never")[] = [];
  readonly #server: Server;
  #onReceived: (() => void) | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Notification;
        this.received.push({ headers: request.headers, body });
        const status = this.answers.shift() ?? 204;
        if (status !== "never") {
          response.writeHead(status, { location: this.url("/elsewhere") });
          response.end();
        }
        this.#onReceived?.();
      });
    });
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  url(path = "/hooks/secret-key", login = ""): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${login}127.0.0.1:${port}${path}`;
  }

  /** Resolves when so many came in all. */
  async count(wanted: number): Promise<void> {
    while (this.received.length < wanted)
      await new Promise<void>((resolve) => (this.#onReceived = resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const it = base.extend<{ receiver: Receiver }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  receiver: async ({}, use) => {
    const receiver = await Receiver.open();
    await use(receiver);
    receiver.close();
  },
});

const QUICK: NotifyTimes = { answerMs: 30_000, commandMs: 60_000, waitsMs: [1, 2], wellMs: 0 };

/** A notifier on jobs that a test makes up, and what it says. */
function notify(
  home: string,
  teller: JobTeller,
  targets: Notify,
  times: Partial<NotifyTimes> = {},
) {
  const notes: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly resolve: () => void }[] = [];
  const notifier = startNotifier({
    service: teller,
    targetsOf: () => targets,
    home,
    folder: home,
    times: { ...QUICK, ...times },
    note: (line) => {
      notes.push(line);
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve();
    },
  });
  return {
    notes,
    stop: () => notifier.stop(),
    said: (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        if (notes.some((line) => pattern.test(line))) resolve();
        else waiting.push({ pattern, resolve });
      }),
  };
}

describe("a webhook", () => {
  it("gets the failure and the recovery, each once", async ({ folder, receiver }) => {
    const teller = new JobTeller();
    const told = { url: receiver.url() };
    const notifier = notify(folder, teller, { onFailure: told, onRecovery: told });

    teller.end("orders", failed());
    await notifier.said(/failure of job 1 was told/);
    teller.end("orders", failed());
    teller.end("orders");
    await receiver.count(2);
    await notifier.said(/recovery of job 3 was told/);
    teller.end("orders");
    await notifier.stop();

    expect(receiver.received.map(({ body }) => [body.event, body.job])).toEqual([
      ["failure", 1],
      ["recovery", 3],
    ]);
    expect(receiver.received[0]!.headers["content-type"]).toBe("application/json");
    expect(receiver.received[0]!.body).toMatchObject({
      text: "orders: job 1 failed: postgres.unreachable: no server answers at shop.example:5432 (is it running?)",
      connection: "orders",
      type: "sync",
      status: "failed",
      partial: true,
      attempts: 1,
      rows: 2,
      streams: 2,
      streams_complete: 1,
      failures: [{ origin: "source", code: "postgres.unreachable" }],
      since_job: 1,
    });
    expect(receiver.received[1]!.body).toMatchObject({ failures: [], since_job: 1 });
    expect(notifier.notes.join("\n")).not.toContain("secret-key");
  });

  it("is told again after a restart of what it does not know, and of nothing else", async ({
    folder,
    receiver,
  }) => {
    const teller = new JobTeller();
    const targets = { onFailure: { url: receiver.url() }, onRecovery: { url: receiver.url() } };
    const first = notify(folder, teller, targets);
    teller.end("orders", failed());
    await receiver.count(1);
    await first.stop();
    teller.add("orders", failed()); // the same, while nobody was there
    teller.add("customers", failed());

    const second = notify(folder, teller, targets);
    await second.said(/customers: the failure of job 3 was told/);
    teller.end("orders");
    await second.said(/orders: the recovery of job 4 was told/);
    await second.stop();

    expect(receiver.received.map(({ body }) => [body.connection, body.event])).toEqual([
      ["orders", "failure"],
      ["customers", "failure"],
      ["orders", "recovery"],
    ]);
  });

  it("is tried three times, and again with the next job", async ({ folder, receiver }) => {
    receiver.answers.push(503, 429, 500);
    const teller = new JobTeller();
    const notifier = notify(folder, teller, { onFailure: { url: receiver.url() } });

    teller.end("orders", failed());
    await notifier.said(/could not be told to http:\/\/127.0.0.1:\d+: it answered 500$/);
    expect(receiver.received).toHaveLength(3);
    teller.end("orders", failed());
    await notifier.said(/failure of job 2 was told/);
    await notifier.stop();

    expect(receiver.received).toHaveLength(4);
  });

  it("that refuses what it gets is not asked again", async ({ folder, receiver }) => {
    receiver.answers.push(404);
    const teller = new JobTeller();
    const notifier = notify(folder, teller, { onFailure: { url: receiver.url() } });

    teller.end("orders", failed());
    await notifier.said(/it answered 404$/);
    await notifier.stop();

    expect(receiver.received).toHaveLength(1);
  });

  it("is not followed elsewhere", async ({ folder, receiver }) => {
    receiver.answers.push(307);
    const teller = new JobTeller();
    const notifier = notify(folder, teller, { onFailure: { url: receiver.url() } });

    teller.end("orders", failed());
    await notifier.said(/it answered 307, a redirection, which is not followed/);
    await notifier.stop();

    expect(receiver.received).toHaveLength(1);
  });

  it("that never answers is given up in time", async ({ folder, receiver }) => {
    receiver.answers.push("never", "never", "never");
    const teller = new JobTeller();
    const notifier = notify(
      folder,
      teller,
      { onFailure: { url: receiver.url() } },
      { answerMs: 300 },
    );

    teller.end("orders", failed());
    await notifier.said(/no answer within 0.3 s$/);
    await notifier.stop();
  });

  it("gets the login of its URL as basic authentication, and no log does", async ({
    folder,
    receiver,
  }) => {
    const teller = new JobTeller();
    const url = receiver.url("/", "me:p%40ss@");
    const notifier = notify(folder, teller, { onFailure: { url } });

    teller.end("orders", failed());
    await notifier.said(/was told/);
    await notifier.stop();

    const [{ headers }] = receiver.received as [Received];
    expect(headers.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
    expect(notifier.notes.join("\n")).not.toMatch(/p%40ss|p@ss/);
  });

  it("nobody listens at costs nothing but a line", async ({ folder }) => {
    const teller = new JobTeller();
    const notifier = notify(folder, teller, { onFailure: { url: "http://127.0.0.1:9/hook" } });

    teller.end("orders", failed());
    await notifier.said(/could not be told to http:\/\/127.0.0.1:9: it cannot be reached/);
    await notifier.stop();
  });

  it("is told of a connection that is followed without an end of its job", async ({
    folder,
    receiver,
  }) => {
    const teller = new JobTeller({ follow: true });
    const notifier = notify(folder, teller, {
      onFailure: { url: receiver.url() },
      onRecovery: { url: receiver.url() },
    });
    const attempts = failed().attempts!;
    const inVain = [0, 1, 2].map((attempt) => ({ ...attempts[0]!, attempt, streams: [] }));
    const job = teller.add("orders", { status: "incomplete", attempts: inVain });

    const progress = (attempt: number, retry_in_seconds: number | null) =>
      teller.emit({
        event: "progress",
        progress: {
          connection: "orders",
          job: 1,
          attempt,
          seconds: 1,
          retry_in_seconds,
          streams: [
            {
              stream: "a",
              phase: "reading",
              rows: 1,
              rows_per_second: 1,
              bytes_per_second: 1,
              share: null,
              seconds_left: null,
            },
          ],
        },
      });

    progress(2, 10);
    await notifier.said(/failure of job 1 was told/);
    job.attempts.push({ attempt: 3, status: "running", started_at: "" });
    job.status = "running";
    progress(3, null);
    await notifier.said(/recovery of job 1 was told/);
    await notifier.stop();

    expect(receiver.received[0]!.body).toMatchObject({ event: "failure", status: "incomplete" });
  });
});

describe("a command", () => {
  const script = async (folder: string, text: string) => {
    await writeFile(join(folder, "tell.sh"), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, "tell.sh"), 0o755);
    return { command: ["./tell.sh", "one", "two words"] };
  };

  it("gets the event as JSON, and what it prints is in the log", async ({ folder }) => {
    const teller = new JobTeller();
    const target = await script(folder, `cat > told.json; echo "$1, $2"; printf 'a\\033[2Jb' >&2`);
    const notifier = notify(folder, teller, { onFailure: target });

    teller.end("orders", failed());
    await notifier.said(/was told to .\/tell.sh/);
    await notifier.stop();

    const told = JSON.parse(await readFile(join(folder, "told.json"), "utf8")) as Notification;
    expect(told).toMatchObject({ event: "failure", connection: "orders", job: 1 });
    expect(notifier.notes).toContain("orders: ./tell.sh: one, two words");
    expect(notifier.notes).toContain("orders: ./tell.sh: a\\x1b[2Jb");
  });

  it("that fails is tried again, and costs nothing but lines", async ({ folder }) => {
    const teller = new JobTeller();
    const notifier = notify(folder, teller, { onFailure: await script(folder, "exit 3") });

    teller.end("orders", failed());
    await notifier.said(/it ended with 3$/);
    await notifier.stop();

    expect(notifier.notes.filter((line) => line.includes("ended with 3"))).toHaveLength(3);
  });

  it("that does not end is ended, with what it started", async ({ folder }) => {
    const teller = new JobTeller();
    const target = await script(folder, "sleep 600 & echo $! > pid; wait");
    const notifier = notify(folder, teller, { onFailure: target }, { commandMs: 300, waitsMs: [] });

    teller.end("orders", failed());
    await notifier.said(/did not end in time/);
    await notifier.stop();

    const pid = Number(await readFile(join(folder, "pid"), "utf8"));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("that leaves something going in the background has told, and leaves it", async ({
    folder,
  }) => {
    const teller = new JobTeller();
    const target = await script(folder, "echo well; sleep 600 & echo $! > pid");
    const notifier = notify(folder, teller, { onFailure: target });

    teller.end("orders", failed());
    await notifier.said(/was told to .\/tell.sh/);
    await notifier.stop();

    const pid = Number(await readFile(join(folder, "pid"), "utf8"));
    expect(await isAlive(pid)).toBe(true);
    process.kill(pid);
    expect(notifier.notes).toContain("orders: ./tell.sh: well");
  });

  it("that is not there is said, once", async ({ folder }) => {
    const teller = new JobTeller();
    const notifier = notify(folder, teller, { onFailure: { command: ["./nobody"] } });

    teller.end("orders", failed());
    await notifier.said(/could not be started \(ENOENT\)$/);
    await notifier.stop();

    expect(notifier.notes).toHaveLength(1);
  });

  it("does not get to know the token of the page", async ({ folder }) => {
    const teller = new JobTeller();
    process.env["SYNCLINE_SERVE_TOKEN"] = "token of sixteen or more";
    const target = await script(folder, `echo "token: $SYNCLINE_SERVE_TOKEN."`);
    const notifier = notify(folder, teller, { onFailure: target });

    teller.end("orders", failed());
    await notifier.said(/was told/);
    await notifier.stop();
    delete process.env["SYNCLINE_SERVE_TOKEN"];

    expect(notifier.notes).toContain("orders: ./tell.sh: token: .");
  });
});

it("a stop waits for no further try, and the next start tells", async ({ folder, receiver }) => {
  receiver.answers.push(503);
  const teller = new JobTeller();
  const targets = { onFailure: { url: receiver.url() } };
  const first = notify(folder, teller, targets, { waitsMs: [600_000] });
  teller.end("orders", failed());
  await first.said(/trying again in 600 s/);
  await first.stop();

  const second = notify(folder, teller, targets);
  await second.said(/failure of job 1 was told/);
  await second.stop();
});

/** A zombie has ended: nobody may be there to reap it. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat !== undefined && !/\) Z /.test(stat);
}
