import { expect } from "vitest";
import { it } from "./served.ts";
import { job } from "./written-service.ts";

/** The samples of a text of metrics, by name and labels; throws for a line that is none. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.trimEnd().split("\n")) {
    const [, name] = /^# (?:HELP|TYPE) ([a-z_]+) ./.exec(line) ?? [];
    if (name !== undefined) {
      typed.add(name);
      continue;
    }
    const [, metric, labels = "", value] =
      /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[\d.e+]+)$/.exec(line)!;
    expect(typed).toContain(metric);
    expect(samples.has(metric! + labels)).toBe(false);
    samples.set(metric! + labels, Number(value));
  }
  return samples;
}

it("tell how each connection is and how its last job went", async ({ serve }) => {
  const { ask } = await serve();

  const { text, headers } = await ask("/metrics");
  const samples = samplesOf(text);

  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(
    Object.fromEntries([...samples].filter(([name]) => name.includes('connection="orders"'))),
  ).toEqual({
    'syncline_jobs_total{connection="orders",status="succeeded"}': 0,
    'syncline_jobs_total{connection="orders",status="failed"}': 0,
    'syncline_jobs_total{connection="orders",status="cancelled"}': 0,
    'syncline_jobs_total{connection="orders",status="interrupted"}': 0,
    'syncline_rows_emitted_total{connection="orders"}': 0,
    'syncline_rows_committed_total{connection="orders"}': 0,
    'syncline_bytes_total{connection="orders"}': 0,
    'syncline_running{connection="orders"}': 0,
    'syncline_paused{connection="orders"}': 0,
    'syncline_next_run_time_seconds{connection="orders"}': 1_795_759_200,
    'syncline_last_run_status{connection="orders",status="succeeded"}': 1,
    'syncline_last_run_succeeded{connection="orders"}': 1,
    'syncline_last_run_end_time_seconds{connection="orders"}': 1_795_755_601.5,
    'syncline_last_run_seconds{connection="orders"}': 1.5,
    'syncline_last_run_rows_emitted{connection="orders"}': 4,
    'syncline_last_run_rows_committed{connection="orders"}': 3,
    'syncline_last_run_bytes{connection="orders"}': 120,
  });
  expect(samples.get('syncline_running{connection="followed"}')).toBe(1);
  expect(samples.get('syncline_log_lag_bytes{connection="followed"}')).toBe(512);
  expect(samples.get('syncline_log_retained_bytes{connection="followed"}')).toBe(4096);
  expect(samples.get(`syncline_build_info{version="1.2.3",node="${process.versions.node}"}`)).toBe(
    1,
  );
  expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
});

it("count jobs and their rows from the start, each once", async ({ serve }) => {
  const { ask, service } = await serve();
  const end = (id: number, status: "succeeded" | "failed") => {
    service.known.push(job(id, "orders", status));
    service.tell({ event: "job_ended", connection: "orders", job: id, status, failures: [] });
  };

  end(3, "succeeded");
  end(4, "succeeded");
  end(5, "failed");
  const samples = samplesOf((await ask("/metrics")).text);

  expect(samples.get('syncline_jobs_total{connection="orders",status="succeeded"}')).toBe(2);
  expect(samples.get('syncline_jobs_total{connection="orders",status="failed"}')).toBe(1);
  expect(samples.get('syncline_rows_emitted_total{connection="orders"}')).toBe(12);
  expect(samples.get('syncline_rows_committed_total{connection="orders"}')).toBe(9);
  expect(samples.get('syncline_bytes_total{connection="orders"}')).toBe(360);
});

it.for(["running", "incomplete"] as const)(
  "take a job that is %s for no last one: the one before it is",
  async (status, { serve }) => {
    const { ask, service } = await serve();
    const { ended_at: _, ...open } = job(3, "orders", status);
    service.known.push(open);
    const facts = service.facts.get("orders")!;
    service.facts.set("orders", { ...facts, state: "running", last_job: open });

    const samples = samplesOf((await ask("/metrics")).text);

    expect(samples.get('syncline_running{connection="orders"}')).toBe(1);
    expect(samples.get('syncline_last_run_status{connection="orders",status="succeeded"}')).toBe(1);
  },
);

it("keep a name on one line and inside its quotation marks", async ({ serve }) => {
  const { ask, service } = await serve();
  const connection = 'a"} 1\nsyncline_up 1 \\';
  service.facts.set(connection, { ...service.facts.get("orders")!, connection });

  const samples = samplesOf((await ask("/metrics")).text);

  expect(samples.get(String.raw`syncline_paused{connection="a\"} 1\nsyncline_up 1 \\"}`)).toBe(0);
});
