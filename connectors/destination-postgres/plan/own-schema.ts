import { quoteTable, shortenName } from "../../postgres/sql.ts";

/** The schema of ours that every database had first. */
export const FIRST_OWN_SCHEMA = "_syncline";

/** One for the whole process: it runs one command, as one user. */
let own = FIRST_OWN_SCHEMA;

/** Where everything of ours lives that is not a user's. */
export function ownSchema(): string {
  return own;
}

/** Settles it, before anything is planned. */
export function useOwnSchema(schema: string): void {
  own = schema;
}

/** A table of ours, as SQL. */
export function ownTable(name: string): string {
  return quoteTable({ schema: own, name });
}

/** The schema that a user has who is kept out of the first one. */
export function ownSchemaOf(user: string): string {
  return shortenName(`${FIRST_OWN_SCHEMA}_${user}`);
}

/** Whether a schema is the server's or ours, and so none to put anything of a stream into. */
export function isReservedSchema(schema: string): boolean {
  const isOurs = schema === own || /^_syncline(_|$)/.test(schema);
  return isOurs || schema === "information_schema" || schema.startsWith("pg_");
}
