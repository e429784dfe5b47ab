import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { runExecutable } from "../support/run.ts";

/** The bench is plain JavaScript without types; each test says what it needs of a file. */
async function load<Module>(file: string): Promise<Module> {
  return (await import(new URL(file, import.meta.url).href)) as Module;
}

interface Usage {
  label: string;
  cpuSeconds: number;
  peakMegabytes: number;
}

it("knows every command that the page about performance names", async () => {
  const text = await readFile("docs/performance.md", "utf8");
  const commands = [...text.matchAll(/npm run bench(?: -- ([^`\n]*))?/g)].map(([, words]) => words);
  const { scripts } = JSON.parse(await readFile("package.json", "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(commands.length).toBeGreaterThan(2);
  expect(scripts["bench"]).toMatch(/node test\/bench\/main\.mjs$/);

  for (const words of commands) {
    const args = [...(words ?? "").matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? word!,
    );
    const listed = await runExecutable(process.execPath, [
      "test/bench/main.mjs",
      ...args,
      "--list",
    ]);

    expect(listed, words).toMatchObject({ exitCode: 0, stderr: "" });
  }
});

it("refuses a scenario that is not there", async () => {
  const listed = await runExecutable(process.execPath, [
    "test/bench/main.mjs",
    "--only",
    "nothing",
    "--list",
  ]);

  expect(listed).toMatchObject({ exitCode: 2, stdout: "No scenario is named so.\n" });
});

it("counts two commands of one program apart, and one command's processes together", async () => {
  const { labelOf } = await load<{ labelOf: (words: string[]) => string }>("processes.mjs");
  const { figuresOf } = await load<{ figuresOf: (runs: object[]) => { processes: Usage[] } }>(
    "figures.mjs",
  );
  const usage = (command: string, cpuSeconds: number, peakMegabytes: number): Usage => ({
    label: labelOf(["node", "--flag", "/a/connectors/source-postgres/bin.js", command, "--config"]),
    cpuSeconds,
    peakMegabytes,
  });
  const run = (scale: number) => ({
    seconds: scale,
    cpuSeconds: scale,
    outputBytes: 0,
    processes: [
      usage("spec", 0.1 * scale, 40),
      usage("spec", 0.1 * scale, 50),
      usage("discover", scale, 60),
      usage("read", 10 * scale, 70 * scale),
    ],
  });

  const figures = figuresOf([run(3), run(1), run(2)]);

  expect(figures).toMatchObject({ seconds: 2, fastest: 1, slowest: 3, cpuSeconds: 2 });
  expect(figures.processes).toEqual([
    { label: "source-postgres spec", cpuSeconds: 0.4, peakMegabytes: 50 },
    { label: "source-postgres discover", cpuSeconds: 2, peakMegabytes: 60 },
    { label: "source-postgres read", cpuSeconds: 20, peakMegabytes: 210 },
  ]);
});

it("does every way once in each round, warms up first, and lets each begin in turn", async () => {
  const { inRounds } = await load<{
    inRounds: (ways: object, runs: number) => Promise<Map<string, { fastest: number }>>;
  }>("scenarios/scenario.mjs");
  const order: string[] = [];
  const way = (name: string) => ({
    run: async () => {
      order.push(name);
      return { seconds: order.length, cpuSeconds: 0, outputBytes: 0, processes: [] };
    },
    verify: async () => order.push("verified"),
  });

  const results = await inRounds({ a: way("a"), b: way("b"), c: way("c") }, 1);

  expect(order.filter((name) => name !== "verified").join("")).toBe("abcbca");
  expect(order.filter((_, at) => at % 2 === 1)).toEqual(Array(6).fill("verified"));
  expect([...results].map(([name, { fastest }]) => [name, fastest])).toEqual([
    ["a", 11],
    ["b", 7],
    ["c", 9],
  ]);
});

it("misses an aim above its limit, and judges none of the full size at another", async () => {
  const { verdictOf, FULL_SIZE } = await load<{
    verdictOf: (aim: object, rows: number) => string;
    FULL_SIZE: number;
  }>("report.mjs");
  const aim = { aim: "", measured: 1.26, limit: 1.25, unit: "×" };

  expect(verdictOf(aim, 1_000)).toBe("MISSED");
  expect(verdictOf({ ...aim, measured: 1.25 }, 1_000)).toBe("met");
  expect(verdictOf({ ...aim, fullSize: true }, 1_000)).toBe("not at this size");
  expect(verdictOf({ ...aim, fullSize: true }, FULL_SIZE)).toBe("MISSED");
  expect(verdictOf({ ...aim, measured: undefined }, 1_000)).toBe("");
});

it("puts the figures between the marked lines of a document, and leaves the rest of it alone", async () => {
  const { writeInto } = await load<{
    writeInto: (path: string, findings: object) => Promise<void>;
  }>("document.mjs");
  const path = join(await mkdtemp(join(tmpdir(), "syncline-bench-test-")), "page.md");
  const marked = (await readFile("docs/performance.md", "utf8")).match(/<!-- .* -->\n/g)!;
  expect(marked).toHaveLength(2);
  await writeFile(path, `before\n\n${marked[0]}old\n${marked[1]}\nafter\n`);
  const figures = { seconds: 1, fastest: 1, slowest: 2, cpuSeconds: 3, processes: [] };
  const scenario = { name: "one table", results: new Map([["COPY | COPY", figures]]), rows: 10 };

  await writeInto(path, {
    machine: { load: 0 },
    rows: 10,
    runs: 1,
    peers: [],
    missing: [],
    scenarios: [{ ...scenario, aims: [] }],
    aims: [],
  });

  const text = await readFile(path, "utf8");
  expect(text).toContain("| COPY \\| COPY |     1.00 | 1.00–2.00 |");
  expect(text).not.toContain("old");
  expect(text.startsWith(`before\n\n${marked[0]}`)).toBe(true);
  expect(text.endsWith(`${marked[1]}\nafter\n`)).toBe(true);
});

it("puts a server at a distance, whose bytes come late, whole and in order, and counts turns", async () => {
  const { openDistance } = await load<{
    openDistance: (
      server: { host: string; port: number },
      milliseconds: number,
    ) => Promise<{ port: number; turns: () => Promise<number>; close: () => Promise<void> }>;
  }>("distance.mjs");
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  const { port } = echo.address() as AddressInfo;
  const distance = await openDistance({ host: "127.0.0.1", port }, 30);
  const socket = connect(distance.port, "127.0.0.1");
  const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251));

  const started = performance.now();
  expect((await answerTo(socket, Buffer.from("one"))).toString()).toBe("one");
  expect(performance.now() - started).toBeGreaterThanOrEqual(60);
  expect((await answerTo(socket, Buffer.from("two"))).toString()).toBe("two");
  expect(await distance.turns()).toBe(2);
  expect((await answerTo(socket, large)).equals(large)).toBe(true);

  socket.destroy();
  await distance.close();
  echo.close();
});

/** Sends bytes and returns as many. */
async function answerTo(socket: Socket, bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    let missing = bytes.length;
    socket.on("data", function take(chunk: Buffer) {
      chunks.push(chunk);
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off("data", take);
      resolve();
    });
    socket.write(bytes);
  });
  return Buffer.concat(chunks);
}
