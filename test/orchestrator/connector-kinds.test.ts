import { execa } from "execa";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import {
  BUSYBOX,
  engineEnvironment,
  findEngine,
  importImage,
  makeShellRoot,
} from "../support/containers.ts";
import { CertificateAuthority } from "../connectors/postgres/certificates.ts";
import { type Database, it } from "../support/fixtures.ts";
import { runExecutable, start } from "../support/run.ts";

/** Made once for all tests, and found again by the next run. */
const CACHE = { XDG_CACHE_HOME: join(tmpdir(), "syncline-test-cache") };
const PACKAGE = "airbyte-source-faker==7.2.1";
const MINUTES = { timeout: 600_000 };

async function succeeds(file: string, ...args: string[]): Promise<boolean> {
  return !(await execa(file, args, { reject: false, timeout: 60_000 })).failed;
}

async function configure(folder: string, source: object, destination?: Database): Promise<void> {
  const config = {
    sources: { s: source },
    destinations: { d: { connector: "destination-postgres", config: destination?.config ?? {} } },
    connections: { c: { source: "s", destination: "d", retry: { max_attempts: 1 } } },
  };
  await writeFile(join(folder, "syncline.yaml"), JSON.stringify(config));
}

const syncline = (folder: string, args: string[], env: Record<string, string> = {}) =>
  runExecutable("syncline", args, { cwd: folder, env: { ...CACHE, ...env } });

/** Also false where this Python is none of those that the package is for. */
const canDownload = (name: string) =>
  succeeds("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", tmpdir(), name);

const hasPyPI = await canDownload(PACKAGE);
/** The last one whose requirements are all there: later ones want a smart-open that was never published. */
const FILE_PACKAGE = "airbyte-source-file==0.5.30";
const hasFileSource = hasPyPI && (await canDownload(FILE_PACKAGE));

/** Stands in for Python: its first installation takes for ever, and tells that it began. */
const SLOW_PYTHON = `#!/bin/sh
case "$1 $2" in
"-m venv")
  mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
  printf '%s\\n' '#!/bin/sh' 'echo "$ANSWER"' > "$3/bin/one" && chmod +x "$3/bin/one" ;;
"-m pip") [ -e "$BEGUN" ] || { touch "$BEGUN"; exec sleep 1000; } ;;
-c*) echo one ;;
esac
`;

it("never uses a Python environment whose making was interrupted", async ({ folder }) => {
  await writeFile(join(folder, "slow"), SLOW_PYTHON, { mode: 0o755 });
  const spec = { type: "SPEC", spec: { connectionSpecification: {} } };
  const env = { BEGUN: join(folder, "begun"), XDG_CACHE_HOME: join(folder, "cache") };
  const python = { python: "one==1", interpreter: "./slow", env: { ANSWER: JSON.stringify(spec) } };
  await configure(folder, python);

  const running = start("syncline", ["settings", "s"], { cwd: folder, env });
  await expect.poll(() => existsSync(env.BEGUN), { timeout: 60_000 }).toBe(true);
  running.kill("SIGKILL");
  await running.finished;
  const { exitCode, stderr, stdout } = await syncline(folder, ["settings", "s"], env);

  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain("making a Python environment");
  expect(stdout).toBe("it has no settings\n");
});

describe.skipIf(!hasPyPI)("a Python package (needs python3 and PyPI)", () => {
  it(
    "gets one environment of its own, also of two runs at once, and is synced",
    MINUTES,
    async ({ folder, destination }) => {
      await configure(folder, { python: PACKAGE, config: { count: 7 } }, destination);

      const [first, second] = await Promise.all([
        syncline(folder, ["check", "s"]),
        syncline(folder, ["check", "s"]),
      ]);
      const sync = await syncline(folder, ["sync"]);

      expect([first.exitCode, second.exitCode, sync.exitCode]).toEqual([0, 0, 0]);
      expect(sync.stderr).not.toContain("making a Python environment");
      const rows = await destination.query("select count(*)::text as n from users");
      expect(rows).toEqual([{ n: "7" }]);
    },
  );

  it(
    "runs a manifest, and knows its settings from it",
    MINUTES,
    async ({ folder, destination }) => {
      const server = createServer((_, answer) =>
        answer
          .setHeader("content-type", "application/json")
          .end('[{"id":1,"name":"a"},{"id":2,"name":"b"}]'),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await writeFile(join(folder, "api.yaml"), JSON.stringify(manifestOf(url)));
      const source = { python: PACKAGE, manifest: "./api.yaml", config: { api_key: "x" } };
      await configure(folder, source, destination);

      const sync = await syncline(folder, ["sync"]);
      server.close();

      expect(sync.exitCode, sync.stderr).toBe(0);
      expect(await destination.query("select id::text, name from items order by id")).toEqual([
        { id: "1", name: "a" },
        { id: "2", name: "b" },
      ]);
    },
  );

  it.skipIf(!hasFileSource)(
    "reads a file over HTTPS, and trusts whom REQUESTS_CA_BUNDLE names",
    MINUTES,
    async ({ folder, destination }) => {
      const authority = await CertificateAuthority.create(folder, "authority");
      const names = { commonName: "127.0.0.1", names: "IP:127.0.0.1" };
      const server = createTlsServer(await authority.issue("server", names), (_, answer) =>
        answer.setHeader("content-type", "text/csv").end("id,name\n1,a\n2,Zoë\n"),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/items.csv`;
      const provider = { storage: "HTTPS", user_agent: false };
      const config = { dataset_name: "items", format: "csv", url, provider };
      await configure(folder, { python: FILE_PACKAGE, config }, destination);

      const stranger = await syncline(folder, ["check", "s"]);
      const env = { REQUESTS_CA_BUNDLE: join(folder, "authority.crt") };
      const sync = await syncline(folder, ["sync"], env);
      server.close();

      expect(stranger.exitCode).toBe(2);
      expect(stranger.stderr).toContain("certificate verify failed");
      expect(sync.exitCode, sync.stderr).toBe(0);
      expect(await destination.query("select id::text, name from items order by id")).toEqual([
        { id: "1", name: "a" },
        { id: "2", name: "Zoë" },
      ]);
    },
  );

  it("that is not there is said with pip's last words", MINUTES, async ({ folder }) => {
    await configure(folder, { python: "airbyte-source-faker==0.0.0.1" });

    const { exitCode, stderr } = await syncline(folder, ["check", "s"]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("connector.not_installed");
    expect(stderr).toContain("No matching distribution found");
  });
});

const manifestOf = (url: string) => ({
  version: "6.0.0",
  type: "DeclarativeSource",
  check: { type: "CheckStream", stream_names: ["items"] },
  streams: [
    {
      type: "DeclarativeStream",
      name: "items",
      primary_key: ["id"],
      retriever: {
        type: "SimpleRetriever",
        requester: { type: "HttpRequester", url_base: url, path: "/items", http_method: "GET" },
        record_selector: {
          type: "RecordSelector",
          extractor: { type: "DpathExtractor", field_path: [] },
        },
      },
      schema_loader: {
        type: "InlineSchemaLoader",
        schema: {
          type: "object",
          properties: { id: { type: "integer" }, name: { type: "string" } },
        },
      },
    },
  ],
  spec: {
    type: "Spec",
    connection_specification: {
      type: "object",
      required: ["api_key"],
      properties: { api_key: { type: "string", airbyte_secret: true } },
    },
  },
});

/** In its container it sees who it is, what it may write, and which files there are. */
const BOXED = `#!/bin/sh
case "$1" in
spec) echo '{"type":"SPEC","spec":{"connectionSpecification":{"type":"object"}}}' ;;
check)
  cat "$3" > /dev/null && CONFIG=read
  echo x 2> /dev/null >> "$3" && CONFIG=written
  set -- "$CONFIG" $(ls "\${3%/*}/..")
  echo '{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED","message":"'"$(id -u) $* $OWN"'"}}' ;;
discover) sleep 1000 ;;
esac
`;

const engine = await findEngine();
const canBuild = !("missing" in engine) && existsSync(BUSYBOX);

describe.skipIf(!canBuild)("an image (needs docker or podman, and busybox-static)", () => {
  const image = "localhost/syncline-test-source:dev";
  const env = engineEnvironment;
  const program = "missing" in engine ? "" : engine.name;

  async function build(folder: string): Promise<void> {
    const root = join(folder, "root");
    await makeShellRoot(root, BOXED);
    await importImage(program, root, image, ['ENTRYPOINT ["/bin/source"]', "USER 1000"]);
  }

  it(
    "reads its files as any user, writes none of them, and sees no other connector's",
    MINUTES,
    async ({ folder }) => {
      await build(folder);
      await configure(folder, { image, container: { network: "none" }, env: { OWN: "mine" } });

      const { exitCode, stderr } = await syncline(folder, ["check", "s"], env());

      expect(exitCode, stderr).toBe(0);
      expect(stderr).toContain("1000 read source-s mine");
    },
  );

  it.for(["SIGINT", "SIGKILL"] as const)(
    "ends with us at %s",
    MINUTES,
    async (signal, { folder }) => {
      await build(folder);
      await configure(folder, { image, container: { network: "none" } });
      const running = start("syncline", ["discover", "s"], { cwd: folder, env: env() });
      const containers = async () => {
        const args = [
          "ps",
          "--all",
          "--filter",
          `name=syncline-${running.pid}-`,
          "--format",
          "{{.Command}}",
        ];
        return (await execa(program, args)).stdout;
      };
      await expect.poll(containers, { timeout: 60_000 }).toContain("discover");

      running.kill(signal);

      await expect.poll(containers, { timeout: 60_000 }).toBe("");
      await running.finished;
    },
  );
});

describe("a program of the user's", () => {
  const SPEC = `console.log(JSON.stringify({ type: "SPEC", spec: { connectionSpecification: {} } }))`;

  it("is a path that is relative to the file", async ({ folder }) => {
    await writeFile(
      join(folder, "mine.mjs"),
      `if (process.argv[2] === "spec") ${SPEC}; else throw new Error("ran " + process.argv[2]);`,
    );
    await configure(folder, { connector: "./mine.mjs" });

    const { stderr } = await runExecutable("syncline", [
      "--config",
      join(folder, "syncline.yaml"),
      "check",
      "s",
    ]);

    expect(stderr).toContain("did not answer `check`: it exited with status 1; it said: ");
    expect(stderr).toContain("Error: ran check");
    expect(stderr).not.toContain("    at ");
  });

  it("is a package that the project has installed, in the version that is named", async ({
    folder,
  }) => {
    const home = join(folder, "node_modules/some-source");
    await mkdir(home, { recursive: true });
    const manifest = { name: "some-source", version: "1.2.3", bin: "./run.mjs", type: "module" };
    await writeFile(join(home, "package.json"), JSON.stringify(manifest));
    await writeFile(join(home, "run.mjs"), SPEC);

    await configure(folder, { npm: "some-source@1.2.3" });
    const right = await syncline(folder, ["check", "s"]);
    await configure(folder, { npm: "some-source@1.2.4" });
    const wrong = await syncline(folder, ["check", "s"]);

    expect(right.stderr).toContain("did not answer `check`");
    expect(wrong.stderr).toContain("is installed in version 1.2.3, not 1.2.4");
    expect(wrong.stderr).toContain("npm install --save-exact some-source@1.2.4");
  });

  it("that cannot start is told by the line that matters of its traceback", async ({ folder }) => {
    await writeFile(join(folder, "mine.py"), "def f():\n  import nope\nf()\n");
    await configure(folder, { command: ["python3", "./mine.py"] });

    const { stderr } = await syncline(folder, ["check", "s"]);

    expect(stderr).toContain("it said: ModuleNotFoundError: No module named 'nope'");
    expect(stderr).not.toContain("Traceback");
  });

  it("that is beside the file is told how it is found there", async ({ folder }) => {
    await writeFile(join(folder, "mine.py"), "");
    await configure(folder, { command: ["python3", "mine.py"] });

    const { stderr } = await syncline(folder, ["check", "s"]);

    expect(stderr).toContain("the mine.py beside the configuration is written ./mine.py");
  });
});
