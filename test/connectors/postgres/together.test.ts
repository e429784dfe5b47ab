import { describe, expect, it } from "vitest";
import { Failure } from "../../../protocol/errors.ts";
import { together } from "../../../connectors/postgres/together.ts";

const failure = (message: string, code: string) =>
  new Failure("postgres.failed", message, { cause: Object.assign(new Error(message), { code }) });

const later = <T>(work: () => T) =>
  new Promise<void>((resolve) => setImmediate(resolve)).then(work);

describe("the answers of statements that were sent together", () => {
  it("are all there, in the order of the statements", async () => {
    expect(await together([later(() => 1), Promise.resolve("two")])).toEqual([1, "two"]);
  });

  it("fail as the statement did that the server refused, and not as those that it refused for that", async () => {
    const answers = [
      later(() => {
        throw failure("current transaction is aborted", "25P02");
      }),
      Promise.reject(failure("permission denied", "42501")),
    ];

    await expect(together(answers)).rejects.toThrow("permission denied");
  });

  it("are waited for when one of them fails", async () => {
    let isOver = false;
    const answers = [
      Promise.reject(failure("no", "42501")),
      later(() => {
        isOver = true;
      }),
    ];

    await expect(together(answers)).rejects.toThrow("no");
    expect(isOver).toBe(true);
  });
});
