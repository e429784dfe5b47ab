import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { parse, stringify } from "yaml";
import { buildProgram } from "../orchestrator/command-line.ts";
import { parseConfig } from "../orchestrator/config/load.ts";
import { Metrics } from "../orchestrator/serve/http/metrics.ts";
import { Project as FakeProject } from "./orchestrator/project.ts";
import { WrittenService } from "./orchestrator/serve/http/written-service.ts";
import { commandLines } from "./support/command-lines.ts";
import { type Database, it } from "./support/fixtures.ts";
import { fencedBlocks } from "./support/markdown.ts";
import { Project } from "./support/project.ts";

/** The pages that are written by hand. */
const PAGES = readdirSync("docs")
  .filter((name) => name.endsWith(".md") && !name.endsWith(".generated.md"))
  .filter((name) => name !== "guarantees.md");
const textOf = (page: string) => readFileSync(`docs/${page}`, "utf8");
const blocksOf = (page: string, language: string) =>
  fencedBlocks(textOf(page)).filter((block) => block.language === language);

const END = { command: ["node"] };

/** A configuration with what a block shows of it: sections of the file, or settings of a connection. */
function wholeOf(text: string): string {
  const given = parse(text) as Record<string, object>;
  const { sources, destinations, connections, ...settings } = given;
  return stringify({
    sources: { s: END, ...sources },
    destinations: { d: END, ...destinations },
    connections: connections ?? { c: { source: "s", destination: "d", ...settings } },
  });
}

/** Secrets in files of a reader's machine are not here. */
const withoutFiles = (text: string) => text.replaceAll(/\$\{file:[^}]*\}/g, "secret");
const variablesOf = (text: string) =>
  Object.fromEntries([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, "value"]));

describe.for(PAGES)("docs/%s", (page) => {
  it("links to what is there", () => {
    const links = [...textOf(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link!);
    const local = links.filter((link) => !link.startsWith("http"));

    expect(local.filter((link) => !existsSync(join("docs", link)))).toEqual([]);
  });

  // connectors-page.test.ts loads those of that page, with the variables and files they need.
  it.skipIf(page === "connectors.md")("shows settings that a configuration takes", () => {
    for (const { text } of blocksOf(page, "yaml"))
      expect(() => parseConfig(wholeOf(withoutFiles(text)), page, variablesOf(text))).not.toThrow();
  });

  it("shows commands that the command line takes", async ({ folder }) => {
    for (const { text } of blocksOf(page, "sh"))
      for (const line of commandLines(text, folder)) {
        const ran: string[] = [];
        await buildProgram(async ({ name }) => void ran.push(name)).parseAsync(line, {
          from: "user",
        });
        expect(ran).toHaveLength(1);
      }
  });
});

it("docs/README.md leads to every page", () => {
  const index = textOf("README.md");
  const others = readdirSync("docs").filter((name) => name.endsWith(".md") && name !== "README.md");

  expect(others.filter((name) => !index.includes(`(${name})`))).toEqual([]);
});

/** The blocks of docs/grants.md, in their order. */
const GRANTS = { source: 0, destination: 1, "destination without CREATE": 2 } as const;
type Grants = keyof typeof GRANTS;

/** Makes the role of a block, under a name of this test alone, in a database that is open to nobody else. */
async function grant(database: Database, which: Grants) {
  const { text } = blocksOf("grants.md", "sql")[GRANTS[which]]!;
  const [, name] = /create role (\w+)/.exec(text)!;
  const role = `${name}_${randomBytes(4).toString("hex")}`;
  const fitted = (sql: string) =>
    sql
      .replaceAll(name!, role)
      .replaceAll(/on database \w+/g, `on database "${database.config.database}"`);
  await database.exec(fitted("revoke all on database x from public"));
  await database.exec("revoke all on schema public from public");
  await database.exec(fitted(text));
  return {
    config: { username: role, password: "change me" },
    /** Takes back what the line that begins so gives. */
    takeBack: async (start: string) => {
      const line = text.split("\n").find((one) => one.startsWith(start))!;
      const [, what] = /^grant (.*) to /.exec(line) ?? [];
      await database.exec(
        what === undefined ? "drop schema _syncline" : fitted(`revoke ${what} from ${name}`),
      );
    },
    drop: () => database.exec(`drop owned by ${role} cascade; drop role ${role}`),
  };
}

const STREAMS = [
  { name: "whole", namespace: "public" },
  {
    name: "changes",
    namespace: "public",
    sync_mode: "incremental",
    destination_sync_mode: "append_dedup",
    cursor_field: "at",
    primary_key: "id",
  },
];

describe("docs/grants.md", () => {
  it.for(["destination", "destination without CREATE"] as const)(
    "names all the rights that syncs need: %s",
    async (which, { source, destination, folder }) => {
      await source.exec(`
        create table whole (id int primary key, word text);
        insert into whole values (1, 'a'), (2, 'b');
        create table changes (id int primary key, at timestamptz not null);
        insert into changes values (1, '2024-01-01');
      `);
      const [reader, loader] = [await grant(source, "source"), await grant(destination, which)];
      const project = await Project.create(folder, {
        source,
        destination,
        sourceConfig: reader.config,
        destinationConfig: loader.config,
        connections: { c: { streams: STREAMS } },
      });

      await project.sync();
      await source.exec("insert into whole values (3, 'c'); update changes set at = now()");
      await project.sync();

      expect(await destination.rows("select count(*) from whole")).toEqual([["3"]]);
      expect(await destination.rows("select count(*) from changes_scd")).toEqual([["2"]]);
      await loader.drop();
      await reader.drop();
    },
  );

  it.for([
    ["source", "grant connect"],
    ["source", "grant usage"],
    ["source", "grant select"],
    ["destination", "grant connect, temporary, create"],
    ["destination", "grant usage, create"],
    ["destination without CREATE", "create schema"],
  ] as const)(
    "names no right that can be left out: %s, %s",
    async ([which, line], { source, destination, folder }) => {
      await source.exec("create table whole (id int primary key)");
      const reader = await grant(source, "source");
      const loader = await grant(destination, which === "source" ? "destination" : which);
      await (which === "source" ? reader : loader).takeBack(line);
      const project = await Project.create(folder, {
        source,
        destination,
        sourceConfig: reader.config,
        destinationConfig: loader.config,
        connections: { c: { streams: STREAMS.slice(0, 1) } },
      });

      expect((await project.syncline(["sync"])).exitCode).not.toBe(0);
      await loader.drop();
      await reader.drop();
    },
  );
});

it("docs/bookkeeping.md names every table and column there is", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table whole (id int primary key)");
  const project = await Project.create(folder, {
    source,
    destination,
    connections: { c: { streams: STREAMS.slice(0, 1) } },
  });
  await project.sync();
  const there = await destination.rows(`
    select concat_ws('.', table_name, column_name) from information_schema.columns
     where table_schema = '_syncline'`);
  const sections = textOf("bookkeeping.md").split(/^## /m).slice(1);
  const described = sections.flatMap((section) => {
    const table = section.split("\n", 1)[0]!;
    return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, column]) => `${table}.${column}`);
  });

  expect(described.toSorted()).toEqual(there.flat().map(String).toSorted());
});

it("docs/serve.md names every metric there is, and no other", () => {
  const metrics = new Metrics(new WrittenService(), "0");
  const there = [...metrics.text().matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
  const named = textOf("serve.md").match(/`(?:syncline|process)_\w+(?=[`{])/g)!;
  metrics.close();

  expect([...new Set(named.map((name) => name.slice(1)))].toSorted()).toEqual(there.toSorted());
});

it("docs/state.md shows a state that is taken and given back", async ({ folder }) => {
  const project = await FakeProject.create(folder, {
    streams: [{ name: "orders", namespace: "public" }],
  });
  const { text } = blocksOf("state.md", "json")[0]!;
  await writeFile(join(folder, "saved.json"), text);

  const taken = await project.run("state", "import", "c", "saved.json");
  const given = await project.run("state", "export", "c");

  expect([taken.exitCode, given.exitCode]).toEqual([0, 0]);
  expect(JSON.parse(given.stdout)).toEqual(JSON.parse(text));
});
