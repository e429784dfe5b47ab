import { describe, expect, it } from "vitest";
import { serveUntil } from "../../../orchestrator/serve/serve-until.ts";

/** A service that ends when it is stopped at once, and notes how it was asked to. */
function serving(end: () => Promise<void> = async () => {}) {
  const asked: string[] = [];
  let isOver: () => void;
  const over = new Promise<void>((resolve) => (isOver = resolve));
  return {
    asked,
    lost: new AbortController().signal,
    async stop(how: "gracefully" | "now") {
      asked.push(how);
      if (how === "now") isOver();
      await over;
      await end();
    },
  };
}

describe("serving until it is asked to stop", () => {
  it("stops at once when it was asked to twice while it was starting", async () => {
    const service = serving();
    const asked = AbortSignal.abort();

    await serveUntil({ gracefully: asked, now: asked }, service);

    expect(service.asked).toEqual(["now"]);
  });

  it("fails once of what goes wrong, however often it is asked", async () => {
    const service = serving(() => Promise.reject(new Error("no end")));
    const now = new AbortController();

    const ended = serveUntil({ gracefully: AbortSignal.abort(), now: now.signal }, service);
    await new Promise(setImmediate);
    now.abort();

    await expect(ended).rejects.toThrow("no end");
    expect(service.asked).toEqual(["gracefully", "now"]);
  });
});
