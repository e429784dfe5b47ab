import type { Context } from "../../kit/contract.ts";

/** What was said already, by the run it was said in. */
const said = new WeakMap<Context, Set<string>>();

/**
 * Logs the statements that make a stream's tables and move its rows, each once per run, however many
 * batches it is sent for. They name tables and columns, never a value.
 */
export function logStatements(context: Context, statements: readonly string[]): void {
  const before = said.get(context) ?? new Set();
  said.set(context, before);
  for (const sql of statements) {
    if (before.has(sql) || sql.startsWith("set ")) continue;
    before.add(sql);
    context.log("INFO", sql.trim());
  }
}

/** Those of `statements` that create tables or indexes: what is noted beside is nobody's business. */
export function creating(statements: readonly string[]): string[] {
  return statements.filter((sql) => /^\s*create /i.test(sql));
}
