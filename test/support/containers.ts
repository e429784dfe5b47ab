import { execa } from "execa";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A program that runs images, or why none of them does. */
export type Engine = { readonly name: string } | { readonly missing: string };

/** Docker or Podman, whichever answers first. Where none does, says so once: tests that need one are skipped. */
export async function findEngine(): Promise<Engine> {
  const answers: string[] = [];
  for (const name of ["docker", "podman"]) {
    const { failed, shortMessage } = await execa(name, ["version"], {
      reject: false,
      timeout: 60_000,
    });
    if (!failed) return { name };
    answers.push(shortMessage ?? name);
  }
  const missing = `no container engine answers: ${answers.join("; ")}`;
  process.stderr.write(`skipped: ${missing}\n`);
  return { missing };
}

/** What an engine needs of our environment. */
export function engineEnvironment(): Record<string, string> {
  const settings = process.env["CONTAINERS_CONF"];
  return settings === undefined ? {} : { CONTAINERS_CONF: settings };
}

/** Makes an image of a folder, which becomes its root. */
export async function importImage(
  engine: string,
  root: string,
  image: string,
  changes: readonly string[],
): Promise<void> {
  const archive = `${root}.tar`;
  await execa("tar", ["c", "-C", root, "-f", archive, "."]);
  const options = changes.flatMap((change) => ["-c", change]);
  await execa(engine, ["import", ...options, archive, image]);
}

/**
 * A root folder with this Node and our two connectors, as they are built, and nothing else: an image
 * that no base image is needed for.
 */
export async function makeConnectorsRoot(root: string): Promise<void> {
  for (const name of ["etc", "tmp", "proc", "sys", "dev"])
    await mkdir(join(root, name), { recursive: true });
  await copyNode(root);
  const app = [
    "package.json",
    "supported.js",
    ...["source-postgres", "destination-postgres"].flatMap((name) => [
      `connectors/${name}/bin.js`,
      `dist/connectors/${name}/main.cjs`,
    ]),
  ];
  for (const path of app) await copy(join(ROOT, path), join(root, "app", path));
}

/** This Node as `/bin/node`, with its libraries. */
async function copyNode(root: string): Promise<void> {
  const node = process.execPath;
  const { stdout } = await execa("ldd", [node]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
  await copy(node, join(root, "bin/node"));
  for (const path of libraries) await copy(path, join(root, path));
}

/**
 * A root folder with what an image of Node has that others are made from: this Node, its npm, a shell with
 * its programs, the certificates of this machine, and a user `node`.
 */
export async function makeBaseRoot(root: string): Promise<void> {
  for (const name of ["etc/ssl/certs", "tmp", "proc", "sys", "dev", "root", "home/node", "usr/bin"])
    await mkdir(join(root, name), { recursive: true });
  await chmod(join(root, "tmp"), 0o1777);
  await copyNode(root);
  await copy(BUSYBOX, join(root, "bin/busybox"));
  const { stdout } = await execa(BUSYBOX, ["--list"]);
  for (const name of stdout.split("\n").filter((one) => one !== "" && one !== "busybox"))
    await symlink("busybox", join(root, "bin", name));
  await symlink("/bin/env", join(root, "usr/bin/env"));
  const npm = dirname(dirname(await realpath(await programOf("npm"))));
  await cp(npm, join(root, "usr/lib/npm"), { recursive: true, dereference: true });
  await writeFile(
    join(root, "bin/npm"),
    '#!/bin/sh\nexec /bin/node /usr/lib/npm/bin/npm-cli.js "$@"\n',
    { mode: 0o755 },
  );
  const certificates = "etc/ssl/certs/ca-certificates.crt";
  if (existsSync(`/${certificates}`)) await copy(`/${certificates}`, join(root, certificates));
  const user = (name: string, id: number, home: string) =>
    `${name}:x:${id}:${id}::${home}:/bin/sh\n`;
  await writeFile(
    join(root, "etc/passwd"),
    user("root", 0, "/root") + user("node", 1000, "/home/node"),
  );
  await writeFile(join(root, "etc/group"), "root:x:0:\nnode:x:1000:\n");
}

async function programOf(name: string): Promise<string> {
  return (await execa("sh", ["-c", `command -v ${name}`])).stdout;
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { dereference: true });
}

/** A root folder with a shell, some programs and a script of ours as `/bin/source`. */
export async function makeShellRoot(root: string, script: string): Promise<void> {
  for (const name of ["bin", "etc", "tmp", "proc", "sys", "dev"])
    await mkdir(join(root, name), { recursive: true });
  await cp(BUSYBOX, join(root, "bin/busybox"));
  for (const name of ["sh", "cat", "sleep", "id", "ls"])
    await symlink("busybox", join(root, "bin", name));
  await writeFile(join(root, "bin/source"), script, { mode: 0o755 });
}

/** Of the package busybox-static. */
export const BUSYBOX = "/bin/busybox";
