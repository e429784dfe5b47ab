import { createHash } from "node:crypto";
import { Document } from "yaml";
import type { Json, JsonObject } from "../../protocol/json.ts";
import type { Env } from "../config/env.ts";
import type { Login } from "../libpq/login.ts";
import { COPY_MODES } from "./copy-modes.ts";
import type { Proposal } from "./proposal.ts";

/** A configuration of one connection between two databases, before it is a file. */
export interface Draft {
  readonly source: Login;
  readonly destination: Login;
  /** More settings of the destination. */
  readonly settings: JsonObject;
  readonly connection: string;
  /** Undefined: every table, replacing the last copy. */
  readonly tables: readonly Proposal[] | undefined;
}

/** A copy of a table is that table: its columns, its types, nothing beside it. */
export const COPIED_AS_IT_IS = { tables: "final_only", column_types: "native", history: false };

/** The text of a `syncline.yaml`, and the variables it takes its secrets from. */
export interface DraftText {
  readonly text: string;
  /** Values by name; none of them is in the text. */
  readonly variables: Readonly<Record<string, string>>;
}

/** How the two ends are called: after their databases. */
export function endNames({ source, destination }: Pick<Draft, "source" | "destination">): {
  readonly source: string;
  readonly destination: string;
} {
  return { source: nameOf(source, "source"), destination: nameOf(destination, "destination") };
}

/** A name that two ends always have, and no other two. */
export function copyName(ends: Pick<Draft, "source" | "destination">): string {
  const { source, destination } = endNames(ends);
  const place = ({ host, port, database }: Login) => [host, port, database];
  const both = JSON.stringify([place(ends.source), place(ends.destination)]);
  const hash = createHash("sha256").update(both).digest("hex").slice(0, 6);
  return `${source}-to-${destination}-${hash}`;
}

/**
 * Writes a draft down. Secrets become `${…}`: `PGPASSWORD` where that is what it was taken from, else
 * a variable named after the end it belongs to.
 */
export function draftText(draft: Draft, env: Env): DraftText {
  const names = endNames(draft);
  const [source, destination] = (["source", "destination"] as const).map((role) => {
    const { password } = draft[role];
    const isFromEnv = password !== undefined && password === env["PGPASSWORD"];
    return endSettings(draft[role], role.toUpperCase(), isFromEnv ? "PGPASSWORD" : undefined);
  }) as [EndSettings, EndSettings];
  const document = new Document({
    sources: {
      [names.source]: { connector: "source-postgres", config: source.config },
    },
    destinations: {
      [names.destination]: {
        connector: "destination-postgres",
        config: { ...destination.config, ...draft.settings },
      },
    },
    connections: {
      [draft.connection]: {
        source: names.source,
        destination: names.destination,
        namespace: "source",
      },
    },
  });
  if (draft.tables) {
    const streams = draft.tables.map((table) => {
      const node = document.createNode(plain(entryOf(table)));
      (node as unknown as { flow: boolean }).flow = true;
      return node;
    });
    document.setIn(["connections", draft.connection, "streams"], document.createNode(streams));
  }
  const variables = { ...source.variables, ...destination.variables };
  return { text: document.toString({ lineWidth: 0 }), variables };
}

/** Settings of a connector as the file spells them, and the variables they take their secrets from. */
export interface EndSettings {
  readonly config: JsonObject;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Where a database is, as settings of our connectors.
 *
 * @param prefix what its variables begin with.
 */
export function endSettings(
  { password, ssl_mode, ...place }: Login,
  prefix: string,
  passwordVariable = `${prefix}_PASSWORD`,
): EndSettings {
  const variables: Record<string, string> = {};
  const put = (name: string, value: string) => {
    variables[name] = value;
    return `\${${name}}`;
  };
  const ssl = Object.entries(ssl_mode ?? {}).map(([key, value]) =>
    key.startsWith("client_key") && typeof value === "string"
      ? [key, put(`${prefix}_${key.toUpperCase()}`, value)]
      : [key, plain(value)],
  );
  const config = {
    ...(plain(place) as JsonObject),
    ...(password !== undefined && { password: put(passwordVariable, password) }),
    ...(ssl_mode && { ssl_mode: Object.fromEntries(ssl) as JsonObject }),
  };
  return { config, variables };
}

function entryOf({ stream, mode, cursor, key }: Proposal): JsonObject {
  const { sync_mode, destination_sync_mode } = COPY_MODES[mode];
  return {
    name: stream.name,
    ...(stream.namespace && { namespace: stream.namespace }),
    sync_mode,
    destination_sync_mode,
    ...(cursor !== undefined && { cursor_field: cursor }),
    ...(key.length > 0 && { primary_key: key.length === 1 ? key[0]! : [...key] }),
  };
}

/** As the file spells it: a dollar sign before a brace would be a variable. */
export function plain(value: unknown): Json {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value as Json;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** What an end is called: after its database, in what the names of a configuration may be made of. */
export function nameOf({ database }: Login, otherwise: string): string {
  const name = database.replaceAll(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[_.-]+/, "");
  return name.slice(0, 40) || otherwise;
}
