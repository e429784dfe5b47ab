import type { PropertySchema, Stream } from "../../../../protocol/catalog.ts";
import { label } from "../../../postgres/sql.ts";
import { columnType } from "../../../postgres/types/column-type.ts";
import type { DatabaseDescription } from "../../catalog/describe-database.ts";
import type { Discovery } from "../../catalog/discover.ts";
import type { SourceRelation } from "../../catalog/relation.ts";
import type { FollowableTable } from "./followable.ts";
import type { CdcMethod } from "./settings.ts";
import type { SlotFacts } from "./slot-facts.ts";

const builtIn = (name: string, format: string): PropertySchema =>
  columnType({ schema: "pg_catalog", name, format, kind: "base" }).schema;

/** What every record says of its change, behind the columns of its table. */
const CHANGE_PROPERTIES: Readonly<Record<string, PropertySchema>> = {
  _ab_cdc_lsn: builtIn("int8", "bigint"),
  _ab_cdc_updated_at: builtIn("timestamptz", "timestamp with time zone"),
  _ab_cdc_deleted_at: builtIn("timestamptz", "timestamp with time zone"),
};

/** Which tables can be followed, and what is to be said of the others. */
export interface Following {
  /** By oid: the columns that tell a row's versions apart; none: it is only added to. */
  readonly keys: ReadonlyMap<number, readonly string[]>;
  /** By oid: why a table cannot be followed. */
  readonly problems: ReadonlyMap<number, string>;
}

/**
 * Which tables a read would follow: those of the publication, and those that it would add to one that is
 * ours, or to be made.
 */
export function followingOf(
  relations: readonly SourceRelation[],
  tables: readonly FollowableTable[],
  { publication }: SlotFacts,
  method: CdcMethod,
): Following {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const keys = new Map<number, readonly string[]>();
  const problems = new Map<number, string>();
  const mayAdd = publication === undefined ? method.create_slot !== false : publication.isOurs;
  for (const relation of relations) {
    const table = byOid.get(relation.oid);
    if (table === undefined) continue; // views and foreign tables, which nobody expects in a log
    const problem = table.problem ?? problemOf(relation, table, method, { publication, mayAdd });
    if (problem === undefined) keys.set(relation.oid, table.key);
    else problems.set(relation.oid, problem);
  }
  return { keys, problems };
}

function problemOf(
  relation: SourceRelation,
  { isPublished, isOwned }: FollowableTable,
  { publication: name }: CdcMethod,
  {
    publication,
    mayAdd,
  }: { readonly publication: SlotFacts["publication"]; readonly mayAdd: boolean },
): string | undefined {
  const table = label(relation);
  if (relation.kind === "table" && relation.hasChildren)
    return `other tables inherit from ${table}: their rows come under their own names in the log`;
  if (relation.kind === "partitioned table" && publication?.viaRoot === false)
    return `changes of ${table} come under the names of its partitions: run alter publication ${name} set (publish_via_partition_root)`;
  if (isPublished) return undefined;
  if (!mayAdd) return `${table} is not in the publication ${name}`;
  return isOwned
    ? undefined
    : `${table} is not in the publication ${name}, and only its owner can add it`;
}

/** Most tables of which it is said why they are not followed. */
const SAID_PROBLEMS = 20;

/** What to say of the tables that cannot be followed. */
export function unfollowed({ problems }: Following): string[] {
  const more = problems.size - SAID_PROBLEMS;
  return [
    ...[...problems.values()].slice(0, SAID_PROBLEMS).map(asRefreshOnly),
    ...(more > 0 ? [asRefreshOnly(`${more} more tables`)] : []),
  ];
}

/** What to say of a table that cannot be followed, for that reason. */
export const asRefreshOnly = (why: string): string => `as full refresh only: ${why}`;

/**
 * The streams as change data capture has them: with the columns that say what a change was, and, of those
 * that can be followed, with a cursor and a key of the source's.
 *
 * @param plain announced as full refreshes.
 * @returns beside what is left out, in `remarks` why tables are full refreshes: nobody need miss it.
 */
export function announceChanges(
  plain: Discovery,
  description: DatabaseDescription,
  following: Following,
): Discovery & { readonly remarks: readonly string[] } {
  const { keys } = following;
  const oids = new Map(description.relations.map((one) => [label(one), one.oid]));
  const oidOf = ({ namespace, name }: Stream) => oids.get(label({ schema: namespace!, name }))!;
  const omissions = [...plain.omissions];
  const keyless: string[] = [];
  const streams = plain.catalog.streams.map((stream) => {
    const oid = oidOf(stream);
    const key = keys.get(oid);
    const hidden = Object.keys(CHANGE_PROPERTIES).filter((name) =>
      Object.hasOwn(propertiesOf(stream), name),
    );
    const name = `${stream.namespace}.${stream.name}`;
    if (hidden.length > 0)
      omissions.push(`${name}: left out ${hidden.join(", ")}, which now say what a change was`);
    if (key?.length === 0)
      keyless.push(
        `${name} has no key: its changes are added, and nothing tells which row they are of`,
      );
    return streamOf(stream, key);
  });
  const remarks = [...keyless.slice(0, SAID_PROBLEMS), ...unfollowed(following)];
  return { catalog: { streams }, omissions, remarks };
}

const propertiesOf = ({ json_schema: schema }: Stream) =>
  schema["properties"] as Record<string, PropertySchema>;

function streamOf(stream: Stream, key: readonly string[] | undefined): Stream {
  const own = Object.entries(propertiesOf(stream)).filter(
    ([name]) => !Object.hasOwn(CHANGE_PROPERTIES, name),
  );
  const withColumns: Stream = {
    ...stream,
    json_schema: {
      ...stream.json_schema,
      properties: Object.fromEntries([...own, ...Object.entries(CHANGE_PROPERTIES)]),
    },
  };
  if (key === undefined) return withColumns;
  const names = new Set(own.map(([name]) => name));
  const { source_defined_primary_key: _, ...rest } = withColumns;
  return {
    ...rest,
    supported_sync_modes: ["full_refresh", "incremental"],
    source_defined_cursor: true,
    default_cursor_field: ["_ab_cdc_lsn"],
    ...(key.length > 0 && key.every((name) => names.has(name))
      ? { source_defined_primary_key: key.map((name) => [name]) }
      : {}),
  };
}
