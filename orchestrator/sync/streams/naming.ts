import { streamKey, type StreamDescriptor } from "../../../protocol/catalog.ts";
import type { Mapper, NamespaceRule } from "../../config/config.ts";

/** Gives a stream the name it has at the destination. */
export type Rename = (stream: StreamDescriptor) => StreamDescriptor;

/** The naming rule of a connection: a prefix for names, a rule for namespaces. */
export function naming(prefix: string, rule: NamespaceRule): Rename {
  return ({ name, namespace }) => {
    const target = targetNamespace(rule, namespace || undefined);
    const renamed = prefix + name;
    return target ? { name: renamed, namespace: target } : { name: renamed };
  };
}

function targetNamespace(rule: NamespaceRule, namespace: string | undefined): string | undefined {
  if (rule === "destination") return undefined;
  if (rule === "source") return namespace;
  const filled = rule.replaceAll("${SOURCE_NAMESPACE}", namespace ?? "");
  return filled.trim() === "" ? undefined : filled;
}

/**
 * A key for maps of tables, of a stream under its name at the destination.
 *
 * @param defaultNamespace where streams without a namespace go, if that is known.
 */
export function tableKey(
  { name, namespace }: StreamDescriptor,
  defaultNamespace: string | undefined,
): string {
  return streamKey({ name, namespace: namespace || (defaultNamespace ?? null) });
}

/** A column's name behind this mapper; undefined when there is none any more. */
export function targetName(mapper: Exclude<Mapper, { type: "filter" }>): string | undefined {
  if (mapper.type === "drop") return undefined;
  return mapper.type === "rename" ? mapper.to : mapper.field + (mapper.suffix ?? "_hashed");
}
