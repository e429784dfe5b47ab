import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatLsn, type Lsn, parseLsn } from "../../../../connectors/postgres/replication/lsn.ts";
import {
  ReplicationConnection,
  type ReplicationOptions,
} from "../../../../connectors/postgres/replication/replication-connection.ts";
import type { LogReceiver } from "../../../../connectors/postgres/replication/log-stream.ts";
import type { SslMode } from "../../../../connectors/postgres/settings.ts";
import {
  type PostgresServer,
  restart,
  startPostgres,
  testBinaries,
} from "../../../support/postgres-server.ts";
import { selfSigned } from "../certificates.ts";

/** Keeps the messages of a log as text, and may hold the server back. */
class Collector implements LogReceiver {
  readonly types: string[] = [];
  readonly texts: string[] = [];
  readonly lsns: Lsn[] = [];
  walEnd: Lsn = 0n;
  hold: Promise<void> | undefined;
  onMessage = (_text: string): unknown => undefined;

  message(bytes: Buffer, start: number, end: number, lsn: Lsn): void {
    const text = bytes.toString("latin1", start, Math.min(end, start + 2000));
    this.types.push(text[0]!);
    this.texts.push(text);
    this.lsns.push(lsn);
    this.onMessage(text);
  }

  keepalive(walEnd: Lsn): void {
    this.walEnd = walEnd;
  }

  chunkDone(): Promise<void> | undefined {
    return this.hold;
  }

  /** The place behind the last commit that came. */
  get committed(): Lsn {
    const at = this.types.lastIndexOf("C");
    // Behind the type: flags, the commit's place, and where it ends.
    return Buffer.from(this.texts[at]!, "latin1").readBigUInt64BE(1 + 1 + 8);
  }
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const until = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error("it did not come to pass");
    await wait(10);
  }
}

const servers = testBinaries().filter(
  ({ major }, at, all) => all.findIndex((one) => one.major === major) === at,
);

describe.each(servers)("the log of a PostgreSQL $major", (binaries) => {
  let server: PostgresServer;
  let client: Client;
  let names = 0;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "syncline-log-"));
    server = await startPostgres({
      binaries,
      tls: await selfSigned(folder, "localhost"),
      settings: { wal_sender_timeout: "1s" },
    });
    await rm(folder, { recursive: true });
    await connectClient();
    await exec("create table t (id int primary key, v text)", "create publication pub for table t");
  });

  afterAll(async () => {
    await client?.end().catch(() => {});
    await server?.stop("immediate");
  });

  async function connectClient(): Promise<void> {
    client = new Client({
      connectionString: server.url(),
      types: { getTypeParser: () => String },
    });
    client.on("error", () => {});
    await client.connect();
  }

  async function exec(...statements: readonly string[]): Promise<void> {
    for (const statement of statements) await client.query(statement);
  }

  async function value(sql: string): Promise<string | null> {
    const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: "array" });
    return rows[0]?.[0] ?? null;
  }

  const confirmed = (slot: string) =>
    value(`select confirmed_flush_lsn from pg_replication_slots where slot_name = '${slot}'`);

  const config = (username = server.username, sslMode: SslMode = { mode: "disable" }) => ({
    host: server.host,
    port: server.port,
    database: "postgres",
    username,
    password: server.password,
    ssl_mode: sslMode,
  });

  const open = (options: Partial<ReplicationOptions> = {}) =>
    ReplicationConnection.open(config(), { applicationName: "log test", ...options });

  /** The next number for a row. */
  const id = () => String(100_000 + ++names);

  /** A slot of one test, and a connection that may read it. */
  async function withSlot(
    work: (connection: ReplicationConnection, slot: string) => Promise<void>,
    options: Partial<ReplicationOptions> = {},
  ): Promise<void> {
    const slot = `slot_${++names}`;
    const maker = await open();
    await maker.createSlot(slot, { exportSnapshot: false });
    await maker.close();
    const connection = await open(options);
    try {
      await work(connection, slot);
    } finally {
      await connection.close();
      await eventually(
        async () =>
          (await value(`select active from pg_replication_slots where slot_name = '${slot}'`)) !==
          "t",
      );
      await exec(
        `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}'`,
      );
    }
  }

  it("makes a slot with a snapshot of the moment from which on it has everything", async () => {
    await exec("truncate t", `insert into t values (${id()}, 'before')`);
    const connection = await open();
    const slot = await connection.createSlot("made", { exportSnapshot: true });
    await exec(`insert into t values (${id()}, 'after')`);

    await exec("begin isolation level repeatable read");
    await exec(`set transaction snapshot '${slot.snapshotName}'`);
    expect(await value("select string_agg(v, ',') from t")).toBe("before");
    await exec("rollback");
    expect(await confirmed("made")).toBe(formatLsn(slot.consistentPoint));

    const log = new Collector();
    const streaming = connection.stream("made", slot.consistentPoint, "pub", log);
    await eventually(() => log.types.includes("C"));
    await connection.stop();
    await streaming;
    expect(log.types).toEqual(["B", "R", "I", "C"]);
    expect(log.texts[2]).toContain("after");

    await connection.close();
    await exec("select pg_drop_replication_slot('made')");
  });

  it("waits for open transactions before it makes a slot, until it is told not to", async () => {
    const other = new Client(server.url());
    await other.connect();
    await other.query("begin; select txid_current()");
    const stop = new AbortController();
    const connection = await open({ signal: stop.signal });

    const making = connection.createSlot("never", { exportSnapshot: true });
    await eventually(
      async () =>
        (await value(
          "select count(*) from pg_stat_activity where wait_event = 'transactionid'",
        )) === "1",
    );
    stop.abort(new Error("no more"));

    await expect(making).rejects.toThrow("no more");
    expect(await confirmed("never")).toBeNull();
    await other.end();
    await connection.close();
  });

  /** @guarantee slot-behind-commits */
  it("moves a slot to what was confirmed, and by nothing else", async () => {
    await withSlot(async (connection, slot) => {
      const start = await confirmed(slot);
      const log = new Collector();
      const streaming = connection.stream(slot, 0n, "pub", log);
      await exec(`insert into t values (${id()}, 'ten')`);
      await eventually(() => log.types.includes("C"));
      const first = log.committed;
      await exec(`insert into t values (${id()}, 'eleven')`);
      await eventually(() => log.committed > first && log.walEnd >= log.committed);
      expect(await confirmed(slot)).toBe(start);

      connection.confirm(first);
      await eventually(async () => (await confirmed(slot)) === formatLsn(first));
      connection.confirm(first - 1n);
      await connection.stop();
      await streaming;
      expect(await confirmed(slot)).toBe(formatLsn(first));

      const again = new Collector();
      const other = await open();
      const second = other.stream(slot, first, "pub", again);
      await eventually(() => again.types.includes("C"));
      await other.close();
      await second;
      expect(again.texts.join("")).not.toContain("ten");
      expect(again.texts.join("")).toContain("eleven");
      expect(await confirmed(slot)).toBe(formatLsn(first));
    });
  });

  it("tells the server what was confirmed before the stream as soon as it listens", async () => {
    await withSlot(async (connection, slot) => {
      await exec(`insert into t values (${id()}, 'twelve')`);
      const end = (await value("select pg_current_wal_insert_lsn()"))!;

      connection.confirm(parseLsn(end));
      const streaming = connection.stream(slot, parseLsn(end), "pub", new Collector());
      await expect.poll(() => confirmed(slot)).toBe(end);
      await connection.stop();
      await streaming;
    });
  });

  it.each(["waits", "works"])("keeps the server's patience while the receiver %s", async (how) => {
    await withSlot(
      async (connection, slot) => {
        await exec("truncate t");
        const log = new Collector();
        let isDone = () => {};
        const done = new Promise<void>((resolve) => (isDone = resolve));
        log.onMessage = () => {
          log.onMessage = () => {};
          if (how === "waits") log.hold = done;
          else for (const until = Date.now() + 3_000; Date.now() < until;);
        };
        const streaming = connection.stream(slot, 0n, "pub", log);
        await exec(
          "insert into t select n, repeat(md5(n::text), 100) from generate_series(1, 20000) n",
        );
        if (how === "waits") {
          await eventually(() => log.hold !== undefined);
          await wait(3_000);
          log.hold = undefined;
          isDone();
        }
        await eventually(() => log.types.filter((type) => type === "C").length === 2);
        expect(log.types.filter((type) => type === "I")).toHaveLength(20_000);
        await connection.stop();
        await streaming;
      },
      { statusMs: 100 },
    );
  });

  it("says that it lives while the receiver holds the server back", async () => {
    await withSlot(
      async (connection, slot) => {
        const log = new Collector();
        let isDone = () => {};
        const done = new Promise<void>((resolve) => (isDone = resolve));
        log.onMessage = () => (log.hold = done);
        const streaming = connection.stream(slot, 0n, "pub", log);
        await exec(`insert into t values (${id()}, 'held')`);
        await eventually(() => log.types.length > 0);
        const heard = () =>
          value(
            `select reply_time::text from pg_stat_replication join pg_replication_slots on active_pid = pid
              where slot_name = '${slot}'`,
          );
        const before = await heard();
        await eventually(async () => (await heard()) !== before);
        connection.confirm(log.lsns[0]!);
        await expect.poll(() => confirmed(slot)).toBe(formatLsn(log.lsns[0]!));
        log.hold = undefined;
        isDone();
        await connection.stop();
        await streaming;
      },
      { statusMs: 50 },
    );
  });

  it("gives a server up that answers nothing, and none that has nothing to say", async () => {
    await withSlot(
      async (connection, slot) => {
        const log = new Collector();
        const streaming = connection.stream(slot, 0n, "pub", log);
        const ended = streaming.catch((error: unknown) => error);
        const sender = `select active_pid::text from pg_replication_slots where slot_name = '${slot}'`;
        await eventually(async () => (await value(sender)) !== null);
        await wait(1_500); // three times as long as it may take to answer
        await exec(`insert into t values (${id()}, 'still here')`);
        await eventually(() => log.types.includes("C"));
        const pid = Number(await value(sender));
        process.kill(pid, "SIGSTOP");
        try {
          expect(await ended).toMatchObject({
            code: "postgres.connection_lost",
            message: expect.stringContaining("does not answer") as string,
          });
        } finally {
          process.kill(pid, "SIGCONT");
        }
      },
      { statusMs: 50, answerSeconds: 0.5 },
    );
  });

  it("ends in the middle of a large transaction", async () => {
    await withSlot(async (connection, slot) => {
      await exec(
        "truncate t",
        "insert into t select n, repeat(md5(n::text), 100) from generate_series(1, 50000) n",
      );
      const log = new Collector();
      let isFirst = () => {};
      const first = new Promise<void>((resolve) => (isFirst = resolve));
      log.onMessage = isFirst;
      const streaming = connection.stream(slot, 0n, "pub", log);
      await first;
      await connection.stop();
      await streaming;
      const { length } = log.types;
      expect(length).toBeLessThan(50_000);
      await wait(50);
      expect(log.types).toHaveLength(length);
    });
  });

  it("gives large values whole", async () => {
    await withSlot(async (connection, slot) => {
      await exec(`insert into t values (${id()}, repeat('x', 30000000))`);
      const log = new Collector();
      const sizes: number[] = [];
      log.message = (bytes, start, end) => {
        if (bytes[start] === 0x49)
          sizes.push(bytes.toString("latin1", start, end).lastIndexOf("x"));
        log.types.push(String.fromCharCode(bytes[start]!));
      };
      const streaming = connection.stream(slot, 0n, "pub", log);
      await eventually(() => log.types.includes("C"));
      await connection.stop();
      await streaming;
      expect(sizes).toEqual([30_000_000 + 23]);
    });
  });

  it("refuses what is larger than it may be", async () => {
    await withSlot(
      async (connection, slot) => {
        await exec(`insert into t values (${id()}, repeat('x', 20000))`);
        await expect(connection.stream(slot, 0n, "pub", new Collector())).rejects.toMatchObject({
          code: "postgres.too_large",
        });
      },
      { maxMessageBytes: 10_000 },
    );
  });

  it("fails with what the receiver throws", async () => {
    await withSlot(async (connection, slot) => {
      await exec(`insert into t values (${id()}, 'two')`);
      const log = new Collector();
      log.onMessage = () => {
        throw new Error("not for me");
      };
      await expect(connection.stream(slot, 0n, "pub", log)).rejects.toThrow("not for me");
    });
    await withSlot(async (connection, slot) => {
      await exec(`insert into t values (${id()}, 'three')`);
      const log = new Collector();
      log.chunkDone = () =>
        log.types.length === 0 ? undefined : Promise.reject(new Error("nor later"));
      await expect(connection.stream(slot, 0n, "pub", log)).rejects.toThrow("nor later");
    });
  });

  it("reads through an encrypted connection", async () => {
    const connection = await ReplicationConnection.open(config("postgres", { mode: "require" }), {
      applicationName: "log test",
    });
    const slot = await connection.createSlot("secret", { exportSnapshot: false });
    await exec("truncate t", `insert into t values (${id()}, 'behind doors')`);
    const log = new Collector();
    const streaming = connection.stream("secret", slot.consistentPoint, "pub", log);
    await eventually(() => log.types.includes("C"));
    await connection.stop();
    await streaming;
    expect(log.texts.join("")).toContain("behind doors");
    await connection.close();
    await exec("select pg_drop_replication_slot('secret')");
  });

  it("says who has the slot", async () => {
    await withSlot(async (connection, slot) => {
      const streaming = connection.stream(slot, 0n, "pub", new Collector());
      await eventually(
        async () =>
          (await value(`select active from pg_replication_slots where slot_name = '${slot}'`)) ===
          "t",
      );
      const other = await open();
      await expect(other.stream(slot, 0n, "pub", new Collector())).rejects.toMatchObject({
        code: "cdc.slot_in_use",
        message: expect.stringMatching(/is active for PID \d+/) as string,
      });
      await other.close();
      await connection.stop();
      await streaming;
    });
  });

  it("knows a slot that is not there from a publication that is not", async () => {
    await withSlot(async (connection, slot) => {
      await expect(connection.stream("gone", 0n, "pub", new Collector())).rejects.toMatchObject({
        code: "cdc.position_lost",
      });
      await exec(`insert into t values (${id()}, 'lost')`);
      await expect(
        connection.stream(slot, 0n, "no such one", new Collector()),
      ).rejects.toMatchObject({ code: "cdc.not_set_up" });
    });
  });

  it("is refused to a role that may not", async () => {
    await exec(`create role plain login password '${server.password}'`);
    await expect(
      ReplicationConnection.open(config("plain"), { applicationName: "log test" }),
    ).rejects.toMatchObject({
      code: "postgres.permission_denied",
      hint: expect.stringContaining("alter role … replication") as string,
    });
  });

  it.each(["fast", "immediate"] as const)(
    "lets a server go that stops %s, and its slot stays where it was",
    async (mode) => {
      await withSlot(async (connection, slot) => {
        const start = await confirmed(slot);
        const log = new Collector();
        const streaming = connection.stream(slot, 0n, "pub", log);
        streaming.catch(() => {});
        await exec(`insert into t values (${id()}, 'kept')`);
        await eventually(() => log.types.includes("C"));
        await client.end();

        await restart(server, mode);

        await expect(streaming).rejects.toMatchObject({ code: "postgres.connection_lost" });
        await connectClient();
        expect(await confirmed(slot)).toBe(start);
        const again = await open();
        const fresh = new Collector();
        const second = again.stream(slot, 0n, "pub", fresh);
        await eventually(() => fresh.texts.some((text) => text.includes("kept")));
        await again.stop();
        await second;
        await again.close();
      });
    },
  );
});
