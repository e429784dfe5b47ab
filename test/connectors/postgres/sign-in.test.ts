import { describe, expect, it } from "vitest";
import { SignInOrder } from "../../../connectors/postgres/sign-in.ts";

const OK = 0;
const CLEARTEXT = 3;

describe("a server that signs somebody in", () => {
  it("may ask for the password more than once, as PAM does", () => {
    const order = new SignInOrder();

    expect([CLEARTEXT, CLEARTEXT, CLEARTEXT, OK].map((kind) => order.takes(kind))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(order.isDone).toBe(true);
  });

  it("is not given it for ever", () => {
    const order = new SignInOrder();
    const taken = Array.from({ length: 100 }, () => order.takes(CLEARTEXT)).filter(Boolean);

    expect(taken.length).toBeLessThan(20);
  });
});
