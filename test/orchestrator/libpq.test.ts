import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { loginOf, type Login } from "../../orchestrator/libpq/login.ts";
import { it } from "../support/fixtures.ts";

const notes: string[] = [];
const login = (text: string, env: NodeJS.ProcessEnv = {}): Login =>
  loginOf(text, "the source", { HOME: "/nonexistent", ...env }, (note) => notes.push(note));

it.for([
  [
    "postgres://u:p@h:5433/d",
    { host: "h", port: 5433, database: "d", username: "u", password: "p" },
  ],
  ["postgresql://u%40x:p%2F%25%3a@h", { username: "u@x", password: "p/%:", database: "u@x" }],
  ["postgres://u@[::1]:6000/d%20e", { host: "::1", port: 6000, database: "d e" }],
  ["postgres://u@%2Fvar%2Frun/d", { host: "/var/run", port: 5432 }],
  ["postgres:///d?host=/tmp/socket&port=7&user=u", { host: "/tmp/socket", port: 7, username: "u" }],
  ["postgres://u:@h/d?sslmode=require", { ssl_mode: { mode: "require" } }],
  ["host=h user=u dbname='a b\\'c' password=x=y", { database: "a b'c", password: "x=y" }],
] as const)("reads %s", ([text, expected]) => {
  expect(login(text)).toMatchObject(expected);
});

it.for([
  ["postgres://a,b/d", "the source names several hosts; name one"],
  ["postgres://u:p@q@h/d", "the source has more than one @"],
  ["postgres://u:p%@h/d", "the source has a % that encodes nothing"],
  ["postgres://u:p/q@h/d", "the source: the port is no number from 1 to 65535"],
  ["postgres://h/d?sslmode=maybe", "the source: sslmode is none of "],
  ["postgres://h/d?sslmode=verify-full", "the source: verify-full needs certificates to trust"],
  ["postgres://h/d?options=-csearch_path=x", "the source: the parameter options is not taken here"],
  ["postgres://h/d?target_session_attrs=standby", "target_session_attrs is not taken with this"],
  ["postgres://h/d?sslrootcert=system", "the source: sslrootcert=system is not taken here"],
  ["orders", "the source is no PostgreSQL URL"],
] as const)("refuses %s", ([text, message]) => {
  expect(() => login(text)).toThrow(message);
});

it.for([
  ["PGHOSTADDR", "10.0.0.1", "hostaddr"],
  ["PGOPTIONS", "-csearch_path=x", "options"],
  ["PGTARGETSESSIONATTRS", "standby", "target_session_attrs"],
  ["PGREQUIREAUTH", "scram-sha-256", "require_auth"],
] as const)("refuses what %s says instead of ignoring it", ([variable, value, parameter]) => {
  expect(() => login("postgres://h/d", { [variable]: value })).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(`the parameter ${parameter} is not taken`),
      hint: `leave it out, and unset ${variable}`,
    }),
  );
});

it("lets the text count before the service, that before the variables, those before defaults", async ({
  folder,
}) => {
  const file = join(folder, "services");
  await writeFile(file, "# ours\n[other]\nhost=wrong\n[shop]\nhost=h\nport=1111\ndbname=d\n");
  const env = {
    PGSERVICEFILE: file,
    PGPORT: "2222",
    PGUSER: "me",
    PGDATABASE: "x",
    PGSSLMODE: "disable",
  };

  expect(login("postgres://:3333?service=shop", env)).toEqual({
    host: "h",
    port: 3333,
    database: "d",
    username: "me",
    ssl_mode: { mode: "disable" },
  });
  expect(login("service=shop", { ...env, PGSERVICE: "other" })).toMatchObject({ port: 1111 });
  expect(() => login("service=none", env)).toThrow("no service is called none");
});

it("takes a password from a password file that nobody else may read", async ({ folder }) => {
  const file = join(folder, "passwords");
  const lines = [
    "# a comment",
    "h:5432:d:u\\:x:wrong",
    "h:*:d:u:s\\:\\\\cret",
    "localhost:*:*:*:local",
  ];
  await writeFile(file, lines.join("\n"), { mode: 0o600 });
  const env = { PGPASSFILE: file };
  const open = join(folder, "open");
  await writeFile(open, "*:*:*:*:seen", { mode: 0o644 });
  notes.length = 0;

  expect(login("postgres://u@h/d", env).password).toBe("s:\\cret");
  expect(login("postgres://u@other/d", env).password).toBeUndefined();
  expect(login("postgres://u@/d?host=/tmp", env).password).toBe("local");
  expect(login("postgres://u@h/d", { ...env, PGPASSWORD: "env" }).password).toBe("env");
  expect(notes).toEqual([]);
  expect(login("postgres://u@h/d", { PGPASSFILE: open }).password).toBeUndefined();
  expect(notes).toEqual([`${open} is not used: others may read it (chmod 600 ${open})`]);
});
