import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type Step } from "./project.ts";

const STREAMS = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];

const readsTo = (at: number): Step[] => [{ records: 1 }, { state: { at } }, { status: "COMPLETE" }];

describe("a position set by hand, under a destination that remembers another one,", () => {
  const create = async (folder: string) => {
    const settings = { destinationRemembers: true, connection: { streams: STREAMS } };
    const project = await Project.create(folder, { ...settings, script: readsTo(3) });
    await project.sync();
    return {
      project,
      reads: (at: number) => project.configure({ ...settings, script: readsTo(at) }),
    };
  };
  const positionOf = (project: Project) => project.given("read").at(-1)!["state"];

  it("is gone on from", async ({ folder }) => {
    const { project } = await create(folder);
    await project.run("state", "set", "c", '{"at":1}', "--stream", "public.users", "--yes");

    await project.sync();

    expect(positionOf(project)).toContain('"stream_state":{"at":1}');
  });

  it("counts until the destination has acknowledged one behind it", async ({ folder }) => {
    const { project, reads } = await create(folder);
    await project.run("state", "set", "c", '{"at":1}', "--stream", "public.users", "--yes");
    await reads(2);
    await project.sync();

    await project.sync();

    expect(positionOf(project)).toContain('"stream_state":{"at":2}');
  });

  it("is nothing when it was cleared", async ({ folder }) => {
    const { project } = await create(folder);
    await project.run("state", "clear", "c", "--stream", "public.users", "--yes");

    await project.sync();

    expect(positionOf(project)).toBeUndefined();
  });
});
