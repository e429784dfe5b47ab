import type { Client } from "pg";

/** Takes back what was done since a savepoint, and forgets it. Never rejects. */
export async function takeBack(client: Client, savepoint: string): Promise<void> {
  const statements = `rollback to ${savepoint}; release ${savepoint}`;
  // Without a connection, or a savepoint, there is nothing to take back, and the cause is known.
  await client.query(statements).catch(() => {});
}
