import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { Project } from "../support/project.ts";
import { type Finished, start } from "../support/run.ts";

/** What nobody may find again. The words in front are there in every spelling but base64 and hex. */
const SECRETS = {
  source: `s3cr3tSource $"'\\n%41ß`,
  destination: `s3cr3tDestination $"'\\n%41ß`,
  token: `s3cr3tToken $"'\\n%41ß`,
  environment: "s3cr3tEnvironment",
  ownEnvironment: "s3cr3tOwnEnvironment",
};
const SECRET = "s3cr3t";

/** What may be in the destination's tables, and nowhere else. */
const ROW = "r0wV4lue";

/** What may be in states, too. */
const CURSOR = "c0rs0rV4lue";

const TABLES = ["good", "guarded"];

const SOURCE_SCHEMA = `${TABLES.map(
  (name) =>
    `create table ${name} (id text primary key, v text, j jsonb, c text not null);
     insert into ${name} values ('${ROW} 1', '${ROW}', '{"${ROW}": "${ROW}"}', '${CURSOR} 1');`,
).join("\n")}
  create view casts as select id, v::regproc::text as v from good;`;

/** From now on the destination refuses what changes. */
const REFUSALS = `
  create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'not %', new using errcode = '55000', column = new.v; end $$;
  create trigger refuse before insert or update on guarded for each row execute function refuse();`;

const INCREMENTAL = {
  sync_mode: "incremental",
  destination_sync_mode: "append_dedup",
  primary_key: ["id"],
  cursor_field: "c",
};
const APPENDED = { sync_mode: "full_refresh", destination_sync_mode: "append" };

/** One for each stream, so that each ends in its own way. */
const CONNECTIONS = Object.fromEntries(
  [...TABLES, "casts"].map((name) => {
    const mode = name === "casts" ? APPENDED : INCREMENTAL;
    return [
      name,
      { streams: [{ name, namespace: "public", ...mode }], limits: { stop_seconds: 1 } },
    ];
  }),
);

/** A source that says all it knows wherever it can, sends values that do not fit, and breaks off. */
const TALKER = `
import { readFileSync } from "node:fs";
const say = (message) => console.log(JSON.stringify(message));
const [command, , config] = process.argv.slice(2);
const stream = {
  name: "talk", supported_sync_modes: ["full_refresh"],
  json_schema: { type: "object", properties: { n: { type: "integer" }, d: { type: "string", format: "date" } } },
};
const token = { type: "string", airbyte_secret: true };
if (command === "spec")
  say({ type: "SPEC", spec: { connectionSpecification: { type: "object", properties: { token } } } });
else {
  const secret = JSON.parse(readFileSync(config, "utf8")).token;
  const spellings = [
    secret, JSON.stringify(secret), encodeURIComponent(secret), Buffer.from(secret).toString("base64"),
  ].join(" ");
  console.error("connecting with " + spellings);
  console.log("not JSON: " + spellings);
  say({ type: "LOG", log: { level: "INFO", message: spellings } });
  if (command === "discover") say({ type: "CATALOG", catalog: { streams: [stream] } });
  else {
    const record = (data) => ({ type: "RECORD", record: { stream: "talk", data, emitted_at: 1 } });
    const error = { message: spellings, internal_message: spellings, stack_trace: spellings };
    say(record({ n: "${ROW}", d: "${ROW}" }));
    say({ type: "TRACE", trace: { type: "ERROR", emitted_at: 1, error: { ...error, failure_type: "system_error" } } });
    console.log(JSON.stringify(record({ n: "${ROW}" })).slice(0, -3) + "\\n");
  }
}
`;

const everyFile = (folder: string): [path: string, bytes: Buffer][] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path)]);

/** Every row of every table of ours, as text. */
async function bookkeeping(destination: Database): Promise<[table: string, text: string][]> {
  const tables = await destination.rows(
    "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = '_syncline'",
  );
  return Promise.all(
    tables.map(async ([name]) => [
      name!,
      JSON.stringify(await destination.rows(`select t::text from ${name} t`)),
    ]),
  );
}

/** The word in every spelling of it that is in `bytes`: as it is, in hex, in base64 at any place. */
function spelled(word: string, bytes: Buffer): boolean {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from(" ".repeat(shift) + word).toString("base64");
    return text.slice(shift === 0 ? 0 : shift + 1, -4);
  });
  const spellings = [word, Buffer.from(word).toString("hex"), ...base64];
  return spellings.some((spelling) => bytes.includes(spelling));
}

/** @guarantee no-secrets */
/** @guarantee no-row-values */
it(
  "leaves no secret anywhere and no row outside of its table, whatever becomes of a sync",
  { timeout: 180_000 },
  async ({ source, destination, folder }) => {
    const role = `canary_${destination.config.database}`;
    const login = (name: string, password: string) =>
      `create role ${name} superuser login password '${password.replaceAll("'", "''")}'`;
    await source.exec(`${SOURCE_SCHEMA}; ${login(`${role}_s`, SECRETS.source)}`);
    await destination.exec(login(`${role}_d`, SECRETS.destination));
    const temporary = join(folder, "tmp");
    const home = join(folder, "project");
    const talking = join(folder, "talking");
    for (const made of [temporary, home, talking]) mkdirSync(made);
    const env = {
      TMPDIR: temporary,
      SOURCE: SECRETS.source,
      DESTINATION: SECRETS.destination,
      TOKEN: SECRETS.token,
      OWN: SECRETS.ownEnvironment,
      PGPASSWORD: SECRETS.environment,
    };
    const common = {
      source,
      destination,
      destinationConfig: { username: `${role}_d`, password: "${DESTINATION}" },
      connectorEnv: { API_TOKEN: "${OWN}" },
    };
    const project = await Project.create(home, {
      ...common,
      sourceConfig: { username: `${role}_s`, password: "${SOURCE}" },
      connections: CONNECTIONS,
    });
    writeFileSync(join(talking, "talker.mjs"), TALKER);
    const talker = await Project.create(talking, {
      ...common,
      sourceCommand: ["node", "./talker.mjs"],
      sourceConfig: { token: "${TOKEN}" },
      connections: {
        talk: {
          streams: [{ name: "talk", ...APPENDED }],
        },
      },
    });
    const runs: Finished[] = [];
    const run = async (args: readonly string[], more: object = {}, where = project) => {
      const finished = await where.syncline(args, { env: { ...env, ...more } });
      runs.push(finished);
      return finished.exitCode;
    };

    try {
      expect(await run(["sync", "-v"])).not.toBe(0); // the view's values name no function
      await destination.exec(REFUSALS);
      for (const table of TABLES)
        await source.exec(`update ${table} set v = '${ROW} again', c = '${CURSOR} 2'`);
      expect(await run(["sync", "-v", "--json", "guarded"])).not.toBe(0);
      expect(await run(["sync", "-v", "good"], { SOURCE: `${SECRETS.source}?` })).toBe(2);
      expect(await run(["sync", "-v", "good"], { DESTINATION: `${SECRETS.destination}?` })).toBe(2);
      expect(await run(["sync", "-v"], {}, talker)).toBe(1);
      for (const args of [["logs"], ["jobs", "--json"]]) await run(args);

      runs.push(await killed(project, source, env));
      expect(await run(["sync", "good"])).toBe(0); // a start removes what a killed one left

      const found = [
        ...runs.map(({ stdout, stderr }, index) => [`run ${index}`, stdout + stderr] as const),
        ...everyFile(home),
        ...everyFile(talking).filter(([path]) => !path.endsWith("talker.mjs")),
        ...(await bookkeeping(destination)),
      ].map(([place, content]) => [place, Buffer.from(content)] as const);
      const placesOf = (word: string) =>
        found.filter(([, bytes]) => spelled(word, bytes)).map(([place]) => place);

      expect(placesOf(SECRET)).toEqual([]);
      expect(placesOf(ROW)).toEqual([]);
      const states = TABLES.map((name) => join(home, `.syncline/state/${name}.json`));
      const cursors = placesOf(CURSOR).map((place) => place.replace(/\.bak$/, ""));
      expect(new Set(cursors)).toEqual(new Set([...states, "_syncline.checkpoint"]));
      expect(readdirSync(temporary)).toEqual([]);
      expect(await destination.rows("select v from good")).toEqual([[`${ROW} again`]]);
    } finally {
      await source.exec(`drop owned by ${role}_s; drop role ${role}_s`);
      await destination.exec(`drop owned by ${role}_d; drop role ${role}_d`);
    }
  },
);

/** A sync that is killed while its source waits for a lock; over when all of it is gone. */
async function killed(
  project: Project,
  source: Database,
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  await source.exec("begin; lock table good in access exclusive mode");
  const syncline = start("syncline", ["sync", "-v", "good"], { cwd: project.folder, env });
  syncline.endInput();
  await syncline.errorLine((line) => line.includes("waiting for a lock"));
  const children = descendants(syncline.pid, "bin.js");
  expect(children.length).toBeGreaterThan(0);
  syncline.kill("SIGKILL");
  const finished = await syncline.finished;
  await source.exec("rollback");
  const alive = () => children.filter((pid) => existsSync(`/proc/${pid}`));
  await expect.poll(alive, { timeout: 20_000 }).toEqual([]);
  return finished;
}
