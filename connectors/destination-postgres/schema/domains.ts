import type { Session } from "../../postgres/session.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "./layout.ts";
import { basesOfDomains } from "./queries.ts";
import type { Relations } from "./relations.ts";

/** What is under domains, by their names. */
export type Bases = ReadonlyMap<string, string>;

/** What is under the domains among the types that a stream's columns have and those that they are to have. */
export function basesOf(session: Session, plan: StreamPlan, relations: Relations): Promise<Bases> {
  const types = tablesOf(plan).flatMap(({ table, columns }) =>
    columns.flatMap(({ name, type }) => {
      const existing = relations.of(table)?.columns.get(name)?.type;
      return existing === undefined || existing === type ? [] : [existing, type];
    }),
  );
  return basesAmong(session, types);
}

/** What is under the domains among `types`, elements of arrays included. */
export async function basesAmong(session: Session, types: readonly string[]): Promise<Bases> {
  // Types of users have a schema before their name.
  const elements = types.map((type) => type.replace(/\[\]$/, ""));
  const ofUsers = [...new Set(elements)].filter((type) => type.includes("."));
  if (ofUsers.length === 0) return new Map();
  const rows = await session.query("look at domains", basesOfDomains(ofUsers));
  return new Map(rows.map((row) => [row["name"]!, row["base"]!]));
}
