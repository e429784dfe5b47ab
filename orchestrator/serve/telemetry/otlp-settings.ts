import { hostname } from "node:os";

/** Where spans go, from the variables that every program with OpenTelemetry takes. */
export interface OtlpSettings {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
  /** What the spans are about. */
  readonly resource: Readonly<Record<string, string>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What there is to do, or why nothing is although an endpoint is named. */
export type Found = { readonly settings: OtlpSettings } | { readonly problem: string } | undefined;

const DEFAULT_TIMEOUT_MS = 10_000;

/** Whether the environment asks for spans at all: nothing of this folder need be loaded else. */
export function asksForSpans(env: Env): boolean {
  return settingOf(env, "ENDPOINT") !== undefined;
}

/** Undefined: nobody asked for spans, or somebody asked for none. */
export function otlpSettings(env: Env, version: string): Found {
  const given = settingOf(env, "ENDPOINT");
  const isOff =
    /^true$/i.test(env["OTEL_SDK_DISABLED"]?.trim() ?? "") ||
    env["OTEL_TRACES_EXPORTER"] === "none" ||
    /(^|_)always_off$/.test(env["OTEL_TRACES_SAMPLER"] ?? "");
  if (given === undefined || isOff) return undefined;
  // The general one is a base for every signal; that of traces is taken as it is.
  const ofTraces = filled(env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]);
  const endpoint = ofTraces ?? `${given.replace(/\/$/, "")}/v1/traces`;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    return { problem: "the endpoint of OTEL_EXPORTER_OTLP_* is no URL with http:// or https://" };
  if (settingOf(env, "PROTOCOL") === "grpc")
    return { problem: "OTEL_EXPORTER_OTLP_PROTOCOL=grpc: spans are sent by HTTP only" };
  const timeoutMs = Number(settingOf(env, "TIMEOUT") ?? DEFAULT_TIMEOUT_MS);
  return {
    settings: {
      endpoint,
      headers: pairsOf(settingOf(env, "HEADERS")),
      timeoutMs: timeoutMs > 0 ? timeoutMs : DEFAULT_TIMEOUT_MS,
      isCompressed: settingOf(env, "COMPRESSION") === "gzip",
      resource: {
        "service.name": "syncline",
        "service.version": version,
        "host.name": hostname(),
        "process.pid": String(process.pid),
        ...pairsOf(env["OTEL_RESOURCE_ATTRIBUTES"]),
        ...(filled(env["OTEL_SERVICE_NAME"]) && { "service.name": env["OTEL_SERVICE_NAME"]! }),
      },
    },
  };
}

/** That of traces comes before the one for every signal. An empty one is as good as none. */
function settingOf(env: Env, name: string): string | undefined {
  return (
    filled(env[`OTEL_EXPORTER_OTLP_TRACES_${name}`]) ?? filled(env[`OTEL_EXPORTER_OTLP_${name}`])
  );
}

function filled(value: string | undefined): string | undefined {
  return value?.trim() === "" ? undefined : value?.trim();
}

/** `a=1,b=2`, values percent-encoded. What is no pair is left out. */
function pairsOf(text = ""): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    const key = pair.slice(0, at).trim();
    return at < 1 || key === ""
      ? []
      : [[decoded(key), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
