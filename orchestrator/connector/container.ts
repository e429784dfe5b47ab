import { execa } from "execa";
import { randomBytes } from "node:crypto";
import { Failure } from "../../protocol/errors.ts";
import type { ContainerOptions } from "../config/config.ts";

/** Programs that run images, in the order they are asked. */
const ENGINES = ["docker", "podman"];

/** Time for an engine to say that it is there. */
const ANSWER_MS = 15_000;

/** Of our environment's variables these mean something inside a container, too. */
const MEANT_FOR_ALL = /^(LANG|LC_ALL|TZ|NO_COLOR|SYNCLINE_.*|WORKER_.*|(https?|all|no)_proxy)$/i;

/** Podman's `rm --force` alone would ask first, and wait ten seconds. */
const REMOVE = '"$0" kill "$1"; "$0" rm --force "$1"';

/** An image that is run as a connector. */
export interface Container {
  readonly image: string;
  readonly options: ContainerOptions;
}

/** Whose container it is, for messages. */
interface Who {
  readonly label: string;
  readonly role: "source" | "destination";
}

/** A command line for one container, and what ends it when its client is gone. */
export interface ContainerCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly removal: readonly string[];
}

let foundEngine: Promise<string> | undefined;

/** The program that runs images: the one the user names, or which answers. Throws `connector.not_found`. */
export async function engineOf({ options }: Container, { label, role }: Who): Promise<string> {
  if (options.engine !== undefined) return options.engine;
  foundEngine ??= answeringEngine();
  try {
    return await foundEngine;
  } catch (error) {
    foundEngine = undefined;
    throw new Failure(
      "connector.not_found",
      `${label}: an image needs Docker or Podman, and neither answers: ${(error as Error).message}`,
      {
        hint: "start one (`docker version` is to answer), or name another with container: { engine: … }",
        origin: role,
      },
    );
  }
}

async function answeringEngine(): Promise<string> {
  const answers: string[] = [];
  for (const engine of ENGINES) {
    const { failed, code, stderr } = await execa(engine, ["version"], {
      reject: false,
      stdin: "ignore",
      timeout: ANSWER_MS,
    });
    if (!failed) return engine;
    const said = code === "ENOENT" ? "not installed" : stderr.trim().split("\n").at(-1);
    answers.push(`${engine}: ${said || "no answer"}`);
  }
  throw new Error(answers.join("; "));
}

/**
 * The `run` of a container that ends with its command.
 *
 * @param folder what it sees of our files, at the same place and for reading only.
 * @param env of the connector. Values are not in the arguments, which everybody on the machine can
 *   read: the engine takes them from its own environment, which is ours.
 */
export function containerCommand(
  engine: string,
  { image, options }: Container,
  { args, folder, env, own }: ContainerStart,
): ContainerCommand {
  const name = `syncline-${process.pid}-${randomBytes(6).toString("hex")}`;
  const passed = Object.keys(env).filter(
    (variable) => Object.hasOwn(own, variable) || MEANT_FOR_ALL.test(variable),
  );
  return {
    args: [
      "run",
      "--rm",
      "--interactive",
      `--name=${name}`,
      `--volume=${folder}:${folder}:ro`,
      ...passed.flatMap((variable) => ["--env", variable]),
      ...options.options,
      image,
      ...args,
    ],
    env: { ...(process.env as Record<string, string>), ...env },
    removal: ["/bin/sh", "-c", REMOVE, engine, name],
  };
}

/** What a container is to run. */
export interface ContainerStart {
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Variables the user gives this connector. */
  readonly own: Readonly<Record<string, string>>;
}
