import { isObject } from "../../protocol/json.ts";

/** What a file that was given for something else turns out to be. */
export type FileKind =
  "a configured catalog" | "a discovered catalog" | "a state" | "a spec" | "a config";

/** The option that each of them belongs to. */
const OPTION_OF: Readonly<Partial<Record<FileKind, string>>> = {
  "a configured catalog": "--catalog",
  "a state": "--state",
  "a config": "--config",
};

/** What `discover` prints becomes what `read` and `write` want. */
const CONFIGURE =
  'each stream is to be {"stream": …, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}, as' +
  ` \`jq -c 'select(.type == "CATALOG").catalog | {streams: [.streams[] | {stream: ., sync_mode: "full_refresh", destination_sync_mode: "overwrite"}]}'\`` +
  " makes of what discover prints";

/** Longest beginning of a text that is looked at, and most of its lines. */
const LOOKED_AT_CHARS = 64 * 1024 * 1024;
const LOOKED_AT_LINES = 1000;

/**
 * What a parsed file is.
 *
 * @param settings the names that every config of this connector has.
 */
export function kindOf(value: unknown, settings: readonly string[] = []): FileKind | undefined {
  if (Array.isArray(value))
    return value.some((one) => isObject(one) && isStateType(one["type"])) ? "a state" : undefined;
  if (!isObject(value)) return undefined;
  const { type, streams, catalog } = value;
  if (type === "STATE" || isStateType(type)) return "a state";
  if (type === "SPEC") return "a spec";
  if (type === "CATALOG" && isObject(catalog)) return "a discovered catalog";
  if (Array.isArray(streams)) {
    const [first] = streams as unknown[];
    if (isObject(first) && "stream" in first) return "a configured catalog";
    return isObject(first) && "json_schema" in first ? "a discovered catalog" : undefined;
  }
  // One name alone may be that of anything.
  const isConfig = settings.length > 1 && settings.every((name) => Object.hasOwn(value, name));
  return isConfig ? "a config" : undefined;
}

/** The same of a text that is not one JSON value: of messages, a line each. */
export function kindOfLines(text: string): FileKind | undefined {
  for (const line of text.slice(0, LOOKED_AT_CHARS).split("\n", LOOKED_AT_LINES)) {
    if (!/^\{"type": ?"(?:CATALOG|STATE|SPEC)"/.test(line)) continue;
    try {
      return kindOf(JSON.parse(line));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** What another kind of file than the wanted one means for `option`: a clause that says the way out. */
export function otherKind(kind: FileKind, option: string): string {
  if (kind === "a discovered catalog" && option === "--catalog")
    return `is what discover prints, and not configured: ${CONFIGURE}`;
  const belongs = OPTION_OF[kind];
  return `is ${kind}${belongs === undefined ? "" : `, which belongs to ${belongs}`}`;
}

/** What a text is that is to be JSON and is not; undefined when nothing can be told. */
export function otherLanguage(text: string): string | undefined {
  const start = text.slice(0, 1000).trimStart();
  if (start.startsWith("//") || start.startsWith("/*")) return "JSON has no comments";
  if (/^(?:(?:#.*|---)\n\s*)*[\w-]+:(?:\s|$)/.test(start)) return "it is YAML, and is to be JSON";
  return undefined;
}

const isStateType = (type: unknown) => type === "STREAM" || type === "GLOBAL" || type === "LEGACY";
