import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "./fixtures.ts";
import { type Finished, runExecutable, type RunOptions, succeeded } from "./run.ts";

export interface ProjectOptions {
  readonly source: Database;
  readonly destination: Database;
  /** Added to, or instead of, the connection properties. */
  readonly sourceConfig?: object;
  readonly destinationConfig?: object;
  /** Run in the place of our connectors: a program and its first arguments. */
  readonly sourceCommand?: readonly string[];
  readonly destinationCommand?: readonly string[];
  /** Variables for both connectors. */
  readonly connectorEnv?: Readonly<Record<string, string>>;
  /** Sources beside `shop`, on the same database: what each has instead of its properties. */
  readonly moreSources?: Readonly<Record<string, object>>;
  /** Connections by name; `source` and `destination` are filled in, and one attempt is made. */
  readonly connections: Readonly<Record<string, object>>;
}

/** One run of `syncline sync`. */
export interface Sync extends Finished {
  /** Number of the job, from 1. */
  readonly job: number;
  /** The log of its last attempt. */
  readonly log: string;
}

/** `job.json` as far as tests look at it. */
export interface Job {
  readonly status: string;
  readonly attempts: readonly {
    readonly status: string;
    readonly streams?: readonly {
      readonly name: string;
      readonly namespace?: string;
      readonly status: string;
      readonly emitted: number;
      readonly committed: number;
    }[];
    readonly failures?: readonly {
      readonly origin: string;
      readonly code: string;
      readonly kind: string;
      readonly message: string;
      readonly stream?: string;
    }[];
  }[];
}

/** A folder with a `syncline.yaml`, as a user has it. */
export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(folder: string, options: ProjectOptions): Promise<Project> {
    const project = new Project(folder);
    await project.configure(options);
    return project;
  }

  /** Writes `syncline.yaml` anew. */
  async configure(options: ProjectOptions): Promise<void> {
    const { source, destination, connections } = options;
    const sources = { shop: options.sourceConfig, ...options.moreSources };
    const config = {
      sources: Object.fromEntries(
        Object.entries(sources).map(([name, more]) => [
          name,
          {
            ...program("source-postgres", options.sourceCommand),
            config: { ...source.config, ...more },
            ...(options.connectorEnv && { env: options.connectorEnv }),
          },
        ]),
      ),
      destinations: {
        warehouse: {
          ...program("destination-postgres", options.destinationCommand),
          config: { ...destination.config, ...options.destinationConfig },
          ...(options.connectorEnv && { env: options.connectorEnv }),
        },
      },
      connections: Object.fromEntries(
        Object.entries(connections).map(([name, connection]) => [
          name,
          {
            source: "shop",
            destination: "warehouse",
            retry: { max_attempts: 1, first_delay_seconds: 0 },
            ...connection,
          },
        ]),
      ),
    };
    // JSON is YAML.
    await writeFile(join(this.folder, "syncline.yaml"), JSON.stringify(config, null, 2));
  }

  /** Runs the command line in the project's folder. */
  async syncline(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return runExecutable("syncline", args, { cwd: this.folder, ...options });
  }

  /** Runs a `syncline sync` that must succeed. */
  async sync(...connections: string[]): Promise<Sync> {
    return succeeded(await this.trySync(...connections));
  }

  /** Runs `syncline sync` and finds the job it made. */
  async trySync(...connections: string[]): Promise<Sync> {
    const finished = await this.syncline(["sync", ...connections]);
    const job = await this.lastJob();
    return { ...finished, job, log: job === 0 ? "" : await this.log(job) };
  }

  /** Number of the newest job; 0: none yet. */
  async lastJob(): Promise<number> {
    const jobs = await this.#numbersIn(".syncline", "jobs");
    return Math.max(0, ...jobs);
  }

  /** The log of a job's last attempt. */
  async log(job: number): Promise<string> {
    const attempts = await this.#numbersIn(".syncline", "jobs", String(job));
    const attempt = Math.max(0, ...attempts);
    return readFile(
      join(this.folder, ".syncline", "jobs", String(job), String(attempt), "logs.log"),
      "utf8",
    );
  }

  async job(number: number): Promise<Job> {
    const path = join(this.folder, ".syncline", "jobs", String(number), "job.json");
    return JSON.parse(await readFile(path, "utf8")) as Job;
  }

  /** Records emitted and committed by a job's last attempt, by `namespace.name` of the stream. */
  async counts(
    job: number,
  ): Promise<Record<string, readonly [emitted: number, committed: number]>> {
    const { attempts } = await this.job(job);
    return Object.fromEntries(
      (attempts.at(-1)?.streams ?? []).map(({ namespace, name, emitted, committed }) => [
        namespace ? `${namespace}.${name}` : name,
        [emitted, committed] as const,
      ]),
    );
  }

  async #numbersIn(...path: string[]): Promise<number[]> {
    const names = await readdir(join(this.folder, ...path)).catch(() => []);
    return names.map(Number).filter((number) => Number.isInteger(number));
  }
}

const program = (connector: string, command: readonly string[] | undefined) =>
  command ? { command } : { connector };
