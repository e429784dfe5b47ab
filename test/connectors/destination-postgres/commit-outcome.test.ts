import { describe, expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { startProxy, type Action, type WireMessage } from "../../support/proxy.ts";
import {
  committedState,
  complete,
  errorOf,
  INTEGER,
  record,
  startWrite,
  state,
  statesOf,
  stream,
  text,
  write,
} from "./drive.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop" };
const append = stream({ properties: { id: INTEGER }, incremental: true, cursor: "id" });

/** One record and its state, numbered alike. */
const upTo = (id: number) => [record("demo", { id }), state("demo", { at: id }, 1)];

const isCommit = ({ from, type, text: query }: WireMessage) =>
  from === "client" && type === "Q" && /^\s*commit/i.test(query);

const ids = async (destination: Database) =>
  (await destination.rows("select id from demo order by id")).flat();

/** Loads the first record, for a table and a checkpoint to be there. */
async function begin(destination: Database, folder: string): Promise<void> {
  await write(destination, folder, [append], [...upTo(1), complete("demo")], { env });
}

/** Loads the second record through a proxy that does something at the first COMMIT of its rows. */
async function writeThrough(
  destination: Database,
  folder: string,
  atCommit: Action,
  onMessage: (message: WireMessage) => void = () => {},
) {
  let hasRows = false;
  let isStruck = false;
  const proxy = await startProxy(destination.config, (message) => {
    onMessage(message);
    hasRows ||= message.from === "client" && message.type === "d";
    if (isStruck || !hasRows || !isCommit(message)) return "pass";
    isStruck = true;
    return atCommit;
  });
  const config = { ...destination.config, host: proxy.host, port: proxy.port };
  const lines = [...upTo(2), complete("demo")];
  const finished = await write({ config }, folder, [append], lines, { env });
  await proxy.close();
  return finished;
}

/** @guarantee connection-loss */
describe("a commit whose answer does not come", () => {
  it("is none when the server never heard of it", async ({ destination, folder }) => {
    await begin(destination, folder);

    const finished = await writeThrough(destination, folder, "reset");

    expect(finished.exitCode).toBe(1);
    expect(errorOf(finished)).toContain("postgres.connection_lost");
    expect(statesOf(finished)).toEqual([]);
    expect(await ids(destination)).toEqual(["1"]);
  });

  it("is not waited for when it never left: its sender died, and its connection seems alive", async ({
    destination,
    folder,
  }) => {
    await begin(destination, folder);
    let frozen = () => {};
    const isFrozen = new Promise<void>((resolve) => (frozen = resolve));
    let hasRows = false;
    const proxy = await startProxy(destination.config, (message) => {
      hasRows ||= message.from === "client" && message.type === "d";
      if (!hasRows || !isCommit(message)) return "pass";
      frozen();
      return "freeze";
    });
    try {
      const config = { ...destination.config, host: proxy.host, port: proxy.port };
      const running = await startWrite({ config }, folder, [append], { env });
      running.write(text(upTo(2)));
      await isFrozen;
      running.kill("SIGKILL");
      await running.finished;

      const asked = await committedState(destination, folder, [append], { env });
      const next = await write(destination, folder, [append], [...upTo(2), complete("demo")], {
        env,
      });

      expect(asked).toContain('"at":1');
      expect(errorOf(next)).toBe("");
      expect(await ids(destination)).toEqual(["1", "2"]);
    } finally {
      await proxy.close();
    }
  });

  it("is waited for while the server is still at it", async ({ destination, folder }) => {
    await begin(destination, folder);
    await destination.exec(`
      create function hold() returns trigger language plpgsql as
        'begin perform pg_advisory_xact_lock(1); return null; end';
      create constraint trigger hold after insert on demo
        deferrable initially deferred for each row execute function hold()`);
    await destination.query("select pg_advisory_lock(1)");
    let asked = 0;
    let askedTwice = () => {};
    const isAskedTwice = new Promise<void>((resolve) => (askedTwice = resolve));

    // Before, the server would give up what it was sent in the same turn.
    const isWaiting = async () => {
      // Of this database: others wait for locks of theirs on the same server.
      const waiting = `
        select from pg_locks join pg_database on pg_database.oid = database
        where datname = current_database() and locktype = 'advisory' and objid = 1 and not granted`;
      while ((await destination.rows(waiting)).length === 0);
    };
    const writing = writeThrough(
      destination,
      folder,
      { pass: "all", fault: "close", when: isWaiting },
      ({ from, text: query }) => {
        if (from !== "client" || !query.includes("txid_status")) return;
        if (++asked === 2) askedTwice();
      },
    );
    await Promise.race([isAskedTwice, writing]);
    await destination.query("select pg_advisory_unlock(1)");
    const finished = await writing;

    expect(finished.exitCode).toBe(0);
    expect(statesOf(finished)).toEqual([{ at: 2 }]);
    expect(await ids(destination)).toEqual(["1", "2"]);
  });
});

describe("a writer whose session outlives the start of another one", () => {
  it("commits nothing more, nor does it say so", async ({ destination, folder }) => {
    const other = stream({ ...append, name: "other" });
    const old = await startWrite(destination, folder, [append], { env });
    old.write(text(upTo(1)));
    await old.line((line) => line.includes('"at":1'));
    // As after a server's restart, or behind a pooler: nobody knows which session it is.
    await destination.exec("update _syncline.connection set writer_pid = null");

    const taken = await write(destination, folder, [other], [complete("other")], { env });
    old.write(text([...upTo(2), complete("demo")]));
    old.endInput();
    const ended = await old.finished;

    expect(taken.exitCode).toBe(0);
    expect(ended.exitCode).toBe(1);
    expect(errorOf(ended)).toContain("sync.locked");
    expect(statesOf(ended)).toEqual([{ at: 1 }]);
    expect(await ids(destination)).toEqual(["1"]);
  });
});
