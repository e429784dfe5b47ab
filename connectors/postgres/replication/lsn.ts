import { Failure } from "../../../protocol/errors.ts";

/** A place in a server's write-ahead log: how many bytes come before it. */
export type Lsn = bigint;

/** Reads what PostgreSQL prints: `0/16B3748`. Throws `postgres.failed` for anything else. */
export function parseLsn(text: string): Lsn {
  const [, high, low] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? [];
  if (high === undefined || low === undefined)
    throw new Failure("postgres.failed", `${JSON.stringify(text)} is no place in a log`);
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** As PostgreSQL prints it. */
export function formatLsn(lsn: Lsn): string {
  const hex = (value: bigint) => value.toString(16).toUpperCase();
  return `${hex(lsn >> 32n)}/${hex(lsn & 0xffffffffn)}`;
}
