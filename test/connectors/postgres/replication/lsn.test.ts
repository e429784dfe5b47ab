import { expect, it } from "vitest";
import { formatLsn, parseLsn } from "../../../../connectors/postgres/replication/lsn.ts";

it.each(["0/0", "0/16B3748", "1/0", "FFFFFFFF/FFFFFFFF", "16/B374D848"])(
  "reads and prints %s as PostgreSQL does",
  (text) => {
    expect(formatLsn(parseLsn(text))).toBe(text);
  },
);

it("takes places for numbers", () => {
  expect(parseLsn("1/1")).toBe(0x1_0000_0001n);
});

it.each(["", "0", "0/", "/1", "0/G", "0/123456789", "-1/0", " 0/1", "0/1\n"])(
  "refuses %j",
  (text) => {
    expect(() => parseLsn(text)).toThrow("is no place in a log");
  },
);
