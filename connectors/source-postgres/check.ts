import type { CheckResult, Context } from "../kit/contract.ts";
import type { Session } from "../postgres/session.ts";
import { describeDatabase } from "./catalog/describe-database.ts";
import { saysItsEncoding } from "./catalog/encoding.ts";
import { lookUpSchemas } from "./catalog/queries.ts";
import { isRelationReadable } from "./catalog/relation.ts";
import { type SourceConfig, withDefaults } from "./spec.ts";

const LOOK = "look into the catalog of the database";

/**
 * Whether the configured schemas exist, and something in them may be read. The connection itself was
 * proven by whoever opened the session.
 */
export async function checkSource(
  session: Session,
  config: SourceConfig,
  context: Context,
): Promise<CheckResult> {
  const schemas = wantedSchemas(config);
  const problem =
    (await schemaProblem(session, schemas ?? [])) ?? (await contentProblem(session, schemas));
  if (problem !== undefined) return { status: "FAILED", message: problem };
  if (withDefaults(config).encoding !== "fail" || (await saysItsEncoding(session)))
    return { status: "SUCCEEDED" };
  context.log("WARN", ANY_ENCODING);
  return { status: "SUCCEEDED", message: ANY_ENCODING };
}

/** The configured schemas; undefined for all. */
export function wantedSchemas({ schemas }: SourceConfig): readonly string[] | undefined {
  return schemas === undefined || schemas.length === 0 ? undefined : schemas;
}

async function schemaProblem(
  session: Session,
  schemas: readonly string[],
): Promise<string | undefined> {
  if (schemas.length === 0) return undefined;
  const rows = await session.query(LOOK, lookUpSchemas(schemas));
  const missing = schemas.filter((schema) => !rows.some((row) => row["name"] === schema));
  if (missing.length > 0)
    return `these schemas do not exist: ${missing.join(", ")} (names are case sensitive; correct \`schemas\`)`;
  const closed = rows.filter((row) => row["usable"] !== "true").map((row) => row["name"]);
  if (closed.length > 0)
    return `the user may not look into these schemas: ${closed.join(", ")} (grant usage on them)`;
  return undefined;
}

async function contentProblem(
  session: Session,
  schemas: readonly string[] | undefined,
): Promise<string | undefined> {
  const { relations } = await describeDatabase(session, { schemas });
  if (relations.some(isRelationReadable)) return undefined;
  const where = schemas === undefined ? "the database" : `the schemas ${schemas.join(", ")}`;
  return relations.length === 0
    ? `there is no table or view in ${where}`
    : `the user may select from none of the ${relations.length} tables in ${where} (grant select on them)`;
}

/** Most databases of this encoding hold plain ASCII, so it is no reason to refuse them. */
const ANY_ENCODING =
  "the database has the encoding SQL_ASCII, which does not say what its bytes mean: a text that is not UTF-8 fails its stream, unless `encoding` says what to take it for";
