import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { type Decide, startProxy } from "../../support/proxy.ts";
import { SourceDriver } from "./drive.ts";

/** What the start-up message of a request to cancel begins with. */
const CANCEL_CODE = 80_877_102;
/** More than a statement needs to follow the answer to the one before. */
const ROUND_TRIPS = 200;

it("sends no statement while a request to stop the one before is on its way", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create table big as select i, repeat('x', 10000 * i) as t from generate_series(1, 10) i;
    create table after as select 1 as id;
  `);
  const early: string[] = [];
  let requests = 0;
  let isUnderWay = false;
  let isCopying = false;
  let copyEnded = () => {};
  const copyEnds = new Promise<void>((resolve) => (copyEnded = resolve));
  // The request to stop the copy arrives long after the copy has ended by itself.
  const decide: Decide = async ({ from, type, body, text }) => {
    if (type === "startup" && body.readUInt32BE(0) === CANCEL_CODE) {
      requests++;
      isUnderWay = true;
      await copyEnds;
      for (let trip = 0; trip < ROUND_TRIPS && early.length === 0; trip++)
        await source.query("select 1");
      isUnderWay = false;
    } else if (from === "client" && type === "Q") {
      isCopying = text.startsWith("copy ");
      if (isUnderWay) early.push(text);
    } else if (isCopying && from === "server" && type === "Z") copyEnded();
    return "pass" as const;
  };
  const proxy = await startProxy(source.config, decide);
  const { host, port } = proxy;
  const driver = new SourceDriver(source, folder, { host, port, max_row_bytes: 50_000 });

  const printed = await driver.read(await driver.configure(["big", "after"]));
  await proxy.close();

  expect(printed.errors[0]?.message).toMatch(/public\.big: a row has/);
  expect(requests).toBe(1);
  expect(early).toEqual([]);
  expect(printed.statuses.at(-1)).toBe("after COMPLETE");
});
