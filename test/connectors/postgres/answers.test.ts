import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Answers } from "../../../connectors/postgres/answers.ts";
import { close, connect } from "../../../connectors/postgres/connection.ts";
import { CopiesOut } from "../../../connectors/postgres/copy-out.ts";
import { postgresFailure } from "../../../connectors/postgres/errors.ts";
import { openSession, withSession, type Session } from "../../../connectors/postgres/session.ts";
import type { Failure } from "../../../protocol/errors.ts";
import { it } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";

/** A message of the protocol. */
function message(type: string, body: Buffer | string = ""): Buffer {
  const bytes = Buffer.from(body as string, "latin1");
  const header = Buffer.alloc(5);
  header.write(type, "latin1");
  header.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([header, bytes]);
}

/** The same, with a length of its own. */
function lying(type: string, length: number, body = ""): Buffer {
  const bytes = message(type, body);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

const READY = message("Z", "I");
const GREETING = Buffer.concat([
  message("R", "\0\0\0\0"),
  message("K", "\0\0\0\x01\0\0\0\x02"),
  READY,
]);
const FIELD = message("T", `\0\x01n\0${"\0".repeat(18)}`);
const ROW = message("D", "\0\x01\0\0\0\x01x");

const MD5 = message("R", "\0\0\0\x05salt");
const NOTICE = message("N", `SNOTICE\0M${"x".repeat(30_000)}\0\0`);
const COMPLETE = message("C", "SELECT 0\0");

async function serving<T>(
  answer: (socket: Socket, received: Buffer) => void,
  work: (port: number) => Promise<T>,
): Promise<T> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (received) => answer(socket, received));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const configFor = (port: number) => ({
  host: "127.0.0.1",
  port,
  database: "d",
  username: "u",
  password: "p",
  ssl_mode: { mode: "disable" as const },
});
const options = { applicationName: "test", pin: "nothing" as const };

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => postgresFailure("ask", error),
  );

describe("what does not speak PostgreSQL's protocol", () => {
  it.for<readonly [string, string | Buffer]>([
    ["a web server", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"],
    ["SSH", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"],
    ["Redis", "-ERR unknown command\r\n"],
    ["noise", Buffer.from([0xff, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00])],
    ["a message that is too short for its own length", lying("R", 2, "\0\0\0\0")],
    ["a request for a password of a kind unknown", message("R", "\0\0\0\x63")],
    ["an error whose texts do not end", message("E", "SFATAL")],
    ["mechanisms to sign in whose names do not end", message("R", "\0\0\0\x0aSCRAM")],
    ["the end of a sign-in that did not begin", message("R", "\0\0\0\x0cv=abc")],
    ["a challenge to nobody", message("R", "\0\0\0\x0br=abc,s=abc,i=4096")],
    ["a second request for a password", Buffer.concat([MD5, MD5])],
    ["more than a sign-in may take", Buffer.concat(Array.from({ length: 40 }, () => NOTICE))],
    ["a session for somebody who is not signed in", READY],
    ["rows before the session is ready", Buffer.concat([message("R", "\0\0\0\0"), FIELD, ROW])],
  ])("is said to be no server: %s", async ([, words], { expect: check }) => {
    const failure = await serving(
      (socket) => void socket.write(words),
      (port) => failureOf(connect(configFor(port), options)),
    );

    check(failure).toMatchObject({ code: "postgres.unreachable", kind: "config_error" });
    check(failure.message).toContain("not a PostgreSQL server");
  });

  it("is SSH also where encryption is asked for, which it seems to grant", async () => {
    const failure = await serving(
      (socket) => void socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
      (port) => failureOf(connect({ ...configFor(port), ssl_mode: { mode: "prefer" } }, options)),
    );

    expect(failure.message).toContain("what answers there is not a PostgreSQL server");
  });

  it("is refused when no statement of its session could be cancelled", async () => {
    const failure = await serving(
      (socket) => void socket.write(Buffer.concat([message("R", "\0\0\0\0"), READY])),
      (port) => failureOf(connect(configFor(port), options)),
    );

    expect(failure).toMatchObject({ code: "postgres.failed", kind: "config_error" });
    expect(failure.message).toContain("the server gives no number and key to its session");
  });

  const QUESTIONS: Readonly<Record<string, (session: Session) => Promise<unknown>>> = {
    "one question": (session) => session.queryRow("ask", { text: "select $1", values: ["1"] }),
    "many at once": (session) => session.whileReading(async () => {}),
    "a change": (session) => session.run("change", "set a = b"),
  };
  it.for<readonly [string, Buffer, readonly string[]]>([
    ["nothing but that it is ready", READY, Object.keys(QUESTIONS)],
    ["no rows", Buffer.concat([FIELD, COMPLETE, READY]), ["one question", "many at once"]],
    ["that it takes rows", message("G", "\0\0\0"), Object.keys(QUESTIONS)],
    ["that rows follow", message("H", "\0\0\0"), Object.keys(QUESTIONS)],
    ["that rows go both ways", message("W", "\0\0\0"), Object.keys(QUESTIONS)],
    ["what nobody asked for", Buffer.concat([READY, FIELD]), ["one question"]],
  ])("is said to break it, when it answers %s", async ([, words, questions], { expect: check }) => {
    for (const question of questions) {
      const failure = await serving(
        (socket, received) => {
          if (received[0] === 0) socket.write(GREETING);
          else if ([0x51, 0x50].includes(received[0]!)) socket.write(words);
        },
        async (port) => {
          const session = await openSession(configFor(port), options);
          const said = await failureOf(QUESTIONS[question]!(session));
          await session.close();
          return said;
        },
      );
      check(failure.code, question).toBe("postgres.failed");
      check(failure.message, question).toContain("not PostgreSQL's protocol");
    }
  });

  it("is tried again when it is a server without room for another connection", async () => {
    const failure = await serving(
      (socket) => void socket.end("Ecould not fork new process for connection: no memory\n\0"),
      (port) => failureOf(connect(configFor(port), options)),
    );

    expect(failure).toMatchObject({ code: "postgres.unreachable", kind: "transient_error" });
  });

  it.for<readonly [string, Buffer]>([
    ["a row with more fields than it has", message("D", "\x70\0")],
    ["a field whose name does not end", message("T", "\0\x02name\0")],
    ["a message of an unknown type", message("!", "?")],
    ["a word of a setting that does not end", message("S", "name\0value")],
    ["a notice of two gigabytes", lying("N", 2 ** 31, "SNOTICE\0")],
    ["a length of nothing", lying("D", 0)],
  ])("is said to break it, once it had begun well: %s", async ([, words], { expect: check }) => {
    const failure = await serving(
      (socket, received) => void socket.write(received[0] === 0x51 ? words : GREETING),
      async (port) => {
        const client = await connect(configFor(port), options);
        const said = await failureOf(client.query("select 1"));
        await close(client);
        return said;
      },
    );

    check(failure.code).toBe("postgres.failed");
    check(failure.message).toMatch(/not PostgreSQL's protocol|larger than 512 MB/);
  });

  it("is noticed among the rows of a COPY, too", async () => {
    const failure = await serving(
      (socket, received) => {
        if (received[0] !== 0x51) return void socket.write(GREETING);
        const copying = message("H", "\0\0\0");
        socket.write(Buffer.concat([copying, message("d", "1\n"), lying("N", 2 ** 32 - 1)]));
      },
      async (port) => {
        const client = await connect(configFor(port), options);
        const sink = { row: () => {}, chunkDone: () => undefined };
        const copy = new CopiesOut(client).read("copy t to stdout", sink, {
          maxRowBytes: 10,
          cancel() {},
        });
        const said = await failureOf(copy);
        await close(client);
        return said;
      },
    );

    expect(failure.code).toBe("postgres.failed");
  });
});

describe("an answer", () => {
  it("is refused when it does not end, and not for what came before", () => {
    const taken: string[] = [];
    const answers = new Answers((bytes) => taken.push(bytes.toString("latin1")), 2_000);
    answers.push(GREETING);
    for (let n = 0; n < 100; n++)
      answers.push(Buffer.concat([FIELD, ROW, message("C", "x\0"), READY]));

    const endless = () => {
      answers.push(FIELD);
      for (let n = 0; n < 100; n++) answers.push(ROW);
    };

    expect(endless).toThrow("the answer is larger than");
    expect(taken.filter((bytes) => bytes === ROW.toString("latin1")).length).toBeLessThan(20);
  });

  it("is handed on whole, however it is cut", () => {
    const answer = Buffer.concat([GREETING, FIELD, ROW, ROW, message("C", "x\0"), READY]);
    for (let size = 1; size <= answer.length; size++) {
      const taken: Buffer[] = [];
      const answers = new Answers((bytes) => taken.push(Buffer.from(bytes)));

      for (let at = 0; at < answer.length; at += size) answers.push(answer.subarray(at, at + size));

      expect(Buffer.concat(taken)).toEqual(answer);
    }
  });
});

describe("a server that is silent once somebody is signed in", () => {
  const signIn = (socket: Socket, received: Buffer) => {
    if (received[0] === 0) socket.write(GREETING);
  };

  /** @guarantee ends-in-time */
  it.for([
    ["source-postgres", "check"],
    ["source-postgres", "discover"],
    ["destination-postgres", "check"],
  ] as const)(
    "is given up by %s in %s, which says who it is",
    async ([program, command], { folder }) => {
      const { stdout } = await serving(signIn, async (port) => {
        const config = join(folder, "config.json");
        writeFileSync(config, JSON.stringify(configFor(port)));
        const limits = { answerSeconds: 0.2 };
        return runExecutable(program, [command, "--config", config], { limits });
      });

      expect(stdout).toMatch(
        /could not (look at|ask for) the [^:]*: the database \\"d\\" at 127.0.0.1:\d+ as \\"u\\" said nothing for 0.2 s/,
      );
      expect(stdout).toContain(command === "check" ? '"FAILED"' : "postgres.unreachable");
    },
  );

  it("is given up where it was asked, and not where it works or waits", async ({ source }) => {
    const sleep = { text: "select pg_sleep(0.3)::text as slept", values: [] };
    const patience = { ...options, answerSeconds: 0.1 };

    const worked = await withSession(source.config, patience, (session) =>
      session.query("work", sleep),
    );
    const asked = await failureOf(
      withSession(source.config, patience, (session) => session.askRow("ask", sleep)),
    );
    const asking = await failureOf(
      withSession(source.config, { ...patience, asksOnly: true }, (session) =>
        session.query("ask", sleep),
      ),
    );

    expect(worked).toEqual([{ slept: "" }]);
    for (const failure of [asked, asking]) {
      expect(failure.code).toBe("postgres.unreachable");
      expect(failure.message).toContain("said nothing for 0.1 s");
    }
  });
});
