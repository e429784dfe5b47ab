import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { buildProgram } from "../../../orchestrator/command-line.ts";
import { defaultLimits, parseConfig } from "../../../orchestrator/config/load.ts";

const DEPLOY = "examples/deploy";
const textOf = (path: string) => readFileSync(join(DEPLOY, path), "utf8");

/** What an outer supervisor gives us has to be more than what we give our connectors, twice: one after the other. */
const LEAST_STOP_SECONDS = 2 * defaultLimits().stopSeconds + 10;

/** The command of ours that these words run, as the command line takes them. */
async function commandOf([program, ...words]: readonly string[]): Promise<string> {
  const ran: string[] = [];
  await buildProgram(async ({ name }) => void ran.push(name)).parseAsync([...words], {
    from: "user",
  });
  return `${program} ${ran.join(" ")}`;
}

describe("the units of systemd", () => {
  const units = readdirSync(join(DEPLOY, "systemd"));
  const services = units.filter((name) => name.endsWith(".service"));
  const setting = (unit: string, name: string) =>
    new RegExp(`^${name}=(.*)$`, "m").exec(textOf(`systemd/${unit}`))?.[1];

  it.skipIf(spawnSync("systemd-analyze", ["--version"]).status !== 0).each(units)(
    "%s is one that systemd takes",
    (unit) => {
      const folder = mkdtempSync(join(tmpdir(), "syncline-units-"));
      cpSync(join(DEPLOY, "systemd"), folder, { recursive: true });

      const { status, stdout, stderr } = spawnSync(
        "systemd-analyze",
        ["verify", "--man=no", join(folder, unit)],
        { encoding: "utf8" },
      );

      expect([status, stdout + stderr]).toEqual([0, ""]);
    },
  );

  it.each(services)("%s runs a command of ours, and stops it in order", async (unit) => {
    const [env, ...words] = setting(unit, "ExecStart")!.split(" ");

    expect(env).toBe("/usr/bin/env");
    expect(await commandOf(words)).toBe(`syncline ${words[1]}`);
    expect(setting(unit, "KillMode")).toBe("mixed");
    expect(Number(setting(unit, "TimeoutStopSec"))).toBeGreaterThanOrEqual(LEAST_STOP_SECONDS);
    expect(setting(unit, "ReadWritePaths")).toBe(setting(unit, "WorkingDirectory"));
  });

  it("have a service for each timer", () => {
    const timers = units.filter((name) => name.endsWith(".timer"));

    expect(timers).not.toEqual([]);
    for (const timer of timers) expect(services).toContain(timer.replace(".timer", ".service"));
  });
});

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly args: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly restartPolicy?: string;
    readonly terminationGracePeriodSeconds: number;
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly containers: readonly [Container];
    readonly volumes: readonly {
      readonly name: string;
      readonly configMap?: { readonly name: string };
      readonly secret?: { readonly secretName: string };
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
  };
}

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly replicas?: number;
    readonly strategy?: { readonly type: string };
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template?: Pod;
    readonly concurrencyPolicy?: string;
    readonly jobTemplate?: { readonly spec: { readonly template: Pod } };
  };
}

describe("the resources of Kubernetes", () => {
  const resources = ["deployment.yaml", "cronjob.yaml"].flatMap((name) =>
    parseAllDocuments(textOf(`kubernetes/${name}`)).map((document) => document.toJS() as Resource),
  );
  const ofKind = (kind: string) => resources.find((resource) => resource.kind === kind)!;
  const deployment = ofKind("Deployment").spec;
  const cronJob = ofKind("CronJob").spec;
  const pods = { Deployment: deployment.template!, CronJob: cronJob.jobTemplate!.spec.template };

  it("run syncline once, and never twice at once", () => {
    expect([deployment.replicas, deployment.strategy?.type]).toEqual([1, "Recreate"]);
    expect(cronJob.concurrencyPolicy).toBe("Forbid");
    expect(pods.CronJob.spec.restartPolicy).toBe("Never");
    expect(pods.Deployment.metadata.labels).toMatchObject(deployment.selector!.matchLabels);
  });

  it.each(Object.entries(pods))(
    "a %s runs a command of ours, and stops it in order",
    async (_, { spec }) => {
      const [{ args }] = spec.containers;
      expect(await commandOf(args)).toBe(`syncline ${args[1]}`);
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(LEAST_STOP_SECONDS);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      expect(spec.containers[0].securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
    },
  );

  it("ask for its health where it listens", () => {
    const [{ args, ports, startupProbe, livenessProbe, readinessProbe }] =
      pods.Deployment.spec.containers;

    for (const probe of [startupProbe, livenessProbe, readinessProbe])
      expect(probe?.httpGet).toEqual({ path: "/healthz", port: "http" });
    expect(args).toContain(`--listen=0.0.0.0:${ports![0]!.containerPort}`);
  });

  it.each(Object.entries(pods))(
    "a %s has the files that it names, secrets as files",
    (_, { spec }) => {
      const [{ args, volumeMounts }] = spec.containers;
      const folders = volumeMounts.map(({ mountPath }) => mountPath);
      const files = args.flatMap(
        (word) => /^--(?:config|home|token-file)=(.*)/.exec(word)?.[1] ?? [],
      );

      expect(files.length).toBeGreaterThan(1);
      for (const file of files)
        expect(folders.some((folder) => file.startsWith(`${folder}/`))).toBe(true);
      expect(volumeMounts.map(({ name }) => name).toSorted()).toEqual(
        spec.volumes.map(({ name }) => name).toSorted(),
      );
      const named = spec.volumes.flatMap(({ configMap, persistentVolumeClaim }) => [
        ...(configMap ? [`ConfigMap ${configMap.name}`] : []),
        ...(persistentVolumeClaim
          ? [`PersistentVolumeClaim ${persistentVolumeClaim.claimName}`]
          : []),
      ]);
      const there = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(named.filter((name) => !there.includes(name))).toEqual([]);
      expect(spec.volumes.map(({ secret }) => secret?.secretName)).toContain("syncline-secrets");
    },
  );

  it("have a configuration that is one, but for its secrets", () => {
    const text = ofKind("ConfigMap").data!["syncline.yaml"]!;
    const [, folder] = /\$\{file:(.*)\/\w+\}/.exec(text)!;

    expect(pods.Deployment.spec.containers[0].volumeMounts.map((one) => one.mountPath)).toContain(
      folder,
    );
    expect(
      parseConfig(text.replaceAll(/\$\{file:[^}]*\}/g, "x"), "syncline.yaml", {}).connections.size,
    ).toBe(1);
  });
});

describe("the DAGs of Airflow", () => {
  const dags = readdirSync(join(DEPLOY, "airflow")).filter((name) => name.endsWith(".py"));

  it.skipIf(spawnSync("python3", ["--version"]).status !== 0).each(dags)("%s is Python", (dag) => {
    const check = "import ast, sys; ast.parse(sys.stdin.read())";
    expect(() =>
      execFileSync("python3", ["-c", check], { input: textOf(`airflow/${dag}`) }),
    ).not.toThrow();
  });

  it("run a command of ours", async () => {
    const [, bash] = /bash_command=f"exec (.*)"/.exec(textOf("airflow/syncline_dag.py"))!;
    const [, list] = /arguments=\[([^\]]*)\]/.exec(textOf("airflow/syncline_pod_dag.py"))!;
    const words = list!.split(",").map((word) => word.trim().replaceAll('"', ""));

    expect(await commandOf(bash!.replaceAll(/\{\w+\}/g, "x").split(" "))).toBe("syncline sync");
    expect(await commandOf(words.filter((word) => word !== ""))).toBe("syncline sync");
  });
});
