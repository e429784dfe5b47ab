import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Failure } from "../../protocol/errors.ts";
import { isObject, type JsonObject } from "../../protocol/json.ts";
import { engineOf } from "./container.ts";
import type { Launch } from "./launch.ts";
import { pythonProgram, type Making } from "./python-package.ts";

/**
 * A launch that can be started: with its Python environment made, and the program found that runs its
 * image. Throws `connector.not_installed` and `connector.not_found`, and `config.unreadable` for a
 * manifest.
 */
export async function made(launch: Launch, making: Omit<Making, "who">): Promise<Launch> {
  const { python, container } = launch;
  if (python !== undefined) {
    const { manifest } = python;
    const described = manifest === undefined ? {} : ofManifest(manifest, launch);
    return {
      ...launch,
      ...described,
      file: await pythonProgram(python, { ...making, who: launch }),
    };
  }
  if (container !== undefined) return { ...launch, file: await engineOf(container, launch) };
  return launch;
}

/** The program that runs manifests tells no settings of theirs: what a manifest says of them does. */
function ofManifest(file: string, { label, role }: Launch): Pick<Launch, "flags" | "spec"> {
  let manifest: unknown;
  try {
    manifest = parse(readFileSync(file, "utf8"));
    if (!isObject(manifest)) throw new Error("no map of keys and values");
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const why = isMissing ? `there is no file ${file}` : `${file} is not readable as a manifest`;
    throw new Failure("config.unreadable", `${label}: ${why}`, {
      hint: "it is the YAML that Airbyte's connector builder exports",
      origin: role,
      cause,
    });
  }
  const { spec } = manifest as { spec?: JsonObject };
  const settings = isObject(spec) && spec["connection_specification"];
  return {
    flags: ["--manifest-path", file],
    spec: {
      connectionSpecification: isObject(settings) ? settings : { type: "object" },
    },
  };
}
