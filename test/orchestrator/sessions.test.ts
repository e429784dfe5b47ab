import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { Project } from "../support/project.ts";
import { commandOf } from "../support/run.ts";

/** A command that notes in a file what a connector of ours is started for, and then runs it. */
function noting(connector: string, notes: string): string[] {
  const script = `echo "${connector} $3" >> '${notes}'; exec "$@"`;
  return ["/bin/sh", "-c", script, "sh", ...commandOf(connector)];
}

const notesIn = (path: string) => readFileSync(path, "utf8").split("\n").slice(0, -1).sort();

const INCREMENTAL = {
  name: "t",
  sync_mode: "incremental",
  destination_sync_mode: "append",
  cursor_field: "id",
};

describe("a connector that can do several things in one process", () => {
  it("has one process in a sync, beside the one that is asked what it is", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec("create table t (id int primary key); insert into t values (1)");
    const notes = join(folder, "notes");
    const project = await Project.create(folder, {
      source,
      destination,
      sourceCommand: noting("source-postgres", notes),
      destinationCommand: noting("destination-postgres", notes),
      connections: { c: { streams: [INCREMENTAL] } },
    });
    await project.sync();
    await writeFile(notes, "");

    await project.sync();

    expect(notesIn(notes)).toEqual([
      "destination-postgres session",
      "destination-postgres spec",
      "source-postgres session",
      "source-postgres spec",
    ]);
    expect(await destination.rows("select id from t")).toEqual([["1"]]);
  });

  it("changes nothing at the destination, where it is ready already, when the source fails", async ({
    source,
    destination,
    folder,
  }) => {
    const notes = join(folder, "notes");
    const project = await Project.create(folder, {
      source: withoutDatabase(source),
      destination,
      destinationCommand: noting("destination-postgres", notes),
      connections: { c: { streams: [INCREMENTAL] } },
    });

    const { exitCode } = await project.trySync();

    expect(exitCode).toBe(2);
    expect(notesIn(notes)).toEqual(["destination-postgres session", "destination-postgres spec"]);
    const made = "select count(*) from pg_namespace where nspname = '_syncline'";
    expect(await destination.rows(made)).toEqual([["0"]]);
  });

  it("that died before its next command is told by how it ended", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec("create table t (id int primary key)");
    await writeFile(
      join(folder, "dying.mjs"),
      `if (process.argv[2] === "spec")
         console.log(JSON.stringify({ type: "SPEC", spec: { connectionSpecification: {}, supports_state_command: true, supports_session_command: true } }));
       else process.exit(7);`,
    );
    const project = await Project.create(folder, {
      source,
      destination,
      destinationCommand: ["node", "./dying.mjs"],
      connections: { c: { streams: [INCREMENTAL] } },
    });

    const { exitCode, stderr } = await project.trySync();

    expect(exitCode).toBe(1);
    expect(stderr).toContain("did not answer `state`: it exited with status 7");
  });

  it("and does not end when nothing more is asked, is ended", async ({ source, folder }) => {
    const program = join(folder, "staying.mjs");
    await writeFile(
      program,
      `if (process.argv[2] === "spec")
         console.log(JSON.stringify({ type: "SPEC", spec: { connectionSpecification: {}, supports_session_command: true } }));
       else setInterval(() => {}, 1000);`,
    );
    const project = await Project.create(folder, {
      source: withoutDatabase(source),
      destination: source,
      destinationCommand: ["node", program],
      connections: { c: { streams: [INCREMENTAL] } },
    });

    const { exitCode } = await project.trySync();

    expect(exitCode).toBe(2);
    expect(descendants(1, program)).toEqual([]);
  });
});

/** A source whose `discover` fails. */
const withoutDatabase = (database: Database): Database =>
  ({ config: { ...database.config, database: "not_there" } }) as unknown as Database;
