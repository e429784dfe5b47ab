import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, WHOLE, type ProjectSettings, type Step } from "./project.ts";

const OLD = "token-nr-one";
const NEW = "token-nr-two";

const wants = (config: object): Step => ({
  raw: `${JSON.stringify({
    type: "CONTROL",
    control: { type: "CONNECTOR_CONFIG", emitted_at: 1, connectorConfig: { config } },
  })}\n`,
});

/** A source that changes its token in `where` on its first run, and says which one it was given. */
function settings(folder: string, where: "read" | "discover", more: object = {}): ProjectSettings {
  const received = join(folder, "received.ndjson");
  const changed = { received, streams: [{ name: "users" }], script: WHOLE, key: NEW, ...more };
  return {
    streams: [{ name: "users" }],
    source: {
      key: OLD,
      ...(where === "discover" && {
        discover: [wants(changed), { catalog: [{ name: "users" }] }],
      }),
    },
    script: where === "read" ? [wants(changed), ...WHOLE] : WHOLE,
  };
}

/** Puts `config_updates` into the source's part of the configuration. */
async function create(folder: string, given: ProjectSettings, path?: string): Promise<Project> {
  const project = await Project.create(folder, given);
  const file = join(folder, "syncline.yaml");
  const config = JSON.parse(readFileSync(file, "utf8")) as { sources: { s: object } };
  if (path) Object.assign(config.sources.s, { config_updates: path });
  await project.write(config);
  return project;
}

const keysGiven = (project: Project, command: string) =>
  project.given(command).map(({ config }) => (config as unknown as { key: string }).key);

describe("settings that a source changes itself", () => {
  it.for(["read", "discover"] as const)(
    "in %s are kept in a file of the user's choice, and given to it from then on",
    async (where, { folder }) => {
      const project = await create(folder, settings(folder, where), "./token.json");

      const first = await project.run("sync", "-v");
      await project.sync();

      expect(first.exitCode).toBe(0);
      expect(keysGiven(project, "read")).toEqual(where === "read" ? [OLD, NEW] : [NEW, NEW]);
      expect(statSync(join(folder, "token.json")).mode & 0o777).toBe(0o600);
      expect(first.stderr).toContain("changed its settings; they are kept in");
      expect(`${first.stderr}${project.log()}${project.log(2)}`).not.toMatch(/token-nr/);
    },
  );

  it("do not outlive a change of the configuration they were made from", async ({ folder }) => {
    const project = await create(folder, settings(folder, "read"), "token.json");
    await project.sync();
    const file = join(folder, "syncline.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(`"key": "${OLD}"`, '"key": "by-hand"'));

    await project.sync();

    expect(keysGiven(project, "read")).toEqual([OLD, "by-hand"]);
  });

  it("are lost with a warning when nobody keeps them", async ({ folder }) => {
    const project = await create(folder, settings(folder, "read"));

    const { exitCode, stderr } = await project.sync();

    expect(exitCode).toBe(0);
    expect(stderr).toContain("source s wants its settings changed");
    expect(stderr).toContain("config_updates: FILE");
    expect(stderr).not.toContain(NEW);
  });

  it("are not kept when they do not fit its spec", async ({ folder }) => {
    const project = await create(folder, settings(folder, "read", { port: "x" }), "token.json");

    const { exitCode, stderr } = await project.sync();
    await project.sync();

    expect(exitCode).toBe(0);
    expect(stderr).toContain("do not fit its spec (port: ");
    expect(keysGiven(project, "read")).toEqual([OLD, OLD]);
  });

  it("that cannot be read any more stop the sync, with the way out", async ({ folder }) => {
    const project = await create(folder, settings(folder, "read"), "token.json");
    writeFileSync(join(folder, "token.json"), "{");

    const { exitCode, stderr } = await project.sync();

    expect(exitCode).toBe(2);
    expect(stderr).toContain("token.json (config_updates) is not readable");
    expect(stderr).toContain("delete it");
  });
});
