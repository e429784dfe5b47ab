import { describe, expect, it } from "vitest";
import { ConnectionProgress } from "../../orchestrator/output/live/connection-progress.ts";
import { clock, frame, type Paint } from "../../orchestrator/output/live/frame.ts";
import { Speed } from "../../orchestrator/output/live/speed.ts";
import { lineView } from "../../orchestrator/output/live/view.ts";
import { SyncStats } from "../../orchestrator/sync/relay/stream-stats.ts";

const plain: Paint = (_, text) => text;

function statsOf(names: readonly string[]): SyncStats {
  const streams = names.map((name) => ({
    source: { name, namespace: "public" },
    destination: { name },
    configured: {
      stream: { name, json_schema: {}, supported_sync_modes: ["full_refresh" as const] },
      sync_mode: "full_refresh" as const,
      destination_sync_mode: "append" as const,
    },
  }));
  return new SyncStats(streams, new Set());
}

/** A connection under way, of whose streams the first half is being read. */
function running(count: number, name = "shop"): ConnectionProgress {
  const names = Array.from({ length: count }, (_, n) => `a_stream_with_quite_a_long_name_${n}`);
  const stats = statsOf(names);
  for (const stream of stats.streams.slice(0, count / 2)) {
    stream.seen();
    stream.emitted = 1_234_567_890;
    stream.bytes = 123_456_789_012;
    stream.expected = 2_000_000_000;
    stream.committedAt = 0;
  }
  const progress = new ConnectionProgress(name, 5, 0);
  progress.stats = stats;
  return progress;
}

describe("the picture of connections as they run", () => {
  for (const columns of [20, 40, 80, 120])
    for (const rows of [1, 4, 10, 24, 60])
      for (const [connections, streams] of [
        [1, 1],
        [1, 200],
        [3, 40],
        [70, 200],
      ] as const)
        it(`fits ${columns} × ${rows} with ${connections} connections of ${streams} streams`, () => {
          const all = Array.from({ length: connections }, (_, n) => running(streams, `c${n}`));

          const lines = frame(all, { columns, rows }, 60_000, plain);

          expect(lines.length).toBeGreaterThan(0);
          expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
          for (const line of lines) expect(line.length).toBeLessThan(columns);
          expect(lines.join("\n")).toContain("c0:".slice(0, columns));
        });

  it("counts what it does not show, so that every stream is in it", () => {
    const lines = frame([running(200)], { columns: 80, rows: 12 }, 60_000, plain);

    const shown = lines.filter((line) => line.startsWith("  public.")).length;
    expect(shown).toBeGreaterThan(3);
    expect(lines.at(-1)).toBe(`  ${100 - shown} reading, 100 to come`);
  });

  it("shows first what the destination is at, and gives up the least telling columns first", () => {
    const progress = running(4);
    const stats = progress.stats!;
    stats.onActivity({
      kind: "work",
      stream: { name: stats.streams[3]!.plan.destination.name },
      work: "merge",
    });
    const size = (columns: number) => ({ columns, rows: 20 });

    const [, head, first] = frame([progress], size(120), 60_000, plain);
    expect(head!.split(/\s+/).slice(1)).toEqual([
      "stream",
      "phase",
      "rows",
      "rows/s",
      "MB/s",
      "read",
      "left",
      "saved",
    ]);
    expect(first).toContain("merging");
    const narrow = frame([progress], size(50), 60_000, plain)[1]!;
    expect(narrow).toContain("phase");
    expect(narrow).not.toContain("MB/s");
    stats.onActivity({ kind: "work", stream: stats.streams[3]!.plan.destination });
    expect(frame([progress], size(120), 60_000, plain).join("\n")).not.toContain("merging");
  });

  it("says of each stream what it is at", () => {
    const stats = statsOf(["new", "read", "waits", "loads", "done"]);
    const [, read, waits, loads, done] = stats.streams;
    for (const stream of [read!, waits!, loads!, done!]) stream.seen();
    stats.current = waits;
    stats.isWaiting = true;
    for (const stream of [loads!, done!]) {
      stream.status = "COMPLETE";
      stream.emitted = stream.forwarded = 5;
    }
    done!.committed = 5;
    const progress = new ConnectionProgress("c", 1, 0);
    progress.stats = stats;

    const phases = progress.streams(0).map(({ phase }) => phase);

    expect(phases).toEqual(["to come", "reading", "waiting", "loading", "done"]);
  });

  it("says how long it waits for another attempt", () => {
    const progress = running(2);
    progress.stats = undefined;
    progress.retryAt = 95_000;

    expect(frame([progress], { columns: 80, rows: 24 }, 60_000, plain)).toEqual([
      "shop: waiting for another attempt, in 0:35, 1:00",
    ]);
  });
});

describe("the pace of a stream", () => {
  it("is that of the last seconds", () => {
    const speed = new Speed();
    expect(speed.rate).toEqual({ rows: 0, bytes: 0 });
    for (let second = 0; second <= 100; second++)
      speed.note(second * 1000, { rows: second * 1000, bytes: second * 8 });
    expect(speed.rate).toEqual({ rows: 1000, bytes: 8 });

    for (let second = 101; second <= 110; second++)
      speed.note(second * 1000, { rows: 100_000, bytes: 800 });
    expect(speed.rate).toEqual({ rows: 0, bytes: 0 });
  });
});

it("tells a rate at the first look at a stream that was read since the last one", () => {
  const progress = running(2);
  const stream = progress.stats!.streams[0]!;
  stream.emitted = 30_000;
  stream.bytes = 300_000;

  const [view, later] = progress.streams(stream.firstSeen! + 30_000);

  expect(view!.rowsPerSecond).toBeCloseTo(1000);
  expect(view!.bytesPerSecond).toBeCloseTo(10_000);
  expect(later!.rowsPerSecond).toBe(0);
});

it("is one line per connection where there is no terminal, every so often", async () => {
  const lines: string[] = [];
  let seen: () => void = () => {};
  const twice = new Promise<void>((resolve) => (seen = resolve));
  const view = lineView((line) => {
    lines.push(line);
    if (lines.length === 4) seen();
  }, 5);
  view.add(running(4, "one"));
  const waiting = running(2, "two");
  waiting.stats = undefined;
  view.add(waiting);

  await twice;
  view.close();

  expect(lines[0]).toMatch(
    /^one: 2,469,135,780 rows read, 0 committed, 246.9 GB, [\d,]+ rows\/s, 0\/4 streams, reading public.a_stream_with_quite_a_long_name_0 \(61%\), reading .*, \d+:\d\d$/,
  );
  expect(lines[1]).toMatch(/^two: starting, \d+:\d\d$/);
  expect(lines).toHaveLength(4);
});

it("writes times as clocks do", () => {
  expect([0, 59.9, 60, 3599, 3600, 90_061, Infinity, undefined].map(clock)).toEqual([
    "0:00",
    "0:59",
    "1:00",
    "59:59",
    "1:00:00",
    "25:01:01",
    "",
    "",
  ]);
});
