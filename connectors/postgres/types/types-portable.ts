/** Their values name objects or roles of their own database: another one may not have them. */
const DATABASE_BOUND: ReadonlySet<string> = new Set([
  "aclitem",
  "regclass",
  "regcollation",
  "regconfig",
  "regdatabase",
  "regdictionary",
  "regnamespace",
  "regoper",
  "regoperator",
  "regproc",
  "regprocedure",
  "regrole",
  "regtype",
]);

/** Only a server makes their values: their input functions refuse every text. */
const SERVER_MADE: ReadonlySet<string> = new Set([
  "gtsvector",
  "pg_brin_bloom_summary",
  "pg_brin_minmax_multi_summary",
  "pg_dependencies",
  "pg_mcv_list",
  "pg_ndistinct",
  "pg_node_tree",
]);

/**
 * Why a column of a built-in type, by `format_type`, or of its arrays, cannot be had in another
 * database; a clause. Undefined for every other type.
 *
 * Such columns travel as text and stay text: nothing of a value is lost, while a native column would
 * refuse it or, worse, take it for another object.
 */
export function whyNotPortable(format: string): string | undefined {
  const name = format.replace(/\[\]$/, "");
  if (DATABASE_BOUND.has(name)) return "its values name objects of the source's database";
  if (SERVER_MADE.has(name)) return "only a server makes its values";
  return undefined;
}
