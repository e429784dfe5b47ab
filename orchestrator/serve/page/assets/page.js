// What a browser with scripts has beside the pages, which work without: parts of a page that change are
// asked for again when the server tells that they did, further lines of a log are added, charts are drawn,
// and fields that a mode has no use for are hidden. Nothing here makes markup of a text.
"use strict";

/** Between two looks at the server, in milliseconds. */
const LOOK_MS = 1000;

/** How long the server may be silent before the page says so: a connection that breaks is soon made again. */
const SILENCE_MS = 4000;

/** From a refusal, as after signing out or where too many read, to asking for events again. */
const REFUSED_MS = 15_000;

/** Most lines of a log that are kept on the page. */
const MAX_LINES = 5000;

const EVENTS = ["connection", "progress", "job_started", "job_ended", "configuration", "missed"];

/** The parts that change, by their ids, as the server last gave them. */
const parts = new Map();

async function pageAt(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  // Signed out, or gone: what is shown stays, and the next click tells.
  if (!answer.ok || answer.redirected) return undefined;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** What stands in a part now for an element that stood in it before. */
function likeIn(part, { id, tagName, textContent }) {
  const all = [...part.querySelectorAll(tagName)];
  return (id && document.getElementById(id)) || all.find((one) => one.textContent === textContent);
}

/** Puts the parts of this page that changed in their places. The focus, and what was opened, stay. */
function renew(fresh) {
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const other = fresh.getElementById(part.id);
    if (other === null || other.innerHTML === parts.get(part.id)) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : undefined;
    const isOpen = [...part.querySelectorAll("details")].map(({ open }) => open);
    parts.set(part.id, other.innerHTML);
    part.replaceChildren(...[...other.childNodes].map((node) => document.adoptNode(node)));
    part.querySelectorAll("details").forEach((one, index) => (one.open = isOpen[index] ?? false));
    if (focused) (likeIn(part, focused) ?? document.getElementById("main")).focus();
    if (part.querySelector("[data-charts]")) drawCharts();
  }
}

/** Adds what an attempt's log got since. */
async function readLog() {
  const log = document.getElementById("log");
  if (log === null || !("open" in log.dataset)) return;
  const further = (await pageAt(log.dataset.next))?.getElementById("log");
  if (!further) return;
  const box = log.parentElement;
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  log.append(...[...further.children].map((line) => document.adoptNode(line)));
  while (log.children.length > MAX_LINES) log.firstElementChild.remove();
  log.dataset.next = further.dataset.next;
  const link = document.querySelector("[data-further] a");
  if (link) link.setAttribute("href", log.dataset.next);
  if (!("open" in further.dataset)) {
    delete log.dataset.open;
    document.querySelector("[data-further]")?.remove();
  }
  if (isAtEnd) box.scrollTop = box.scrollHeight;
}

function follow() {
  const { live } = document.body.dataset;
  if (live === undefined) return;
  let isDue = false;
  let isLooking = false;
  const look = async () => {
    if (!isDue || isLooking || document.hidden) return;
    isDue = false;
    isLooking = true;
    try {
      const fresh = await pageAt(location.href);
      if (fresh) renew(fresh);
      await readLog();
    } catch {
      isDue = true; // the server is away; it is asked again
    } finally {
      setTimeout(() => {
        isLooking = false;
        void look();
      }, LOOK_MS);
    }
  };
  const told = ({ data }) => {
    const { connection, progress } = JSON.parse(data);
    const of = connection ?? progress?.connection;
    if (live !== "*" && of !== undefined && of !== live) return;
    isDue = true;
    void look();
  };
  const of = live === "*" ? "" : `/connections/${encodeURIComponent(live)}`;
  const silence = document.createElement("p");
  silence.className = "note warn";
  silence.setAttribute("role", "status");
  let events;
  let isSilent;
  let again;
  const heard = () => {
    clearTimeout(isSilent);
    isSilent = undefined;
    silence.remove();
  };
  const lost = () => {
    if (events.readyState === EventSource.CLOSED) again = setTimeout(listen, REFUSED_MS);
    const since = new Date().toLocaleTimeString();
    isSilent ??= setTimeout(() => {
      silence.textContent = `Nothing was heard from the server since ${since}: this may be out of date. Load the page again if it stays so.`;
      document.getElementById("main").prepend(silence);
    }, SILENCE_MS);
  };
  // A page in the background holds no connection: browsers have few for each server.
  const listen = () => {
    events?.close();
    events = undefined;
    clearTimeout(again);
    if (document.hidden) return;
    events = new EventSource(`/api/v1${of}/events`);
    for (const kind of EVENTS) events.addEventListener(kind, told);
    // Whatever was told while nobody listened.
    events.addEventListener("open", () => {
      heard();
      told({ data: "{}" });
    });
    events.addEventListener("error", lost);
  };
  document.addEventListener("visibilitychange", listen);
  listen();
}

function drawCharts() {
  if (typeof uPlot === "undefined") return;
  for (const place of document.querySelectorAll("[data-charts]"))
    drawHistory(place, place.parentElement.querySelector("table[data-history]"));
}

function drawHistory(place, table) {
  const rows = [...table.tBodies[0].rows].filter((row) => row.dataset.at).toReversed();
  const heads = [...table.tHead.rows[0].cells];
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  place.replaceChildren();
  heads.forEach((head, column) => {
    const { chart } = head.dataset;
    const runs = rows.filter((row) => row.cells[column].dataset.value !== undefined);
    if (chart === undefined || runs.length === 0) return;
    const box = document.createElement("div");
    box.className = "chart";
    const title = document.createElement("h3");
    const words = chart === "rows" ? "Rows of each job" : "Seconds that each job took";
    title.textContent = words;
    box.append(title);
    place.append(box);
    const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 } };
    const jobs = runs.map((row) => row.cells[0].textContent);
    const values = runs.map((row) => Number(row.cells[column].dataset.value));
    const options = {
      width: Math.max(200, box.clientWidth),
      height: 180,
      cursor: { drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: [-0.6, Math.max(runs.length, 5) - 0.4] },
        y: { range: (_, __, max) => [0, max || 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          incrs: [1, 2, 5, 10],
          values: (_, ticks) => ticks.map((at) => jobs[at] ?? ""),
        },
        { ...axis, size: 60, values: (_, ticks) => ticks.map(shortNumber) },
      ],
      legend: { show: false },
      hooks: {
        setCursor: [
          ({ cursor: { idx } }) =>
            (title.textContent =
              idx === null
                ? words
                : `${words}: ${values[idx].toLocaleString("en")} in job ${jobs[idx]}`),
        ],
      },
      series: [
        {},
        {
          fill: color("--run"),
          stroke: color("--run"),
          points: { show: false },
          paths: uPlot.paths.bars({ size: [0.7, 24] }),
        },
      ],
    };
    const plot = new uPlot(options, [runs.map((_, at) => at), values], box);
    new ResizeObserver(() => {
      if (box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: options.height });
    }).observe(box);
  });
}

/** `1.2k`, `3M`. */
function shortNumber(value) {
  const [size, unit] = [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ].find(([one]) => value >= one) ?? [1, ""];
  return `${Number((value / size).toFixed(2))}${unit}`;
}

/** Cursor and key are asked for where the mode has a use for them. */
function hideUnused() {
  for (const group of document.querySelectorAll(".choice:has(select)")) {
    const select = group.querySelector("select");
    const show = () => {
      for (const field of group.querySelectorAll("[data-for]"))
        field.hidden = !field.dataset.for.split(" ").includes(select.value);
    };
    select.addEventListener("change", show);
    show();
  }
}

for (const part of document.querySelectorAll("[data-live][id]")) parts.set(part.id, part.innerHTML);
drawCharts();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
hideUnused();
follow();
