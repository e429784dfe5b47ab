import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { destinationDefinition } from "../../connectors/destination-postgres/definition.ts";
import { planStreams } from "../../connectors/destination-postgres/plan/plan.ts";
import {
  withDefaults,
  type DestinationConfig,
} from "../../connectors/destination-postgres/spec.ts";
import { airbyteSettings, specification } from "../../connectors/source-postgres/spec.ts";
import { readConfig } from "../../connectors/kit/input-files.ts";
import { adaptSettings } from "../../connectors/postgres/airbyte-settings.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";

const BASE = { host: "h", database: "d", username: "u" };

const DEFINITIONS = {
  source: {
    ...destinationDefinition,
    spec: specification,
    validateConfig: undefined,
    adaptConfig: (config: JsonObject) => adaptSettings(airbyteSettings, config),
  },
  destination: destinationDefinition,
};

/** What a connector makes of a config, and what it says of it; a failure is its message. */
async function read(role: keyof typeof DEFINITIONS, folder: string, settings: object) {
  const path = join(folder, "config.json");
  await writeFile(path, JSON.stringify({ ...BASE, ...settings }));
  const { validateConfig, ...definition } = DEFINITIONS[role];
  const warnings: string[] = [];
  const listener = { redactWith: () => {}, log: (_: string, text: string) => warnings.push(text) };
  const known = validateConfig ? { ...definition, validateConfig } : definition;
  const config = await readConfig(known, path, listener);
  return { config, warnings };
}

const CDC = {
  method: "CDC",
  plugin: "pgoutput",
  replication_slot: "s",
  publication: "p",
  initial_waiting_seconds: 1200,
  lsn_commit_behaviour: "While reading Data",
  heartbeat_action_query: "",
  invalid_cdc_cursor_position_behavior: "Fail sync",
};

/** Settings of Airbyte's connectors → what is different from a config without them. */
const TAKEN: readonly [role: keyof typeof DEFINITIONS, settings: JsonObject, becomes: object][] = [
  ["source", { sourceType: "postgres" }, {}],
  ["source", { jdbc_url_params: "" }, {}],
  ["source", { jdbc_url_params: null }, {}],
  ["source", { ssl: false }, { ssl_mode: { mode: "disable" } }],
  ["source", { ssl: true }, { ssl_mode: { mode: "require" } }],
  ["source", { ssl: false, ssl_mode: { mode: "require" } }, { ssl_mode: { mode: "require" } }],
  ["source", { check_privileges: true }, {}],
  ["source", { max_db_connections: 4 }, {}],
  ["source", { entra_service_principal_auth: false }, {}],
  ["source", { schemas: null }, {}],
  ["source", { tunnel_method: null }, {}],
  [
    "source",
    { ssl_mode: { mode: "verify_full", ca_certificate: "pem canary" } },
    { ssl_mode: { mode: "verify-full", ca_certificate: "pem canary" } },
  ],
  ["destination", { destinationType: "postgres" }, {}],
  [
    "source",
    { replication_method: { ...CDC, queue_size: 5000, initial_load_timeout_hours: 8 } },
    {
      replication_method: {
        ...CDC,
        lsn_commit_behaviour: "After loading Data in the destination",
        create_slot: true,
        max_slot_wal_behavior: "Warn",
      },
    },
  ],
  ["destination", { jdbc_url_params: "" }, {}],
  ["destination", { ssl: false }, { ssl_mode: { mode: "disable" } }],
  ["destination", { raw_data_schema: "airbyte_internal" }, {}],
  ["destination", { raw_data_schema: "dw", schema: "dw" }, { schema: "dw" }],
  ["destination", { raw_data_schema: "x", tables: "final_only" }, { tables: "final_only" }],
  ["destination", { disable_type_dedupe: false }, {}],
  ["destination", { disable_type_dedupe: true }, { tables: "raw_only" }],
  ["destination", { basic_normalization: true }, {}],
  ["destination", { drop_cascade: true }, {}],
  ["destination", { unconstrained_number: false }, {}],
  ["destination", { password: null }, {}],
  ["destination", { schema: null }, {}],
];

const REFUSED: readonly [role: keyof typeof DEFINITIONS, settings: JsonObject, says: RegExp][] = [
  ["source", { sourceType: "mysql" }, /sourceType: expected "postgres"/],
  ["source", { destinationType: "postgres" }, /destinationType: is not known/],
  ["source", { jdbc_url_params: "user=canary" }, /jdbc_url_params: parameters of JDBC are not/],
  ["source", { entra_service_principal_auth: true }, /entra_service_principal_auth: this login/],
  [
    "source",
    { replication_method: { method: "CDC", replication_slot: "Canary", publication: "p" } },
    /replication_method.replication_slot: must have the form lower-case letters/,
  ],
  [
    "source",
    { tunnel_method: { tunnel_method: "SSH_KEY_AUTH", tunnel_host: "h", tunnel_user: "canary" } },
    /tunnel_method.ssh_key: is required/,
  ],
  ["source", { host: null }, /host: is required/],
  ["source", { no_such_setting: null }, /no_such_setting: is not known/],
  ["destination", { raw_data_schema: "canary" }, /raw_data_schema: raw tables are beside/],
  [
    "destination",
    { disable_type_dedupe: true, tables: "raw_and_final" },
    /disable_type_dedupe: contradicts tables/,
  ],
  ["destination", { ssl: "canary" }, /ssl: expected a boolean/],
  ["destination", { drop_cascade: "canary" }, /drop_cascade: expected a boolean/],
];

describe("a config made for Airbyte's connector", () => {
  it.for(TAKEN)(
    "is taken by the %s with %j, with one warning",
    async ([role, settings, becomes], { folder }) => {
      const { config: plain } = await read(role, folder, {});
      const { config, warnings } = await read(role, folder, settings);

      expect(config).toEqual({ ...plain, ...becomes });
      expect(warnings).toHaveLength(1);
      const foreign = Object.keys(settings)[0]!;
      expect(warnings[0]).toContain(foreign);
      expect(warnings[0]).not.toContain("canary");
    },
  );

  it.for(REFUSED)(
    "is refused by the %s with %j, which it would not do",
    async ([role, settings, says], { folder }) => {
      const failure = await read(role, folder, settings).catch((error: unknown) => error);

      expect(failure).toMatchObject({ code: "config.invalid" });
      expect((failure as Error).message).toMatch(says);
      expect((failure as Error).message).not.toContain("canary");
    },
  );

  it("names all settings that are null in one warning, those inside others, too", async ({
    folder,
  }) => {
    const { config, warnings } = await read("destination", folder, {
      password: null,
      schema: null,
      ssl_mode: { mode: "verify-ca", ca_certificate: "pem", client_key: null },
    });

    expect(config["ssl_mode"]).toEqual({ mode: "verify-ca", ca_certificate: "pem" });
    expect(warnings).toEqual([
      "null counts as left out in the config: password, schema, ssl_mode.client_key",
    ]);
  });

  it("takes away what a source says is deleted, or keeps it where that is asked for", ({
    expect,
  }) => {
    const catalog = {
      streams: [
        {
          stream: {
            name: "t",
            json_schema: {
              type: "object",
              properties: { id: { type: "integer" }, _ab_cdc_deleted_at: { type: "string" } },
            },
          },
          sync_mode: "incremental",
          destination_sync_mode: "append_dedup",
          primary_key: [["id"]],
        },
      ],
    } as unknown as Parameters<typeof planStreams>[0];
    const planned = (config: object) =>
      planStreams(catalog, withDefaults({ ...BASE, ...config } as DestinationConfig), true);

    const keepsDeleted = (config: object) => planned(config)[0]!.changes!.keepsDeleted;
    expect(keepsDeleted({})).toBe(false);
    expect(keepsDeleted({ cdc_deletion_mode: "Hard delete" })).toBe(false);
    expect(keepsDeleted({ cdc_deletion_mode: "Soft delete" })).toBe(true);
  });

  it("answers `check` as it would without what is Airbyte's", async ({ source, folder }) => {
    const path = join(folder, "config.json");
    await source.exec("create table t (id int)");
    const common = { ...source.config, jdbc_url_params: "", ssl: false, tunnel_method: null };
    const configs = {
      "source-postgres": { ...common, sourceType: "postgres", schemas: null },
      "destination-postgres": { ...common, drop_cascade: false, disable_type_dedupe: false },
    };
    for (const [connector, config] of Object.entries(configs)) {
      await writeFile(path, JSON.stringify(config));
      const messages = (await runExecutable(connector, ["check", "--config", path])).messages();

      expect(messages.at(-1)).toMatchObject({ connectionStatus: { status: "SUCCEEDED" } });
      expect(messages.filter(({ type }) => type === "LOG").length).toBeGreaterThan(3);
    }
  });
});
