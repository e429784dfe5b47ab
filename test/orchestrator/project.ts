import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobReport } from "../../orchestrator/store/jobs.ts";
import { runExecutable, start, type Finished, type Running } from "../support/run.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/orchestrator");

/** A step of the fake source's script (test/fixtures/orchestrator/source.mjs). */
export type Step = Readonly<Record<string, unknown>>;

export interface ProjectSettings {
  readonly streams?: readonly object[];
  /** What the fake source does in `read`. */
  readonly script?: readonly Step[];
  /** More of the fake source's config. */
  readonly source?: object;
  /** The file of the fake source; another one has settings of its own. */
  readonly sourceFile?: string;
  /** The fake destination's config. */
  readonly destination?: object;
  /** Whether it keeps what it acknowledged, and says so. */
  readonly destinationRemembers?: boolean;
  /** Whether it can rebuild its tables, and says so. */
  readonly destinationNormalizes?: boolean;
  /** What its spec says beside. */
  readonly destinationSpec?: object;
  readonly connection?: object;
}

/** One stream of three rows, as a well-behaved source sends it. */
export const WHOLE: readonly Step[] = [
  { status: "STARTED" },
  { records: 3 },
  { state: { at: 3 } },
  { status: "COMPLETE" },
];

const QUICK = { max_attempts: 1, first_delay_seconds: 0.05 };

/** A folder with a `syncline.yaml` whose one connection, `c`, joins the two fake connectors. */
export class Project {
  readonly folder: string;
  /** What the fake destination was sent. */
  readonly out: string;
  /** What the fake connectors were given. */
  readonly received: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.out = join(folder, "out.ndjson");
    this.received = join(folder, "received.ndjson");
  }

  static async create(folder: string, settings: ProjectSettings = {}): Promise<Project> {
    await mkdir(folder, { recursive: true });
    const project = new Project(folder);
    await project.configure(settings);
    return project;
  }

  async configure(settings: ProjectSettings): Promise<void> {
    const { out, received } = this;
    await this.write({
      sources: {
        s: {
          command: ["node", join(FIXTURES, settings.sourceFile ?? "source.mjs")],
          config: {
            streams: settings.streams ?? [{ name: "users", namespace: "public" }],
            script: settings.script ?? WHOLE,
            received,
            ...settings.source,
          },
        },
      },
      destinations: {
        d: {
          command: ["node", join(FIXTURES, "destination.mjs")],
          env: {
            ...(settings.destinationRemembers && { FAKE_MEMORY: join(this.folder, "memory.json") }),
            ...(settings.destinationSpec && {
              FAKE_SPEC: JSON.stringify(settings.destinationSpec),
            }),
            ...(settings.destinationNormalizes && { FAKE_NORMALIZE: "yes" }),
          },
          config: { out, received, ...settings.destination },
        },
      },
      connections: { c: { source: "s", destination: "d", retry: QUICK, ...settings.connection } },
    });
  }

  /** JSON is YAML too. */
  async write(config: object | string): Promise<void> {
    const text = typeof config === "string" ? config : JSON.stringify(config, null, 2);
    await writeFile(join(this.folder, "syncline.yaml"), text);
  }

  run(...args: string[]): Promise<Finished> {
    return runExecutable("syncline", args, { cwd: this.folder });
  }

  start(...args: string[]): Running {
    const running = start("syncline", args, { cwd: this.folder });
    running.endInput();
    return running;
  }

  async sync(): Promise<{ exitCode: number | null; job: JobReport; stderr: string }> {
    const { exitCode, stdout, stderr } = await this.run("sync", "--json");
    return { exitCode, stderr, job: JSON.parse(stdout) as JobReport };
  }

  /** Lines the destination got. */
  delivered(): string[] {
    return existsSync(this.out) ? readFileSync(this.out, "utf8").split("\n").slice(0, -1) : [];
  }

  /** What the connectors were given, in order. */
  given(command: string): Record<string, string>[] {
    return readFileSync(this.received, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, string>)
      .filter((entry) => entry["command"] === command);
  }

  /**
   * The generations of each `write`, stream by stream: `[generation_id, minimum_generation_id]`,
   * counted from the first one of the project, which is 1; 0 stays 0.
   */
  generations(): [number, number][][] {
    const all = this.given("write").map(({ catalog }) => {
      const { streams } = JSON.parse(catalog!) as {
        streams: { generation_id: number; minimum_generation_id: number }[];
      };
      return streams.map((stream) => [stream.generation_id, stream.minimum_generation_id] as const);
    });
    const first = Math.min(...all.flat(2).filter((generation) => generation > 0));
    const relative = (generation: number) => (generation === 0 ? 0 : generation - first + 1);
    return all.map((streams) => streams.map(([id, least]) => [relative(id), relative(least)]));
  }

  /** The text of the state file; undefined when there is none. */
  stateText(): string | undefined {
    const path = join(this.folder, ".syncline/state/c.json");
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  log(job = 1, attempt = 0): string {
    return readFileSync(join(this.folder, `.syncline/jobs/${job}/${attempt}/logs.log`), "utf8");
  }

  /** Names left over in the folders a run writes to. */
  leftovers(): string[] {
    const home = join(this.folder, ".syncline");
    return [
      ...readdirSync(join(home, "locks")),
      ...readdirSync(join(home, "state")).filter((name) => name.endsWith(".tmp")),
    ];
  }
}
