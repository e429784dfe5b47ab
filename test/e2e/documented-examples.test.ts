import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

/** The worked examples that Airbyte's documentation gives for each mode. */

const stream = (name: string, rest: object) => ({ name, namespace: "public", ...rest });

async function project(
  source: Database,
  destination: Database,
  folder: string,
  streamConfig: object,
) {
  return Project.create(folder, {
    source,
    destination,
    connections: { c: { streams: [streamConfig] } },
  });
}

describe("full refresh", () => {
  const LANGUAGES = "create table languages (name text primary key)";
  const replaceWith = (...names: string[]) =>
    `delete from languages; insert into languages values ${names.map((name) => `('${name}')`).join(", ")}`;

  it("overwrite: the copy becomes what the source is", async ({ source, destination, folder }) => {
    await source.exec(`${LANGUAGES}; ${replaceWith("Python", "Java", "Bash")}`);
    const { sync } = bound(
      await project(
        source,
        destination,
        folder,
        stream("languages", { sync_mode: "full_refresh", destination_sync_mode: "overwrite" }),
      ),
    );
    const names = async () =>
      (await destination.rows("select name from languages order by name")).flat();

    await sync();
    expect(await names()).toEqual(["Bash", "Java", "Python"]);
    await source.exec(replaceWith("Python", "Java", "Ruby"));
    await sync();
    expect(await names()).toEqual(["Java", "Python", "Ruby"]);
  });

  it("append: batch follows batch", async ({ source, destination, folder }) => {
    await source.exec(`${LANGUAGES}; ${replaceWith("Python", "Java")}`);
    const { sync } = bound(
      await project(
        source,
        destination,
        folder,
        stream("languages", { sync_mode: "full_refresh", destination_sync_mode: "append" }),
      ),
    );

    const countsAfter = async (...kept: string[]) => {
      if (kept.length > 0) await source.exec(replaceWith(...kept));
      await sync();
      return Object.fromEntries(
        await destination.rows("select name, count(*) from languages group by name"),
      ) as unknown;
    };

    expect(await countsAfter()).toEqual({ Java: "1", Python: "1" });
    expect(await countsAfter("Python", "Java", "Ruby")).toEqual({
      Java: "2",
      Python: "2",
      Ruby: "1",
    });
    expect(await countsAfter("Python", "Ruby")).toEqual({ Java: "2", Python: "3", Ruby: "2" });
  });
});

describe("incremental", () => {
  const ROYALS = `
    create table royals (name text primary key, deceased boolean, updated_at date not null);
    insert into royals values ('Louis XVI', false, '1754-01-01'), ('Marie Antoinette', false, '1755-01-01');
  `;
  const SON = "insert into royals values ('Louis XVII', false, '1785-01-01')";
  const REVOLUTION = `
    update royals set deceased = true, updated_at = '1793-01-01'
    where name in ('Louis XVI', 'Marie Antoinette')
  `;
  const INCREMENTAL = { sync_mode: "incremental", cursor_field: "updated_at" };
  const APPEND = stream("royals", { ...INCREMENTAL, destination_sync_mode: "append" });
  const DEDUPED = stream("royals", {
    ...INCREMENTAL,
    destination_sync_mode: "append_dedup",
    primary_key: ["name"],
  });

  it("append: every version of a row", async ({ source, destination, folder }) => {
    await source.exec(ROYALS);
    const { sync } = bound(await project(source, destination, folder, APPEND));

    await sync();
    await source.exec(SON);
    await sync();
    await source.exec(REVOLUTION);
    await sync();

    expect(
      await destination.rows(
        "select name, deceased, extract(year from updated_at) from royals order by updated_at, name",
      ),
    ).toEqual([
      ["Louis XVI", "f", "1754"],
      ["Marie Antoinette", "f", "1755"],
      ["Louis XVII", "f", "1785"],
      ["Louis XVI", "t", "1793"],
      ["Marie Antoinette", "t", "1793"],
    ]);
  });

  it("deduped: the newest version of each row, and the history", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(ROYALS);
    const { sync } = bound(await project(source, destination, folder, DEDUPED));

    await sync();
    await source.exec(SON);
    await sync();
    await source.exec(REVOLUTION);
    await sync();

    expect(
      await destination.rows(
        "select name, deceased, extract(year from updated_at) from royals order by name",
      ),
    ).toEqual([
      ["Louis XVI", "t", "1793"],
      ["Louis XVII", "f", "1785"],
      ["Marie Antoinette", "t", "1793"],
    ]);
    expect(
      await destination.rows(`
        select name, extract(year from _airbyte_start_at::date), extract(year from _airbyte_end_at::date), _airbyte_active_row
        from royals_scd order by name, _airbyte_start_at`),
    ).toEqual([
      ["Louis XVI", "1754", "1793", "0"],
      ["Louis XVI", "1793", null, "1"],
      ["Louis XVII", "1785", null, "1"],
      ["Marie Antoinette", "1755", "1793", "0"],
      ["Marie Antoinette", "1793", null, "1"],
    ]);
  });

  it("a change that leaves the cursor far below the last one is not seen", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(ROYALS);
    const { sync } = bound(await project(source, destination, folder, APPEND));
    await sync();

    await source.exec("update royals set deceased = true where name = 'Louis XVI'");
    const { counts } = await sync();

    expect(counts).toEqual({ "public.royals": [0, 0] });
    expect(await destination.rows("select count(*) from royals where deceased")).toEqual([["0"]]);
  });
});

function bound(of: Project) {
  return {
    sync: async () => {
      const { job } = await of.sync("c");
      return { counts: await of.counts(job) };
    },
  };
}
