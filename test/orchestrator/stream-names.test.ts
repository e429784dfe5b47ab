import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type ProjectSettings } from "./project.ts";

const STREAMS = [
  { name: "orders", namespace: "public" },
  { name: "orders", namespace: "old" },
  { name: "log_debug", namespace: "public" },
  { name: "public.items", namespace: "odd" },
  { name: "items", namespace: "public" },
];

/** What a plan would sync, and what it says beside. */
async function planned(folder: string, connection: NonNullable<ProjectSettings["connection"]>) {
  const project = await Project.create(folder, {
    streams: STREAMS,
    connection: { namespace: "source", ...connection },
  });
  const { exitCode, stdout, stderr } = await project.run("plan", "--json");
  const { streams = [], notes = [] } = JSON.parse(stdout) as {
    streams?: { name: string; namespace: string }[];
    notes?: string[];
  };
  const names = streams.map(({ name, namespace }) => `${namespace}.${name}`);
  return { exitCode, names, notes, stderr };
}

describe("names of streams", () => {
  it.for([
    [["public.orders"], ["public.orders"]],
    [["public.o*"], ["public.orders"]],
    [["public.items"], ["odd.public.items"]],
    [["orders"], ["public.orders", "old.orders"]],
  ] as const)("%j are %j", async ([streams, expected], { folder }) => {
    expect((await planned(folder, { streams })).names).toEqual(expected);
  });

  it("are left out beside the pattern that matches them, as for the whole connection", async ({
    folder,
  }) => {
    const all = { name: "*", exclude: ["log_*", "old.*", "odd.*"] };

    const { names, notes } = await planned(folder, { streams: [all] });

    expect(names).toEqual(["public.orders", "public.items"]);
    expect(notes).toEqual([]);
  });

  it("that are left out and match nothing are said, with what may be meant", async ({ folder }) => {
    const { exitCode, notes, stderr } = await planned(folder, {
      streams: ["*"],
      exclude: ["log_debg"],
    });

    expect(exitCode).toBe(0);
    expect(notes).toEqual([
      "exclude: log_debg matches none of the source's 5 streams (did you mean log_debug?)",
    ]);
    expect(stderr).toBe("");
  });
});
