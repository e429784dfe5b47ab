import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { parse } from "yaml";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";
import { startOnTerminal, type TerminalSession } from "../support/terminal.ts";

/** A connector with a setting of every kind. */
const SPEC = {
  type: "object",
  required: ["url", "pages", "kind", "login", "tags"],
  properties: {
    url: {
      type: "string",
      order: 0,
      description: "Where <b>it</b> is. Not more.",
      pattern: "^https",
    },
    pages: { type: "integer", order: 1, minimum: 1, title: "Pages", default: 3 },
    kind: { type: "string", order: 2, enum: ["big", "small"] },
    login: {
      order: 3,
      title: "How to log in",
      oneOf: [
        { title: "Nobody", properties: { by: { const: "none" } }, required: ["by"] },
        {
          title: "A token",
          required: ["by", "token", "user"],
          properties: {
            by: { const: "token" },
            token: { type: "string", airbyte_secret: true },
            user: { type: "string" },
          },
        },
      ],
    },
    tags: { type: "array", order: 4, items: { type: "string" } },
    colour: { type: "string", description: "Not needed." },
  },
};

async function writeConnector(folder: string): Promise<void> {
  const spec = JSON.stringify({ type: "SPEC", spec: { connectionSpecification: SPEC } });
  const status = `{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}`;
  const answer = `console.log(process.argv[2] === "spec" ? ${JSON.stringify(spec)} : '${status}')`;
  await writeFile(join(folder, "api.mjs"), answer);
}

/** Waits for a question, and answers it with keys. */
async function answer(terminal: TerminalSession, question: string, keys: string): Promise<void> {
  await terminal.shows((screen) => screen.slice(screen.lastIndexOf("◆")).includes(question));
  terminal.press(keys);
}

/** Waits until an answer was refused, and gives another one. */
async function refused(terminal: TerminalSession, why: string, keys: string): Promise<void> {
  await terminal.shows((screen) => screen.slice(screen.lastIndexOf("▲")).includes(why));
  terminal.press(keys);
}

const syncline = (cwd: string, ...args: string[]) => runExecutable("syncline", args, { cwd });
const configIn = (folder: string) => readFile(join(folder, "syncline.yaml"), "utf8");

it("makes a file whose placeholders check asks for, and that works when they are set", async ({
  folder,
}) => {
  await writeConnector(folder);

  const added = await syncline(folder, "add", "source", "my-api", "--connector", "./api.mjs");
  const unset = await syncline(folder, "check");
  const env = { MY_API_URL: "https://x", MY_API_KIND: "big", MY_API_TAGS: "a" };
  const set = await runExecutable("syncline", ["check"], { cwd: folder, env });

  expect(added.exitCode, added.stderr).toBe(0);
  expect(added.stdout).toMatch(/^url +text +required +Where it is\. Not more\.$/m);
  expect(parse(await configIn(folder))).toEqual({
    sources: {
      "my-api": {
        connector: "./api.mjs",
        config: {
          url: "${MY_API_URL}",
          pages: 3,
          kind: "${MY_API_KIND}",
          login: { by: "none" },
          tags: ["${MY_API_TAGS}"],
        },
      },
    },
    destinations: {},
    connections: {},
  });
  expect(unset.stderr).toContain("my-api.config.url: the environment variable MY_API_URL is not");
  expect([unset.exitCode, set.exitCode, set.stdout]).toEqual([2, 0, "source my-api: ok\n"]);
  expect((await readdir(folder)).toSorted()).toEqual([".syncline", "api.mjs", "syncline.yaml"]);
});

it("asks on a terminal for what is required, and for no secret", async ({ folder }) => {
  await writeConnector(folder);
  const add = ["add", "source", "api", "--command", "node ./api.mjs"];
  const terminal = startOnTerminal("syncline", add, { cwd: folder, rows: 60 });

  await answer(terminal, "url: Where it is.", "http://x\r");
  await refused(terminal, "must have the form ^https", "\x15https://$x\r");
  await answer(terminal, "pages: Pages", "\x150\r");
  await refused(terminal, "must be", "\x157\r");
  await answer(terminal, "kind", "\x1b[B\r");
  await answer(terminal, "login: How to log in", "\x1b[B\r");
  await answer(terminal, "login.user", "${WHO}\r");
  await answer(terminal, "tags", "a, b\r");
  await answer(terminal, "Add this to syncline.yaml?", "\r");
  const { exitCode, screen } = await terminal.finished;

  expect(exitCode, screen).toBe(0);
  expect(screen).toContain("API_LOGIN_TOKEN, WHO");
  const { sources } = parse(await configIn(folder)) as { sources: unknown };
  expect(sources).toEqual({
    api: {
      command: ["node", "./api.mjs"],
      config: {
        url: "https://$$x",
        pages: 7,
        kind: "small",
        login: { by: "token", token: "${API_LOGIN_TOKEN}", user: "${WHO}" },
        tags: ["a", "b"],
      },
    },
  });
});

it("leaves everything as it was when it is cancelled, or the name is taken", async ({ folder }) => {
  await writeConnector(folder);
  const before = "sources: { api: { connector: ./api.mjs } }\ndestinations: {}\nconnections: {}\n";
  await writeFile(join(folder, "syncline.yaml"), before);

  const taken = await syncline(folder, "add", "source", "api", "--connector", "./api.mjs");
  const add = ["add", "source", "other", "--connector", "./api.mjs"];
  const terminal = startOnTerminal("syncline", add, { cwd: folder });
  await answer(terminal, "url", "\x03");

  expect([taken.exitCode, (await terminal.finished).exitCode]).toEqual([2, 130]);
  expect(taken.stderr).toContain("syncline.yaml has a source api already");
  expect(await configIn(folder)).toBe(before);
  expect((await readdir(folder)).toSorted()).toEqual(["api.mjs", "syncline.yaml"]);
});

it("adds to a file that stays what it was, its mode too", async ({ folder }) => {
  await writeConnector(folder);
  const before = "# mine\nsources: {}\ndestinations:\n  d: {connector: destination-postgres}\n";
  await writeFile(join(folder, "syncline.yaml"), `${before}connections: {}\n`);
  await chmod(join(folder, "syncline.yaml"), 0o640);

  const { exitCode, stdout } = await syncline(folder, "add", "destination", "e", "--json");

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    written: "syncline.yaml",
    role: "destination",
    name: "e",
    variables: ["E_HOST", "E_DATABASE", "E_USERNAME", "E_PASSWORD"],
  });
  const text = await configIn(folder);
  expect(text.startsWith(`${before}  e:\n    connector: destination-postgres\n`)).toBe(true);
  expect((await stat(join(folder, "syncline.yaml"))).mode & 0o777).toBe(0o640);
});

it("writes paths as they are seen from the file", async ({ folder }) => {
  await writeConnector(folder);
  await mkdir(join(folder, "conf"));
  const config = ["--config", "conf/c.yaml"];

  await syncline(folder, ...config, "add", "source", "a", "--connector", "./api.mjs");
  const { exitCode } = await syncline(folder, ...config, "settings", "a");

  expect(await readFile(join(folder, "conf/c.yaml"), "utf8")).toContain("connector: ../api.mjs");
  expect(exitCode).toBe(0);
});

it("shows the settings of any connector, each form of a choice with its own", async ({
  folder,
}) => {
  await writeConnector(folder);

  const given = await syncline(folder, "settings", "--connector", "./api.mjs");
  const ours = await syncline(folder, "settings", "destination-postgres", "--json");
  const nobody = await syncline(folder, "settings", "destination-postgre");

  expect(given.stdout).toBe(`\
setting    value                           default
url        text          required                   Where it is. Not more.
pages      whole number  required                3  Pages
kind       big | small   required
login      one of 2      required                   How to log in
  by       none                                     Nobody
  by       token                                    A token
    token  text          required, secret
    user   text          required
tags       list of text  required
colour     text                                     Not needed.
`);
  expect(JSON.parse(ours.stdout)).toHaveProperty("connectionSpecification.properties.host");
  expect(nobody.exitCode).toBe(2);
  expect(await readdir(folder)).toEqual(["api.mjs"]);
});
