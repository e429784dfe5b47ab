// @ts-nocheck
/* oxlint-disable */
/* Written by a program from the schemas. Change those, then run the test of this file with -u. */

export const isConfig = validate10;
const schema11 = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Postgres Source",
  type: "object",
  required: ["host", "database", "username"],
  additionalProperties: false,
  groups: [
    { id: "db" },
    { id: "auth" },
    { id: "security", title: "Security" },
    { id: "advanced", title: "Advanced" },
  ],
  properties: {
    host: {
      type: "string",
      title: "Host",
      description: "Hostname or address of the database server; a folder for a Unix socket.",
      minLength: 1,
      order: 0,
      group: "db",
    },
    port: {
      type: "integer",
      title: "Port",
      description: "Port of the database server.",
      minimum: 1,
      maximum: 65535,
      default: 5432,
      examples: ["5432"],
      order: 1,
      group: "db",
    },
    database: {
      type: "string",
      title: "Database Name",
      description: "Name of the database.",
      minLength: 1,
      order: 2,
      group: "db",
    },
    username: {
      type: "string",
      title: "Username",
      description: "Username to use to access the database.",
      minLength: 1,
      order: 4,
      group: "auth",
    },
    password: {
      type: "string",
      title: "Password",
      description: "Password associated with the username.",
      airbyte_secret: true,
      order: 5,
      group: "auth",
      always_show: true,
    },
    ssl_mode: {
      type: "object",
      title: "SSL Modes",
      description: "How to encrypt the connection and whether to verify the server.",
      order: 7,
      group: "security",
      default: { mode: "prefer" },
      oneOf: [
        {
          title: "disable",
          description: "Never encrypt.",
          required: ["mode"],
          additionalProperties: false,
          properties: { mode: { type: "string", const: "disable", order: 0 } },
        },
        {
          title: "allow",
          description: "Encrypt only when the server insists on it.",
          required: ["mode"],
          additionalProperties: false,
          properties: { mode: { type: "string", const: "allow", order: 0 } },
        },
        {
          title: "prefer",
          description: "Encrypt when the server can, else connect without.",
          required: ["mode"],
          additionalProperties: false,
          properties: { mode: { type: "string", const: "prefer", order: 0 } },
        },
        {
          title: "require",
          description: "Always encrypt; do not verify who the server is.",
          required: ["mode"],
          additionalProperties: false,
          properties: {
            mode: { type: "string", const: "require", order: 0 },
            client_certificate: {
              type: "string",
              title: "Client Certificate",
              description: "The certificate to show to a server that asks for one, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 2,
            },
            client_key: {
              type: "string",
              title: "Client Key",
              description: "The key of the client certificate, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 3,
            },
            client_key_password: {
              type: "string",
              title: "Client key password",
              description: "The passphrase of the client key, when it has one.",
              airbyte_secret: true,
              order: 4,
            },
          },
        },
        {
          title: "verify-ca",
          description:
            "Always encrypt, and verify that a trusted authority signed the server's certificate.",
          required: ["mode", "ca_certificate"],
          additionalProperties: false,
          properties: {
            mode: { type: "string", const: "verify-ca", order: 0 },
            ca_certificate: {
              type: "string",
              title: "CA Certificate",
              description: "The certificates of the authorities to trust, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 1,
            },
            client_certificate: {
              type: "string",
              title: "Client Certificate",
              description: "The certificate to show to a server that asks for one, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 2,
            },
            client_key: {
              type: "string",
              title: "Client Key",
              description: "The key of the client certificate, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 3,
            },
            client_key_password: {
              type: "string",
              title: "Client key password",
              description: "The passphrase of the client key, when it has one.",
              airbyte_secret: true,
              order: 4,
            },
          },
        },
        {
          title: "verify-full",
          description:
            "Always encrypt, and verify the server's certificate and that it was made for this host.",
          required: ["mode", "ca_certificate"],
          additionalProperties: false,
          properties: {
            mode: { type: "string", const: "verify-full", order: 0 },
            ca_certificate: {
              type: "string",
              title: "CA Certificate",
              description: "The certificates of the authorities to trust, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 1,
            },
            client_certificate: {
              type: "string",
              title: "Client Certificate",
              description: "The certificate to show to a server that asks for one, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 2,
            },
            client_key: {
              type: "string",
              title: "Client Key",
              description: "The key of the client certificate, as PEM text.",
              airbyte_secret: true,
              multiline: true,
              order: 3,
            },
            client_key_password: {
              type: "string",
              title: "Client key password",
              description: "The passphrase of the client key, when it has one.",
              airbyte_secret: true,
              order: 4,
            },
          },
        },
      ],
    },
    tunnel_method: {
      type: "object",
      title: "SSH Tunnel Method",
      description:
        "Whether to connect through an SSH tunnel, and how to log in there. Needs the package ssh2 (`npm install ssh2`). `host` and `port` of the database are as the SSH server sees them.",
      order: 10,
      group: "security",
      default: { tunnel_method: "NO_TUNNEL" },
      oneOf: [
        {
          title: "No Tunnel",
          description: "Connect to the database directly.",
          required: ["tunnel_method"],
          additionalProperties: false,
          properties: { tunnel_method: { type: "string", const: "NO_TUNNEL", order: 0 } },
        },
        {
          title: "SSH Key Authentication",
          description: "Connect through an SSH server, and log in there with a key.",
          required: ["tunnel_method", "tunnel_host", "tunnel_user", "ssh_key"],
          additionalProperties: false,
          properties: {
            tunnel_method: { type: "string", const: "SSH_KEY_AUTH", order: 0 },
            tunnel_host: {
              type: "string",
              title: "SSH Tunnel Jump Server Host",
              description: "Hostname or address of the SSH server that can reach the database.",
              minLength: 1,
              order: 1,
            },
            tunnel_port: {
              type: "integer",
              title: "SSH Connection Port",
              description: "Port of the SSH server.",
              minimum: 1,
              maximum: 65535,
              default: 22,
              examples: ["22"],
              order: 2,
            },
            tunnel_user: {
              type: "string",
              title: "SSH Login Username",
              description: "The user to log in as at the SSH server.",
              minLength: 1,
              order: 3,
            },
            tunnel_host_key: {
              type: "string",
              title: "SSH Host Key",
              description:
                "The server's public keys, or their SHA256 fingerprints as `ssh-keygen -lf` prints them, one a line. `any`: whichever key it shows is taken, so that somebody on the way can stand in for it. Without this and known_hosts, the first check fails and prints the fingerprint.",
              multiline: true,
              minLength: 1,
              order: 6,
            },
            tunnel_known_hosts: {
              type: "string",
              title: "Known Hosts File",
              description:
                "Path of a known_hosts file with the server's keys, such as `~/.ssh/known_hosts`. Certificates of hosts (@cert-authority) are passed over.",
              minLength: 1,
              order: 7,
            },
            ssh_key: {
              type: "string",
              title: "SSH Private Key",
              description: "The private key, in the format of OpenSSH or as PEM text.",
              airbyte_secret: true,
              multiline: true,
              minLength: 1,
              order: 4,
            },
            ssh_key_passphrase: {
              type: "string",
              title: "SSH Private Key Passphrase",
              description: "The passphrase of the private key, when it has one.",
              airbyte_secret: true,
              order: 5,
            },
          },
        },
        {
          title: "Password Authentication",
          description: "Connect through an SSH server, and log in with a password.",
          required: ["tunnel_method", "tunnel_host", "tunnel_user", "tunnel_user_password"],
          additionalProperties: false,
          properties: {
            tunnel_method: { type: "string", const: "SSH_PASSWORD_AUTH", order: 0 },
            tunnel_host: {
              type: "string",
              title: "SSH Tunnel Jump Server Host",
              description: "Hostname or address of the SSH server that can reach the database.",
              minLength: 1,
              order: 1,
            },
            tunnel_port: {
              type: "integer",
              title: "SSH Connection Port",
              description: "Port of the SSH server.",
              minimum: 1,
              maximum: 65535,
              default: 22,
              examples: ["22"],
              order: 2,
            },
            tunnel_user: {
              type: "string",
              title: "SSH Login Username",
              description: "The user to log in as at the SSH server.",
              minLength: 1,
              order: 3,
            },
            tunnel_host_key: {
              type: "string",
              title: "SSH Host Key",
              description:
                "The server's public keys, or their SHA256 fingerprints as `ssh-keygen -lf` prints them, one a line. `any`: whichever key it shows is taken, so that somebody on the way can stand in for it. Without this and known_hosts, the first check fails and prints the fingerprint.",
              multiline: true,
              minLength: 1,
              order: 6,
            },
            tunnel_known_hosts: {
              type: "string",
              title: "Known Hosts File",
              description:
                "Path of a known_hosts file with the server's keys, such as `~/.ssh/known_hosts`. Certificates of hosts (@cert-authority) are passed over.",
              minLength: 1,
              order: 7,
            },
            tunnel_user_password: {
              type: "string",
              title: "Password",
              description: "The password of the user at the SSH server.",
              airbyte_secret: true,
              minLength: 1,
              order: 4,
            },
          },
        },
      ],
    },
    schemas: {
      type: "array",
      title: "Schemas",
      description:
        "The schemas to read from, spelled exactly. Empty: every schema but the system's.",
      items: { type: "string", minLength: 1 },
      minItems: 0,
      uniqueItems: true,
      examples: [["public"]],
      order: 3,
      group: "db",
    },
    replication_method: {
      type: "object",
      title: "Update Method",
      description: "How incremental streams find what changed.",
      order: 8,
      group: "advanced",
      display_type: "radio",
      default: { method: "Standard" },
      oneOf: [
        {
          title: "Scan Changes with User Defined Cursor",
          description:
            "Each stream has a column that grows with every change. Rows committed late, and rows that share the last value, are found too.",
          required: ["method"],
          additionalProperties: false,
          properties: { method: { type: "string", const: "Standard", order: 0 } },
        },
        {
          title: "Detect Changes with Xmin System Column",
          description:
            "For tables without such a column. Each sync scans the whole table on the server, and sends only rows written since.",
          required: ["method"],
          additionalProperties: false,
          properties: { method: { type: "string", const: "Xmin", order: 0 } },
        },
        {
          title: "Read Changes using Write-Ahead Log (CDC)",
          description:
            "Reads inserts, updates, deletes and truncations from the server's log, in the order of their commits. Needs wal_level = logical and a user that may replicate.",
          required: ["method", "replication_slot", "publication"],
          additionalProperties: false,
          properties: {
            method: { type: "string", const: "CDC", order: 0 },
            replication_slot: {
              type: "string",
              title: "Replication Slot",
              description:
                "The server keeps its log from the place of this slot on. One for each connection: two readers of a slot would take changes from each other.",
              pattern: "^[a-z0-9_]{1,63}$",
              pattern_descriptor: "lower-case letters, digits and underscores",
              examples: ["syncline"],
              order: 1,
            },
            publication: {
              type: "string",
              title: "Publication",
              description: "Which tables' changes are in the log; spelled exactly.",
              minLength: 1,
              maxLength: 63,
              examples: ["syncline"],
              order: 2,
            },
            create_slot: {
              type: "boolean",
              title: "Create What Is Missing",
              description:
                "Whether the first read creates the slot, and the publication of all tables it is to follow, where they do not exist. `drop-slot` removes them.",
              default: true,
              order: 3,
            },
            initial_waiting_seconds: {
              type: "integer",
              title: "Waiting Time",
              description:
                "How long, in seconds, a read waits between transactions while nothing comes of a log that is not at its end. Then it ends, with a warning, and the next one goes on there.",
              minimum: 1,
              maximum: 2400,
              default: 1200,
              order: 4,
            },
            invalid_cdc_cursor_position_behavior: {
              type: "string",
              title: "When the Place Is Lost",
              description:
                "What a read does when the log no longer has what follows its state. Fail sync: it says so and stops. Re-sync data: it reads the tables anew.",
              enum: ["Fail sync", "Re-sync data"],
              default: "Fail sync",
              order: 5,
            },
            max_slot_wal: {
              type: "string",
              title: "Most Log to Keep",
              description:
                "Warns when the slot makes the server keep more of its log than this: the slot of a connection that does not run fills the server's disk.",
              pattern: "^[1-9][0-9]*(kB|MB|GB|TB)$",
              pattern_descriptor: "10GB: a number and kB, MB, GB or TB, without a space",
              examples: ["10GB"],
              order: 6,
            },
            max_slot_wal_behavior: {
              type: "string",
              title: "When It Keeps More",
              description:
                "Warn: says so. Drop slot: drops the slot, so that the disk is safe, and fails; the tables have to be read anew.",
              enum: ["Warn", "Drop slot"],
              default: "Warn",
              order: 7,
            },
            heartbeat_action_query: {
              type: "string",
              title: "Heartbeat Query",
              description:
                "A statement to run every 10 seconds of a read, such as an update of a table of the publication. Seldom needed: so that an idle database beside a busy one does not make the server keep its log, a read writes a small message into it by itself.",
              default: "",
              order: 8,
            },
            lsn_commit_behaviour: {
              type: "string",
              title: "When the Slot Moves",
              description:
                "The slot moves past what the destination has committed, and past nothing else, whatever is chosen.",
              enum: ["While reading Data", "After loading Data in the destination"],
              default: "After loading Data in the destination",
              order: 9,
            },
            plugin: {
              type: "string",
              title: "Plugin",
              description: "What decodes the log.",
              enum: ["pgoutput"],
              default: "pgoutput",
              order: 10,
            },
          },
        },
      ],
    },
    checkpoint_target_interval_seconds: {
      type: "integer",
      title: "Checkpoint Target Time Interval",
      description:
        "How often, in seconds, a read prints a state it can resume from. 0: as often as it can. A full refresh of a table smaller than 2 MB for each of these seconds prints none, and starts again when it is interrupted.",
      minimum: 0,
      default: 300,
      order: 11,
      group: "advanced",
    },
    late_commit_window: {
      type: "integer",
      title: "Late Commit Window",
      description:
        "How far below the last cursor value, in seconds, an incremental read looks for rows whose transaction was committed late. Longer where a transaction older than that was running. For cursors that are no dates, it looks down to the value the cursor had that long ago, or at all rows where no index serves the cursor.",
      minimum: 0,
      default: 3600,
      order: 12,
      group: "advanced",
    },
    max_row_bytes: {
      type: "integer",
      title: "Largest Row",
      description:
        "A longer row, in bytes of PostgreSQL's text format, fails its stream. A change in the log, which may have the old row too, may have twice as many.",
      minimum: 1024,
      maximum: 1073741823,
      default: 268435456,
      order: 13,
      group: "advanced",
    },
    lock: {
      type: "string",
      title: "Locks",
      description:
        "one_moment: all tables are read as they were at one moment, and are locked against DROP, TRUNCATE and ALTER TABLE from then on to the end of the sync. per_stream: each table is read as it was when its turn came, and is locked only while it is read, so that changes to tables, and what waits behind them, are kept up less.",
      enum: ["one_moment", "per_stream"],
      default: "one_moment",
      order: 14,
      group: "advanced",
    },
    encoding: {
      type: "string",
      title: "Texts That Are Not UTF-8",
      description:
        "Of a database of the encoding SQL_ASCII, which does not say what its bytes mean. fail: such a text fails its stream. latin1: it is taken for Latin-1. replace: what is not UTF-8 in it becomes U+FFFD. null: the value becomes NULL. The last two are noted in `_airbyte_meta`.",
      enum: ["fail", "latin1", "replace", "null"],
      default: "fail",
      order: 15,
      group: "advanced",
    },
    row_security: {
      type: "string",
      title: "Row-Level Security",
      description:
        "off: a table of which row-level security hides rows from the user fails its stream. on: the rows that the user may see are all there is; those that a changed policy shows later may be missing from incremental streams.",
      enum: ["off", "on"],
      default: "off",
      order: 16,
      group: "advanced",
    },
  },
};
const func2 = Object.prototype.hasOwnProperty;
const func3 = (text) => [...text].length;
const pattern0 = new RegExp("^[a-z0-9_]{1,63}$", "u");
const pattern1 = new RegExp("^[1-9][0-9]*(kB|MB|GB|TB)$", "u");

function validate10(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.host === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "host" },
        message: "must have required property '" + "host" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.database === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "database" },
        message: "must have required property '" + "database" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.username === undefined) {
      const err2 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "username" },
        message: "must have required property '" + "username" + "'",
      };
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    }
    for (const key0 in data) {
      if (!func2.call(schema11.properties, key0)) {
        const err3 = {
          instancePath,
          schemaPath: "#/additionalProperties",
          keyword: "additionalProperties",
          params: { additionalProperty: key0 },
          message: "must NOT have additional properties",
        };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
    }
    if (data.host !== undefined) {
      let data0 = data.host;
      if (typeof data0 === "string") {
        if (func3(data0) < 1) {
          const err4 = {
            instancePath: instancePath + "/host",
            schemaPath: "#/properties/host/minLength",
            keyword: "minLength",
            params: { limit: 1 },
            message: "must NOT have fewer than 1 characters",
          };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
      } else {
        const err5 = {
          instancePath: instancePath + "/host",
          schemaPath: "#/properties/host/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err5];
        } else {
          vErrors.push(err5);
        }
        errors++;
      }
    }
    if (data.port !== undefined) {
      let data1 = data.port;
      if (!(typeof data1 == "number" && !(data1 % 1) && !isNaN(data1))) {
        const err6 = {
          instancePath: instancePath + "/port",
          schemaPath: "#/properties/port/type",
          keyword: "type",
          params: { type: "integer" },
          message: "must be integer",
        };
        if (vErrors === null) {
          vErrors = [err6];
        } else {
          vErrors.push(err6);
        }
        errors++;
      }
      if (typeof data1 == "number") {
        if (data1 > 65535 || isNaN(data1)) {
          const err7 = {
            instancePath: instancePath + "/port",
            schemaPath: "#/properties/port/maximum",
            keyword: "maximum",
            params: { comparison: "<=", limit: 65535 },
            message: "must be <= 65535",
          };
          if (vErrors === null) {
            vErrors = [err7];
          } else {
            vErrors.push(err7);
          }
          errors++;
        }
        if (data1 < 1 || isNaN(data1)) {
          const err8 = {
            instancePath: instancePath + "/port",
            schemaPath: "#/properties/port/minimum",
            keyword: "minimum",
            params: { comparison: ">=", limit: 1 },
            message: "must be >= 1",
          };
          if (vErrors === null) {
            vErrors = [err8];
          } else {
            vErrors.push(err8);
          }
          errors++;
        }
      }
    }
    if (data.database !== undefined) {
      let data2 = data.database;
      if (typeof data2 === "string") {
        if (func3(data2) < 1) {
          const err9 = {
            instancePath: instancePath + "/database",
            schemaPath: "#/properties/database/minLength",
            keyword: "minLength",
            params: { limit: 1 },
            message: "must NOT have fewer than 1 characters",
          };
          if (vErrors === null) {
            vErrors = [err9];
          } else {
            vErrors.push(err9);
          }
          errors++;
        }
      } else {
        const err10 = {
          instancePath: instancePath + "/database",
          schemaPath: "#/properties/database/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err10];
        } else {
          vErrors.push(err10);
        }
        errors++;
      }
    }
    if (data.username !== undefined) {
      let data3 = data.username;
      if (typeof data3 === "string") {
        if (func3(data3) < 1) {
          const err11 = {
            instancePath: instancePath + "/username",
            schemaPath: "#/properties/username/minLength",
            keyword: "minLength",
            params: { limit: 1 },
            message: "must NOT have fewer than 1 characters",
          };
          if (vErrors === null) {
            vErrors = [err11];
          } else {
            vErrors.push(err11);
          }
          errors++;
        }
      } else {
        const err12 = {
          instancePath: instancePath + "/username",
          schemaPath: "#/properties/username/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err12];
        } else {
          vErrors.push(err12);
        }
        errors++;
      }
    }
    if (data.password !== undefined) {
      if (typeof data.password !== "string") {
        const err13 = {
          instancePath: instancePath + "/password",
          schemaPath: "#/properties/password/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err13];
        } else {
          vErrors.push(err13);
        }
        errors++;
      }
    }
    if (data.ssl_mode !== undefined) {
      let data5 = data.ssl_mode;
      if (!(data5 && typeof data5 == "object" && !Array.isArray(data5))) {
        const err14 = {
          instancePath: instancePath + "/ssl_mode",
          schemaPath: "#/properties/ssl_mode/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err14];
        } else {
          vErrors.push(err14);
        }
        errors++;
      }
      const _errs14 = errors;
      let valid1 = false;
      let passing0 = null;
      const _errs15 = errors;
      if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
        if (data5.mode === undefined) {
          const err15 = {
            instancePath: instancePath + "/ssl_mode",
            schemaPath: "#/properties/ssl_mode/oneOf/0/required",
            keyword: "required",
            params: { missingProperty: "mode" },
            message: "must have required property '" + "mode" + "'",
          };
          if (vErrors === null) {
            vErrors = [err15];
          } else {
            vErrors.push(err15);
          }
          errors++;
        }
        for (const key1 in data5) {
          if (!(key1 === "mode")) {
            const err16 = {
              instancePath: instancePath + "/ssl_mode",
              schemaPath: "#/properties/ssl_mode/oneOf/0/additionalProperties",
              keyword: "additionalProperties",
              params: { additionalProperty: key1 },
              message: "must NOT have additional properties",
            };
            if (vErrors === null) {
              vErrors = [err16];
            } else {
              vErrors.push(err16);
            }
            errors++;
          }
        }
        if (data5.mode !== undefined) {
          let data6 = data5.mode;
          if (typeof data6 !== "string") {
            const err17 = {
              instancePath: instancePath + "/ssl_mode/mode",
              schemaPath: "#/properties/ssl_mode/oneOf/0/properties/mode/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err17];
            } else {
              vErrors.push(err17);
            }
            errors++;
          }
          if ("disable" !== data6) {
            const err18 = {
              instancePath: instancePath + "/ssl_mode/mode",
              schemaPath: "#/properties/ssl_mode/oneOf/0/properties/mode/const",
              keyword: "const",
              params: { allowedValue: "disable" },
              message: "must be equal to constant",
            };
            if (vErrors === null) {
              vErrors = [err18];
            } else {
              vErrors.push(err18);
            }
            errors++;
          }
        }
      }
      var _valid0 = _errs15 === errors;
      if (_valid0) {
        valid1 = true;
        passing0 = 0;
      }
      const _errs19 = errors;
      if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
        if (data5.mode === undefined) {
          const err19 = {
            instancePath: instancePath + "/ssl_mode",
            schemaPath: "#/properties/ssl_mode/oneOf/1/required",
            keyword: "required",
            params: { missingProperty: "mode" },
            message: "must have required property '" + "mode" + "'",
          };
          if (vErrors === null) {
            vErrors = [err19];
          } else {
            vErrors.push(err19);
          }
          errors++;
        }
        for (const key2 in data5) {
          if (!(key2 === "mode")) {
            const err20 = {
              instancePath: instancePath + "/ssl_mode",
              schemaPath: "#/properties/ssl_mode/oneOf/1/additionalProperties",
              keyword: "additionalProperties",
              params: { additionalProperty: key2 },
              message: "must NOT have additional properties",
            };
            if (vErrors === null) {
              vErrors = [err20];
            } else {
              vErrors.push(err20);
            }
            errors++;
          }
        }
        if (data5.mode !== undefined) {
          let data7 = data5.mode;
          if (typeof data7 !== "string") {
            const err21 = {
              instancePath: instancePath + "/ssl_mode/mode",
              schemaPath: "#/properties/ssl_mode/oneOf/1/properties/mode/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err21];
            } else {
              vErrors.push(err21);
            }
            errors++;
          }
          if ("allow" !== data7) {
            const err22 = {
              instancePath: instancePath + "/ssl_mode/mode",
              schemaPath: "#/properties/ssl_mode/oneOf/1/properties/mode/const",
              keyword: "const",
              params: { allowedValue: "allow" },
              message: "must be equal to constant",
            };
            if (vErrors === null) {
              vErrors = [err22];
            } else {
              vErrors.push(err22);
            }
            errors++;
          }
        }
      }
      var _valid0 = _errs19 === errors;
      if (_valid0 && valid1) {
        valid1 = false;
        passing0 = [passing0, 1];
      } else {
        if (_valid0) {
          valid1 = true;
          passing0 = 1;
        }
        const _errs23 = errors;
        if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
          if (data5.mode === undefined) {
            const err23 = {
              instancePath: instancePath + "/ssl_mode",
              schemaPath: "#/properties/ssl_mode/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "mode" },
              message: "must have required property '" + "mode" + "'",
            };
            if (vErrors === null) {
              vErrors = [err23];
            } else {
              vErrors.push(err23);
            }
            errors++;
          }
          for (const key3 in data5) {
            if (!(key3 === "mode")) {
              const err24 = {
                instancePath: instancePath + "/ssl_mode",
                schemaPath: "#/properties/ssl_mode/oneOf/2/additionalProperties",
                keyword: "additionalProperties",
                params: { additionalProperty: key3 },
                message: "must NOT have additional properties",
              };
              if (vErrors === null) {
                vErrors = [err24];
              } else {
                vErrors.push(err24);
              }
              errors++;
            }
          }
          if (data5.mode !== undefined) {
            let data8 = data5.mode;
            if (typeof data8 !== "string") {
              const err25 = {
                instancePath: instancePath + "/ssl_mode/mode",
                schemaPath: "#/properties/ssl_mode/oneOf/2/properties/mode/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err25];
              } else {
                vErrors.push(err25);
              }
              errors++;
            }
            if ("prefer" !== data8) {
              const err26 = {
                instancePath: instancePath + "/ssl_mode/mode",
                schemaPath: "#/properties/ssl_mode/oneOf/2/properties/mode/const",
                keyword: "const",
                params: { allowedValue: "prefer" },
                message: "must be equal to constant",
              };
              if (vErrors === null) {
                vErrors = [err26];
              } else {
                vErrors.push(err26);
              }
              errors++;
            }
          }
        }
        var _valid0 = _errs23 === errors;
        if (_valid0 && valid1) {
          valid1 = false;
          passing0 = [passing0, 2];
        } else {
          if (_valid0) {
            valid1 = true;
            passing0 = 2;
          }
          const _errs27 = errors;
          if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
            if (data5.mode === undefined) {
              const err27 = {
                instancePath: instancePath + "/ssl_mode",
                schemaPath: "#/properties/ssl_mode/oneOf/3/required",
                keyword: "required",
                params: { missingProperty: "mode" },
                message: "must have required property '" + "mode" + "'",
              };
              if (vErrors === null) {
                vErrors = [err27];
              } else {
                vErrors.push(err27);
              }
              errors++;
            }
            for (const key4 in data5) {
              if (!(
                key4 === "mode" ||
                key4 === "client_certificate" ||
                key4 === "client_key" ||
                key4 === "client_key_password"
              )) {
                const err28 = {
                  instancePath: instancePath + "/ssl_mode",
                  schemaPath: "#/properties/ssl_mode/oneOf/3/additionalProperties",
                  keyword: "additionalProperties",
                  params: { additionalProperty: key4 },
                  message: "must NOT have additional properties",
                };
                if (vErrors === null) {
                  vErrors = [err28];
                } else {
                  vErrors.push(err28);
                }
                errors++;
              }
            }
            if (data5.mode !== undefined) {
              let data9 = data5.mode;
              if (typeof data9 !== "string") {
                const err29 = {
                  instancePath: instancePath + "/ssl_mode/mode",
                  schemaPath: "#/properties/ssl_mode/oneOf/3/properties/mode/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err29];
                } else {
                  vErrors.push(err29);
                }
                errors++;
              }
              if ("require" !== data9) {
                const err30 = {
                  instancePath: instancePath + "/ssl_mode/mode",
                  schemaPath: "#/properties/ssl_mode/oneOf/3/properties/mode/const",
                  keyword: "const",
                  params: { allowedValue: "require" },
                  message: "must be equal to constant",
                };
                if (vErrors === null) {
                  vErrors = [err30];
                } else {
                  vErrors.push(err30);
                }
                errors++;
              }
            }
            if (data5.client_certificate !== undefined) {
              if (typeof data5.client_certificate !== "string") {
                const err31 = {
                  instancePath: instancePath + "/ssl_mode/client_certificate",
                  schemaPath: "#/properties/ssl_mode/oneOf/3/properties/client_certificate/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err31];
                } else {
                  vErrors.push(err31);
                }
                errors++;
              }
            }
            if (data5.client_key !== undefined) {
              if (typeof data5.client_key !== "string") {
                const err32 = {
                  instancePath: instancePath + "/ssl_mode/client_key",
                  schemaPath: "#/properties/ssl_mode/oneOf/3/properties/client_key/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err32];
                } else {
                  vErrors.push(err32);
                }
                errors++;
              }
            }
            if (data5.client_key_password !== undefined) {
              if (typeof data5.client_key_password !== "string") {
                const err33 = {
                  instancePath: instancePath + "/ssl_mode/client_key_password",
                  schemaPath: "#/properties/ssl_mode/oneOf/3/properties/client_key_password/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err33];
                } else {
                  vErrors.push(err33);
                }
                errors++;
              }
            }
          }
          var _valid0 = _errs27 === errors;
          if (_valid0 && valid1) {
            valid1 = false;
            passing0 = [passing0, 3];
          } else {
            if (_valid0) {
              valid1 = true;
              passing0 = 3;
            }
            const _errs37 = errors;
            if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
              if (data5.mode === undefined) {
                const err34 = {
                  instancePath: instancePath + "/ssl_mode",
                  schemaPath: "#/properties/ssl_mode/oneOf/4/required",
                  keyword: "required",
                  params: { missingProperty: "mode" },
                  message: "must have required property '" + "mode" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err34];
                } else {
                  vErrors.push(err34);
                }
                errors++;
              }
              if (data5.ca_certificate === undefined) {
                const err35 = {
                  instancePath: instancePath + "/ssl_mode",
                  schemaPath: "#/properties/ssl_mode/oneOf/4/required",
                  keyword: "required",
                  params: { missingProperty: "ca_certificate" },
                  message: "must have required property '" + "ca_certificate" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err35];
                } else {
                  vErrors.push(err35);
                }
                errors++;
              }
              for (const key5 in data5) {
                if (!(
                  key5 === "mode" ||
                  key5 === "ca_certificate" ||
                  key5 === "client_certificate" ||
                  key5 === "client_key" ||
                  key5 === "client_key_password"
                )) {
                  const err36 = {
                    instancePath: instancePath + "/ssl_mode",
                    schemaPath: "#/properties/ssl_mode/oneOf/4/additionalProperties",
                    keyword: "additionalProperties",
                    params: { additionalProperty: key5 },
                    message: "must NOT have additional properties",
                  };
                  if (vErrors === null) {
                    vErrors = [err36];
                  } else {
                    vErrors.push(err36);
                  }
                  errors++;
                }
              }
              if (data5.mode !== undefined) {
                let data13 = data5.mode;
                if (typeof data13 !== "string") {
                  const err37 = {
                    instancePath: instancePath + "/ssl_mode/mode",
                    schemaPath: "#/properties/ssl_mode/oneOf/4/properties/mode/type",
                    keyword: "type",
                    params: { type: "string" },
                    message: "must be string",
                  };
                  if (vErrors === null) {
                    vErrors = [err37];
                  } else {
                    vErrors.push(err37);
                  }
                  errors++;
                }
                if ("verify-ca" !== data13) {
                  const err38 = {
                    instancePath: instancePath + "/ssl_mode/mode",
                    schemaPath: "#/properties/ssl_mode/oneOf/4/properties/mode/const",
                    keyword: "const",
                    params: { allowedValue: "verify-ca" },
                    message: "must be equal to constant",
                  };
                  if (vErrors === null) {
                    vErrors = [err38];
                  } else {
                    vErrors.push(err38);
                  }
                  errors++;
                }
              }
              if (data5.ca_certificate !== undefined) {
                if (typeof data5.ca_certificate !== "string") {
                  const err39 = {
                    instancePath: instancePath + "/ssl_mode/ca_certificate",
                    schemaPath: "#/properties/ssl_mode/oneOf/4/properties/ca_certificate/type",
                    keyword: "type",
                    params: { type: "string" },
                    message: "must be string",
                  };
                  if (vErrors === null) {
                    vErrors = [err39];
                  } else {
                    vErrors.push(err39);
                  }
                  errors++;
                }
              }
              if (data5.client_certificate !== undefined) {
                if (typeof data5.client_certificate !== "string") {
                  const err40 = {
                    instancePath: instancePath + "/ssl_mode/client_certificate",
                    schemaPath: "#/properties/ssl_mode/oneOf/4/properties/client_certificate/type",
                    keyword: "type",
                    params: { type: "string" },
                    message: "must be string",
                  };
                  if (vErrors === null) {
                    vErrors = [err40];
                  } else {
                    vErrors.push(err40);
                  }
                  errors++;
                }
              }
              if (data5.client_key !== undefined) {
                if (typeof data5.client_key !== "string") {
                  const err41 = {
                    instancePath: instancePath + "/ssl_mode/client_key",
                    schemaPath: "#/properties/ssl_mode/oneOf/4/properties/client_key/type",
                    keyword: "type",
                    params: { type: "string" },
                    message: "must be string",
                  };
                  if (vErrors === null) {
                    vErrors = [err41];
                  } else {
                    vErrors.push(err41);
                  }
                  errors++;
                }
              }
              if (data5.client_key_password !== undefined) {
                if (typeof data5.client_key_password !== "string") {
                  const err42 = {
                    instancePath: instancePath + "/ssl_mode/client_key_password",
                    schemaPath: "#/properties/ssl_mode/oneOf/4/properties/client_key_password/type",
                    keyword: "type",
                    params: { type: "string" },
                    message: "must be string",
                  };
                  if (vErrors === null) {
                    vErrors = [err42];
                  } else {
                    vErrors.push(err42);
                  }
                  errors++;
                }
              }
            }
            var _valid0 = _errs37 === errors;
            if (_valid0 && valid1) {
              valid1 = false;
              passing0 = [passing0, 4];
            } else {
              if (_valid0) {
                valid1 = true;
                passing0 = 4;
              }
              const _errs49 = errors;
              if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
                if (data5.mode === undefined) {
                  const err43 = {
                    instancePath: instancePath + "/ssl_mode",
                    schemaPath: "#/properties/ssl_mode/oneOf/5/required",
                    keyword: "required",
                    params: { missingProperty: "mode" },
                    message: "must have required property '" + "mode" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err43];
                  } else {
                    vErrors.push(err43);
                  }
                  errors++;
                }
                if (data5.ca_certificate === undefined) {
                  const err44 = {
                    instancePath: instancePath + "/ssl_mode",
                    schemaPath: "#/properties/ssl_mode/oneOf/5/required",
                    keyword: "required",
                    params: { missingProperty: "ca_certificate" },
                    message: "must have required property '" + "ca_certificate" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err44];
                  } else {
                    vErrors.push(err44);
                  }
                  errors++;
                }
                for (const key6 in data5) {
                  if (!(
                    key6 === "mode" ||
                    key6 === "ca_certificate" ||
                    key6 === "client_certificate" ||
                    key6 === "client_key" ||
                    key6 === "client_key_password"
                  )) {
                    const err45 = {
                      instancePath: instancePath + "/ssl_mode",
                      schemaPath: "#/properties/ssl_mode/oneOf/5/additionalProperties",
                      keyword: "additionalProperties",
                      params: { additionalProperty: key6 },
                      message: "must NOT have additional properties",
                    };
                    if (vErrors === null) {
                      vErrors = [err45];
                    } else {
                      vErrors.push(err45);
                    }
                    errors++;
                  }
                }
                if (data5.mode !== undefined) {
                  let data18 = data5.mode;
                  if (typeof data18 !== "string") {
                    const err46 = {
                      instancePath: instancePath + "/ssl_mode/mode",
                      schemaPath: "#/properties/ssl_mode/oneOf/5/properties/mode/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err46];
                    } else {
                      vErrors.push(err46);
                    }
                    errors++;
                  }
                  if ("verify-full" !== data18) {
                    const err47 = {
                      instancePath: instancePath + "/ssl_mode/mode",
                      schemaPath: "#/properties/ssl_mode/oneOf/5/properties/mode/const",
                      keyword: "const",
                      params: { allowedValue: "verify-full" },
                      message: "must be equal to constant",
                    };
                    if (vErrors === null) {
                      vErrors = [err47];
                    } else {
                      vErrors.push(err47);
                    }
                    errors++;
                  }
                }
                if (data5.ca_certificate !== undefined) {
                  if (typeof data5.ca_certificate !== "string") {
                    const err48 = {
                      instancePath: instancePath + "/ssl_mode/ca_certificate",
                      schemaPath: "#/properties/ssl_mode/oneOf/5/properties/ca_certificate/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err48];
                    } else {
                      vErrors.push(err48);
                    }
                    errors++;
                  }
                }
                if (data5.client_certificate !== undefined) {
                  if (typeof data5.client_certificate !== "string") {
                    const err49 = {
                      instancePath: instancePath + "/ssl_mode/client_certificate",
                      schemaPath:
                        "#/properties/ssl_mode/oneOf/5/properties/client_certificate/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err49];
                    } else {
                      vErrors.push(err49);
                    }
                    errors++;
                  }
                }
                if (data5.client_key !== undefined) {
                  if (typeof data5.client_key !== "string") {
                    const err50 = {
                      instancePath: instancePath + "/ssl_mode/client_key",
                      schemaPath: "#/properties/ssl_mode/oneOf/5/properties/client_key/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err50];
                    } else {
                      vErrors.push(err50);
                    }
                    errors++;
                  }
                }
                if (data5.client_key_password !== undefined) {
                  if (typeof data5.client_key_password !== "string") {
                    const err51 = {
                      instancePath: instancePath + "/ssl_mode/client_key_password",
                      schemaPath:
                        "#/properties/ssl_mode/oneOf/5/properties/client_key_password/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err51];
                    } else {
                      vErrors.push(err51);
                    }
                    errors++;
                  }
                }
              }
              var _valid0 = _errs49 === errors;
              if (_valid0 && valid1) {
                valid1 = false;
                passing0 = [passing0, 5];
              } else {
                if (_valid0) {
                  valid1 = true;
                  passing0 = 5;
                }
              }
            }
          }
        }
      }
      if (!valid1) {
        const err52 = {
          instancePath: instancePath + "/ssl_mode",
          schemaPath: "#/properties/ssl_mode/oneOf",
          keyword: "oneOf",
          params: { passingSchemas: passing0 },
          message: "must match exactly one schema in oneOf",
        };
        if (vErrors === null) {
          vErrors = [err52];
        } else {
          vErrors.push(err52);
        }
        errors++;
      } else {
        errors = _errs14;
        if (vErrors !== null) {
          if (_errs14) {
            vErrors.length = _errs14;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.tunnel_method !== undefined) {
      let data23 = data.tunnel_method;
      if (!(data23 && typeof data23 == "object" && !Array.isArray(data23))) {
        const err53 = {
          instancePath: instancePath + "/tunnel_method",
          schemaPath: "#/properties/tunnel_method/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err53];
        } else {
          vErrors.push(err53);
        }
        errors++;
      }
      const _errs63 = errors;
      let valid8 = false;
      let passing1 = null;
      const _errs64 = errors;
      if (data23 && typeof data23 == "object" && !Array.isArray(data23)) {
        if (data23.tunnel_method === undefined) {
          const err54 = {
            instancePath: instancePath + "/tunnel_method",
            schemaPath: "#/properties/tunnel_method/oneOf/0/required",
            keyword: "required",
            params: { missingProperty: "tunnel_method" },
            message: "must have required property '" + "tunnel_method" + "'",
          };
          if (vErrors === null) {
            vErrors = [err54];
          } else {
            vErrors.push(err54);
          }
          errors++;
        }
        for (const key7 in data23) {
          if (!(key7 === "tunnel_method")) {
            const err55 = {
              instancePath: instancePath + "/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/0/additionalProperties",
              keyword: "additionalProperties",
              params: { additionalProperty: key7 },
              message: "must NOT have additional properties",
            };
            if (vErrors === null) {
              vErrors = [err55];
            } else {
              vErrors.push(err55);
            }
            errors++;
          }
        }
        if (data23.tunnel_method !== undefined) {
          let data24 = data23.tunnel_method;
          if (typeof data24 !== "string") {
            const err56 = {
              instancePath: instancePath + "/tunnel_method/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/0/properties/tunnel_method/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err56];
            } else {
              vErrors.push(err56);
            }
            errors++;
          }
          if ("NO_TUNNEL" !== data24) {
            const err57 = {
              instancePath: instancePath + "/tunnel_method/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/0/properties/tunnel_method/const",
              keyword: "const",
              params: { allowedValue: "NO_TUNNEL" },
              message: "must be equal to constant",
            };
            if (vErrors === null) {
              vErrors = [err57];
            } else {
              vErrors.push(err57);
            }
            errors++;
          }
        }
      }
      var _valid1 = _errs64 === errors;
      if (_valid1) {
        valid8 = true;
        passing1 = 0;
      }
      const _errs68 = errors;
      if (data23 && typeof data23 == "object" && !Array.isArray(data23)) {
        if (data23.tunnel_method === undefined) {
          const err58 = {
            instancePath: instancePath + "/tunnel_method",
            schemaPath: "#/properties/tunnel_method/oneOf/1/required",
            keyword: "required",
            params: { missingProperty: "tunnel_method" },
            message: "must have required property '" + "tunnel_method" + "'",
          };
          if (vErrors === null) {
            vErrors = [err58];
          } else {
            vErrors.push(err58);
          }
          errors++;
        }
        if (data23.tunnel_host === undefined) {
          const err59 = {
            instancePath: instancePath + "/tunnel_method",
            schemaPath: "#/properties/tunnel_method/oneOf/1/required",
            keyword: "required",
            params: { missingProperty: "tunnel_host" },
            message: "must have required property '" + "tunnel_host" + "'",
          };
          if (vErrors === null) {
            vErrors = [err59];
          } else {
            vErrors.push(err59);
          }
          errors++;
        }
        if (data23.tunnel_user === undefined) {
          const err60 = {
            instancePath: instancePath + "/tunnel_method",
            schemaPath: "#/properties/tunnel_method/oneOf/1/required",
            keyword: "required",
            params: { missingProperty: "tunnel_user" },
            message: "must have required property '" + "tunnel_user" + "'",
          };
          if (vErrors === null) {
            vErrors = [err60];
          } else {
            vErrors.push(err60);
          }
          errors++;
        }
        if (data23.ssh_key === undefined) {
          const err61 = {
            instancePath: instancePath + "/tunnel_method",
            schemaPath: "#/properties/tunnel_method/oneOf/1/required",
            keyword: "required",
            params: { missingProperty: "ssh_key" },
            message: "must have required property '" + "ssh_key" + "'",
          };
          if (vErrors === null) {
            vErrors = [err61];
          } else {
            vErrors.push(err61);
          }
          errors++;
        }
        for (const key8 in data23) {
          if (!(
            key8 === "tunnel_method" ||
            key8 === "tunnel_host" ||
            key8 === "tunnel_port" ||
            key8 === "tunnel_user" ||
            key8 === "tunnel_host_key" ||
            key8 === "tunnel_known_hosts" ||
            key8 === "ssh_key" ||
            key8 === "ssh_key_passphrase"
          )) {
            const err62 = {
              instancePath: instancePath + "/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/1/additionalProperties",
              keyword: "additionalProperties",
              params: { additionalProperty: key8 },
              message: "must NOT have additional properties",
            };
            if (vErrors === null) {
              vErrors = [err62];
            } else {
              vErrors.push(err62);
            }
            errors++;
          }
        }
        if (data23.tunnel_method !== undefined) {
          let data25 = data23.tunnel_method;
          if (typeof data25 !== "string") {
            const err63 = {
              instancePath: instancePath + "/tunnel_method/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_method/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err63];
            } else {
              vErrors.push(err63);
            }
            errors++;
          }
          if ("SSH_KEY_AUTH" !== data25) {
            const err64 = {
              instancePath: instancePath + "/tunnel_method/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_method/const",
              keyword: "const",
              params: { allowedValue: "SSH_KEY_AUTH" },
              message: "must be equal to constant",
            };
            if (vErrors === null) {
              vErrors = [err64];
            } else {
              vErrors.push(err64);
            }
            errors++;
          }
        }
        if (data23.tunnel_host !== undefined) {
          let data26 = data23.tunnel_host;
          if (typeof data26 === "string") {
            if (func3(data26) < 1) {
              const err65 = {
                instancePath: instancePath + "/tunnel_method/tunnel_host",
                schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_host/minLength",
                keyword: "minLength",
                params: { limit: 1 },
                message: "must NOT have fewer than 1 characters",
              };
              if (vErrors === null) {
                vErrors = [err65];
              } else {
                vErrors.push(err65);
              }
              errors++;
            }
          } else {
            const err66 = {
              instancePath: instancePath + "/tunnel_method/tunnel_host",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_host/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err66];
            } else {
              vErrors.push(err66);
            }
            errors++;
          }
        }
        if (data23.tunnel_port !== undefined) {
          let data27 = data23.tunnel_port;
          if (!(typeof data27 == "number" && !(data27 % 1) && !isNaN(data27))) {
            const err67 = {
              instancePath: instancePath + "/tunnel_method/tunnel_port",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_port/type",
              keyword: "type",
              params: { type: "integer" },
              message: "must be integer",
            };
            if (vErrors === null) {
              vErrors = [err67];
            } else {
              vErrors.push(err67);
            }
            errors++;
          }
          if (typeof data27 == "number") {
            if (data27 > 65535 || isNaN(data27)) {
              const err68 = {
                instancePath: instancePath + "/tunnel_method/tunnel_port",
                schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_port/maximum",
                keyword: "maximum",
                params: { comparison: "<=", limit: 65535 },
                message: "must be <= 65535",
              };
              if (vErrors === null) {
                vErrors = [err68];
              } else {
                vErrors.push(err68);
              }
              errors++;
            }
            if (data27 < 1 || isNaN(data27)) {
              const err69 = {
                instancePath: instancePath + "/tunnel_method/tunnel_port",
                schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_port/minimum",
                keyword: "minimum",
                params: { comparison: ">=", limit: 1 },
                message: "must be >= 1",
              };
              if (vErrors === null) {
                vErrors = [err69];
              } else {
                vErrors.push(err69);
              }
              errors++;
            }
          }
        }
        if (data23.tunnel_user !== undefined) {
          let data28 = data23.tunnel_user;
          if (typeof data28 === "string") {
            if (func3(data28) < 1) {
              const err70 = {
                instancePath: instancePath + "/tunnel_method/tunnel_user",
                schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_user/minLength",
                keyword: "minLength",
                params: { limit: 1 },
                message: "must NOT have fewer than 1 characters",
              };
              if (vErrors === null) {
                vErrors = [err70];
              } else {
                vErrors.push(err70);
              }
              errors++;
            }
          } else {
            const err71 = {
              instancePath: instancePath + "/tunnel_method/tunnel_user",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_user/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err71];
            } else {
              vErrors.push(err71);
            }
            errors++;
          }
        }
        if (data23.tunnel_host_key !== undefined) {
          let data29 = data23.tunnel_host_key;
          if (typeof data29 === "string") {
            if (func3(data29) < 1) {
              const err72 = {
                instancePath: instancePath + "/tunnel_method/tunnel_host_key",
                schemaPath:
                  "#/properties/tunnel_method/oneOf/1/properties/tunnel_host_key/minLength",
                keyword: "minLength",
                params: { limit: 1 },
                message: "must NOT have fewer than 1 characters",
              };
              if (vErrors === null) {
                vErrors = [err72];
              } else {
                vErrors.push(err72);
              }
              errors++;
            }
          } else {
            const err73 = {
              instancePath: instancePath + "/tunnel_method/tunnel_host_key",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_host_key/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err73];
            } else {
              vErrors.push(err73);
            }
            errors++;
          }
        }
        if (data23.tunnel_known_hosts !== undefined) {
          let data30 = data23.tunnel_known_hosts;
          if (typeof data30 === "string") {
            if (func3(data30) < 1) {
              const err74 = {
                instancePath: instancePath + "/tunnel_method/tunnel_known_hosts",
                schemaPath:
                  "#/properties/tunnel_method/oneOf/1/properties/tunnel_known_hosts/minLength",
                keyword: "minLength",
                params: { limit: 1 },
                message: "must NOT have fewer than 1 characters",
              };
              if (vErrors === null) {
                vErrors = [err74];
              } else {
                vErrors.push(err74);
              }
              errors++;
            }
          } else {
            const err75 = {
              instancePath: instancePath + "/tunnel_method/tunnel_known_hosts",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/tunnel_known_hosts/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err75];
            } else {
              vErrors.push(err75);
            }
            errors++;
          }
        }
        if (data23.ssh_key !== undefined) {
          let data31 = data23.ssh_key;
          if (typeof data31 === "string") {
            if (func3(data31) < 1) {
              const err76 = {
                instancePath: instancePath + "/tunnel_method/ssh_key",
                schemaPath: "#/properties/tunnel_method/oneOf/1/properties/ssh_key/minLength",
                keyword: "minLength",
                params: { limit: 1 },
                message: "must NOT have fewer than 1 characters",
              };
              if (vErrors === null) {
                vErrors = [err76];
              } else {
                vErrors.push(err76);
              }
              errors++;
            }
          } else {
            const err77 = {
              instancePath: instancePath + "/tunnel_method/ssh_key",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/ssh_key/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err77];
            } else {
              vErrors.push(err77);
            }
            errors++;
          }
        }
        if (data23.ssh_key_passphrase !== undefined) {
          if (typeof data23.ssh_key_passphrase !== "string") {
            const err78 = {
              instancePath: instancePath + "/tunnel_method/ssh_key_passphrase",
              schemaPath: "#/properties/tunnel_method/oneOf/1/properties/ssh_key_passphrase/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err78];
            } else {
              vErrors.push(err78);
            }
            errors++;
          }
        }
      }
      var _valid1 = _errs68 === errors;
      if (_valid1 && valid8) {
        valid8 = false;
        passing1 = [passing1, 1];
      } else {
        if (_valid1) {
          valid8 = true;
          passing1 = 1;
        }
        const _errs86 = errors;
        if (data23 && typeof data23 == "object" && !Array.isArray(data23)) {
          if (data23.tunnel_method === undefined) {
            const err79 = {
              instancePath: instancePath + "/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "tunnel_method" },
              message: "must have required property '" + "tunnel_method" + "'",
            };
            if (vErrors === null) {
              vErrors = [err79];
            } else {
              vErrors.push(err79);
            }
            errors++;
          }
          if (data23.tunnel_host === undefined) {
            const err80 = {
              instancePath: instancePath + "/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "tunnel_host" },
              message: "must have required property '" + "tunnel_host" + "'",
            };
            if (vErrors === null) {
              vErrors = [err80];
            } else {
              vErrors.push(err80);
            }
            errors++;
          }
          if (data23.tunnel_user === undefined) {
            const err81 = {
              instancePath: instancePath + "/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "tunnel_user" },
              message: "must have required property '" + "tunnel_user" + "'",
            };
            if (vErrors === null) {
              vErrors = [err81];
            } else {
              vErrors.push(err81);
            }
            errors++;
          }
          if (data23.tunnel_user_password === undefined) {
            const err82 = {
              instancePath: instancePath + "/tunnel_method",
              schemaPath: "#/properties/tunnel_method/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "tunnel_user_password" },
              message: "must have required property '" + "tunnel_user_password" + "'",
            };
            if (vErrors === null) {
              vErrors = [err82];
            } else {
              vErrors.push(err82);
            }
            errors++;
          }
          for (const key9 in data23) {
            if (!(
              key9 === "tunnel_method" ||
              key9 === "tunnel_host" ||
              key9 === "tunnel_port" ||
              key9 === "tunnel_user" ||
              key9 === "tunnel_host_key" ||
              key9 === "tunnel_known_hosts" ||
              key9 === "tunnel_user_password"
            )) {
              const err83 = {
                instancePath: instancePath + "/tunnel_method",
                schemaPath: "#/properties/tunnel_method/oneOf/2/additionalProperties",
                keyword: "additionalProperties",
                params: { additionalProperty: key9 },
                message: "must NOT have additional properties",
              };
              if (vErrors === null) {
                vErrors = [err83];
              } else {
                vErrors.push(err83);
              }
              errors++;
            }
          }
          if (data23.tunnel_method !== undefined) {
            let data33 = data23.tunnel_method;
            if (typeof data33 !== "string") {
              const err84 = {
                instancePath: instancePath + "/tunnel_method/tunnel_method",
                schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_method/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err84];
              } else {
                vErrors.push(err84);
              }
              errors++;
            }
            if ("SSH_PASSWORD_AUTH" !== data33) {
              const err85 = {
                instancePath: instancePath + "/tunnel_method/tunnel_method",
                schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_method/const",
                keyword: "const",
                params: { allowedValue: "SSH_PASSWORD_AUTH" },
                message: "must be equal to constant",
              };
              if (vErrors === null) {
                vErrors = [err85];
              } else {
                vErrors.push(err85);
              }
              errors++;
            }
          }
          if (data23.tunnel_host !== undefined) {
            let data34 = data23.tunnel_host;
            if (typeof data34 === "string") {
              if (func3(data34) < 1) {
                const err86 = {
                  instancePath: instancePath + "/tunnel_method/tunnel_host",
                  schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_host/minLength",
                  keyword: "minLength",
                  params: { limit: 1 },
                  message: "must NOT have fewer than 1 characters",
                };
                if (vErrors === null) {
                  vErrors = [err86];
                } else {
                  vErrors.push(err86);
                }
                errors++;
              }
            } else {
              const err87 = {
                instancePath: instancePath + "/tunnel_method/tunnel_host",
                schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_host/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err87];
              } else {
                vErrors.push(err87);
              }
              errors++;
            }
          }
          if (data23.tunnel_port !== undefined) {
            let data35 = data23.tunnel_port;
            if (!(typeof data35 == "number" && !(data35 % 1) && !isNaN(data35))) {
              const err88 = {
                instancePath: instancePath + "/tunnel_method/tunnel_port",
                schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_port/type",
                keyword: "type",
                params: { type: "integer" },
                message: "must be integer",
              };
              if (vErrors === null) {
                vErrors = [err88];
              } else {
                vErrors.push(err88);
              }
              errors++;
            }
            if (typeof data35 == "number") {
              if (data35 > 65535 || isNaN(data35)) {
                const err89 = {
                  instancePath: instancePath + "/tunnel_method/tunnel_port",
                  schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_port/maximum",
                  keyword: "maximum",
                  params: { comparison: "<=", limit: 65535 },
                  message: "must be <= 65535",
                };
                if (vErrors === null) {
                  vErrors = [err89];
                } else {
                  vErrors.push(err89);
                }
                errors++;
              }
              if (data35 < 1 || isNaN(data35)) {
                const err90 = {
                  instancePath: instancePath + "/tunnel_method/tunnel_port",
                  schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_port/minimum",
                  keyword: "minimum",
                  params: { comparison: ">=", limit: 1 },
                  message: "must be >= 1",
                };
                if (vErrors === null) {
                  vErrors = [err90];
                } else {
                  vErrors.push(err90);
                }
                errors++;
              }
            }
          }
          if (data23.tunnel_user !== undefined) {
            let data36 = data23.tunnel_user;
            if (typeof data36 === "string") {
              if (func3(data36) < 1) {
                const err91 = {
                  instancePath: instancePath + "/tunnel_method/tunnel_user",
                  schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_user/minLength",
                  keyword: "minLength",
                  params: { limit: 1 },
                  message: "must NOT have fewer than 1 characters",
                };
                if (vErrors === null) {
                  vErrors = [err91];
                } else {
                  vErrors.push(err91);
                }
                errors++;
              }
            } else {
              const err92 = {
                instancePath: instancePath + "/tunnel_method/tunnel_user",
                schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_user/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err92];
              } else {
                vErrors.push(err92);
              }
              errors++;
            }
          }
          if (data23.tunnel_host_key !== undefined) {
            let data37 = data23.tunnel_host_key;
            if (typeof data37 === "string") {
              if (func3(data37) < 1) {
                const err93 = {
                  instancePath: instancePath + "/tunnel_method/tunnel_host_key",
                  schemaPath:
                    "#/properties/tunnel_method/oneOf/2/properties/tunnel_host_key/minLength",
                  keyword: "minLength",
                  params: { limit: 1 },
                  message: "must NOT have fewer than 1 characters",
                };
                if (vErrors === null) {
                  vErrors = [err93];
                } else {
                  vErrors.push(err93);
                }
                errors++;
              }
            } else {
              const err94 = {
                instancePath: instancePath + "/tunnel_method/tunnel_host_key",
                schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_host_key/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err94];
              } else {
                vErrors.push(err94);
              }
              errors++;
            }
          }
          if (data23.tunnel_known_hosts !== undefined) {
            let data38 = data23.tunnel_known_hosts;
            if (typeof data38 === "string") {
              if (func3(data38) < 1) {
                const err95 = {
                  instancePath: instancePath + "/tunnel_method/tunnel_known_hosts",
                  schemaPath:
                    "#/properties/tunnel_method/oneOf/2/properties/tunnel_known_hosts/minLength",
                  keyword: "minLength",
                  params: { limit: 1 },
                  message: "must NOT have fewer than 1 characters",
                };
                if (vErrors === null) {
                  vErrors = [err95];
                } else {
                  vErrors.push(err95);
                }
                errors++;
              }
            } else {
              const err96 = {
                instancePath: instancePath + "/tunnel_method/tunnel_known_hosts",
                schemaPath: "#/properties/tunnel_method/oneOf/2/properties/tunnel_known_hosts/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err96];
              } else {
                vErrors.push(err96);
              }
              errors++;
            }
          }
          if (data23.tunnel_user_password !== undefined) {
            let data39 = data23.tunnel_user_password;
            if (typeof data39 === "string") {
              if (func3(data39) < 1) {
                const err97 = {
                  instancePath: instancePath + "/tunnel_method/tunnel_user_password",
                  schemaPath:
                    "#/properties/tunnel_method/oneOf/2/properties/tunnel_user_password/minLength",
                  keyword: "minLength",
                  params: { limit: 1 },
                  message: "must NOT have fewer than 1 characters",
                };
                if (vErrors === null) {
                  vErrors = [err97];
                } else {
                  vErrors.push(err97);
                }
                errors++;
              }
            } else {
              const err98 = {
                instancePath: instancePath + "/tunnel_method/tunnel_user_password",
                schemaPath:
                  "#/properties/tunnel_method/oneOf/2/properties/tunnel_user_password/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err98];
              } else {
                vErrors.push(err98);
              }
              errors++;
            }
          }
        }
        var _valid1 = _errs86 === errors;
        if (_valid1 && valid8) {
          valid8 = false;
          passing1 = [passing1, 2];
        } else {
          if (_valid1) {
            valid8 = true;
            passing1 = 2;
          }
        }
      }
      if (!valid8) {
        const err99 = {
          instancePath: instancePath + "/tunnel_method",
          schemaPath: "#/properties/tunnel_method/oneOf",
          keyword: "oneOf",
          params: { passingSchemas: passing1 },
          message: "must match exactly one schema in oneOf",
        };
        if (vErrors === null) {
          vErrors = [err99];
        } else {
          vErrors.push(err99);
        }
        errors++;
      } else {
        errors = _errs63;
        if (vErrors !== null) {
          if (_errs63) {
            vErrors.length = _errs63;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.schemas !== undefined) {
      let data40 = data.schemas;
      if (Array.isArray(data40)) {
        if (data40.length < 0) {
          const err100 = {
            instancePath: instancePath + "/schemas",
            schemaPath: "#/properties/schemas/minItems",
            keyword: "minItems",
            params: { limit: 0 },
            message: "must NOT have fewer than 0 items",
          };
          if (vErrors === null) {
            vErrors = [err100];
          } else {
            vErrors.push(err100);
          }
          errors++;
        }
        const len0 = data40.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data41 = data40[i0];
          if (typeof data41 === "string") {
            if (func3(data41) < 1) {
              const err101 = {
                instancePath: instancePath + "/schemas/" + i0,
                schemaPath: "#/properties/schemas/items/minLength",
                keyword: "minLength",
                params: { limit: 1 },
                message: "must NOT have fewer than 1 characters",
              };
              if (vErrors === null) {
                vErrors = [err101];
              } else {
                vErrors.push(err101);
              }
              errors++;
            }
          } else {
            const err102 = {
              instancePath: instancePath + "/schemas/" + i0,
              schemaPath: "#/properties/schemas/items/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err102];
            } else {
              vErrors.push(err102);
            }
            errors++;
          }
        }
        let i1 = data40.length;
        let j0;
        if (i1 > 1) {
          const indices0 = {};
          for (; i1--;) {
            let item0 = data40[i1];
            if (typeof item0 !== "string") {
              continue;
            }
            if (typeof indices0[item0] == "number") {
              j0 = indices0[item0];
              const err103 = {
                instancePath: instancePath + "/schemas",
                schemaPath: "#/properties/schemas/uniqueItems",
                keyword: "uniqueItems",
                params: { i: i1, j: j0 },
                message:
                  "must NOT have duplicate items (items ## " +
                  j0 +
                  " and " +
                  i1 +
                  " are identical)",
              };
              if (vErrors === null) {
                vErrors = [err103];
              } else {
                vErrors.push(err103);
              }
              errors++;
              break;
            }
            indices0[item0] = i1;
          }
        }
      } else {
        const err104 = {
          instancePath: instancePath + "/schemas",
          schemaPath: "#/properties/schemas/type",
          keyword: "type",
          params: { type: "array" },
          message: "must be array",
        };
        if (vErrors === null) {
          vErrors = [err104];
        } else {
          vErrors.push(err104);
        }
        errors++;
      }
    }
    if (data.replication_method !== undefined) {
      let data42 = data.replication_method;
      if (!(data42 && typeof data42 == "object" && !Array.isArray(data42))) {
        const err105 = {
          instancePath: instancePath + "/replication_method",
          schemaPath: "#/properties/replication_method/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err105];
        } else {
          vErrors.push(err105);
        }
        errors++;
      }
      const _errs108 = errors;
      let valid15 = false;
      let passing2 = null;
      const _errs109 = errors;
      if (data42 && typeof data42 == "object" && !Array.isArray(data42)) {
        if (data42.method === undefined) {
          const err106 = {
            instancePath: instancePath + "/replication_method",
            schemaPath: "#/properties/replication_method/oneOf/0/required",
            keyword: "required",
            params: { missingProperty: "method" },
            message: "must have required property '" + "method" + "'",
          };
          if (vErrors === null) {
            vErrors = [err106];
          } else {
            vErrors.push(err106);
          }
          errors++;
        }
        for (const key10 in data42) {
          if (!(key10 === "method")) {
            const err107 = {
              instancePath: instancePath + "/replication_method",
              schemaPath: "#/properties/replication_method/oneOf/0/additionalProperties",
              keyword: "additionalProperties",
              params: { additionalProperty: key10 },
              message: "must NOT have additional properties",
            };
            if (vErrors === null) {
              vErrors = [err107];
            } else {
              vErrors.push(err107);
            }
            errors++;
          }
        }
        if (data42.method !== undefined) {
          let data43 = data42.method;
          if (typeof data43 !== "string") {
            const err108 = {
              instancePath: instancePath + "/replication_method/method",
              schemaPath: "#/properties/replication_method/oneOf/0/properties/method/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err108];
            } else {
              vErrors.push(err108);
            }
            errors++;
          }
          if ("Standard" !== data43) {
            const err109 = {
              instancePath: instancePath + "/replication_method/method",
              schemaPath: "#/properties/replication_method/oneOf/0/properties/method/const",
              keyword: "const",
              params: { allowedValue: "Standard" },
              message: "must be equal to constant",
            };
            if (vErrors === null) {
              vErrors = [err109];
            } else {
              vErrors.push(err109);
            }
            errors++;
          }
        }
      }
      var _valid2 = _errs109 === errors;
      if (_valid2) {
        valid15 = true;
        passing2 = 0;
      }
      const _errs113 = errors;
      if (data42 && typeof data42 == "object" && !Array.isArray(data42)) {
        if (data42.method === undefined) {
          const err110 = {
            instancePath: instancePath + "/replication_method",
            schemaPath: "#/properties/replication_method/oneOf/1/required",
            keyword: "required",
            params: { missingProperty: "method" },
            message: "must have required property '" + "method" + "'",
          };
          if (vErrors === null) {
            vErrors = [err110];
          } else {
            vErrors.push(err110);
          }
          errors++;
        }
        for (const key11 in data42) {
          if (!(key11 === "method")) {
            const err111 = {
              instancePath: instancePath + "/replication_method",
              schemaPath: "#/properties/replication_method/oneOf/1/additionalProperties",
              keyword: "additionalProperties",
              params: { additionalProperty: key11 },
              message: "must NOT have additional properties",
            };
            if (vErrors === null) {
              vErrors = [err111];
            } else {
              vErrors.push(err111);
            }
            errors++;
          }
        }
        if (data42.method !== undefined) {
          let data44 = data42.method;
          if (typeof data44 !== "string") {
            const err112 = {
              instancePath: instancePath + "/replication_method/method",
              schemaPath: "#/properties/replication_method/oneOf/1/properties/method/type",
              keyword: "type",
              params: { type: "string" },
              message: "must be string",
            };
            if (vErrors === null) {
              vErrors = [err112];
            } else {
              vErrors.push(err112);
            }
            errors++;
          }
          if ("Xmin" !== data44) {
            const err113 = {
              instancePath: instancePath + "/replication_method/method",
              schemaPath: "#/properties/replication_method/oneOf/1/properties/method/const",
              keyword: "const",
              params: { allowedValue: "Xmin" },
              message: "must be equal to constant",
            };
            if (vErrors === null) {
              vErrors = [err113];
            } else {
              vErrors.push(err113);
            }
            errors++;
          }
        }
      }
      var _valid2 = _errs113 === errors;
      if (_valid2 && valid15) {
        valid15 = false;
        passing2 = [passing2, 1];
      } else {
        if (_valid2) {
          valid15 = true;
          passing2 = 1;
        }
        const _errs117 = errors;
        if (data42 && typeof data42 == "object" && !Array.isArray(data42)) {
          if (data42.method === undefined) {
            const err114 = {
              instancePath: instancePath + "/replication_method",
              schemaPath: "#/properties/replication_method/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "method" },
              message: "must have required property '" + "method" + "'",
            };
            if (vErrors === null) {
              vErrors = [err114];
            } else {
              vErrors.push(err114);
            }
            errors++;
          }
          if (data42.replication_slot === undefined) {
            const err115 = {
              instancePath: instancePath + "/replication_method",
              schemaPath: "#/properties/replication_method/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "replication_slot" },
              message: "must have required property '" + "replication_slot" + "'",
            };
            if (vErrors === null) {
              vErrors = [err115];
            } else {
              vErrors.push(err115);
            }
            errors++;
          }
          if (data42.publication === undefined) {
            const err116 = {
              instancePath: instancePath + "/replication_method",
              schemaPath: "#/properties/replication_method/oneOf/2/required",
              keyword: "required",
              params: { missingProperty: "publication" },
              message: "must have required property '" + "publication" + "'",
            };
            if (vErrors === null) {
              vErrors = [err116];
            } else {
              vErrors.push(err116);
            }
            errors++;
          }
          for (const key12 in data42) {
            if (!func2.call(schema11.properties.replication_method.oneOf[2].properties, key12)) {
              const err117 = {
                instancePath: instancePath + "/replication_method",
                schemaPath: "#/properties/replication_method/oneOf/2/additionalProperties",
                keyword: "additionalProperties",
                params: { additionalProperty: key12 },
                message: "must NOT have additional properties",
              };
              if (vErrors === null) {
                vErrors = [err117];
              } else {
                vErrors.push(err117);
              }
              errors++;
            }
          }
          if (data42.method !== undefined) {
            let data45 = data42.method;
            if (typeof data45 !== "string") {
              const err118 = {
                instancePath: instancePath + "/replication_method/method",
                schemaPath: "#/properties/replication_method/oneOf/2/properties/method/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err118];
              } else {
                vErrors.push(err118);
              }
              errors++;
            }
            if ("CDC" !== data45) {
              const err119 = {
                instancePath: instancePath + "/replication_method/method",
                schemaPath: "#/properties/replication_method/oneOf/2/properties/method/const",
                keyword: "const",
                params: { allowedValue: "CDC" },
                message: "must be equal to constant",
              };
              if (vErrors === null) {
                vErrors = [err119];
              } else {
                vErrors.push(err119);
              }
              errors++;
            }
          }
          if (data42.replication_slot !== undefined) {
            let data46 = data42.replication_slot;
            if (typeof data46 === "string") {
              if (!pattern0.test(data46)) {
                const err120 = {
                  instancePath: instancePath + "/replication_method/replication_slot",
                  schemaPath:
                    "#/properties/replication_method/oneOf/2/properties/replication_slot/pattern",
                  keyword: "pattern",
                  params: { pattern: "^[a-z0-9_]{1,63}$" },
                  message: 'must match pattern "' + "^[a-z0-9_]{1,63}$" + '"',
                };
                if (vErrors === null) {
                  vErrors = [err120];
                } else {
                  vErrors.push(err120);
                }
                errors++;
              }
            } else {
              const err121 = {
                instancePath: instancePath + "/replication_method/replication_slot",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/replication_slot/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err121];
              } else {
                vErrors.push(err121);
              }
              errors++;
            }
          }
          if (data42.publication !== undefined) {
            let data47 = data42.publication;
            if (typeof data47 === "string") {
              if (func3(data47) > 63) {
                const err122 = {
                  instancePath: instancePath + "/replication_method/publication",
                  schemaPath:
                    "#/properties/replication_method/oneOf/2/properties/publication/maxLength",
                  keyword: "maxLength",
                  params: { limit: 63 },
                  message: "must NOT have more than 63 characters",
                };
                if (vErrors === null) {
                  vErrors = [err122];
                } else {
                  vErrors.push(err122);
                }
                errors++;
              }
              if (func3(data47) < 1) {
                const err123 = {
                  instancePath: instancePath + "/replication_method/publication",
                  schemaPath:
                    "#/properties/replication_method/oneOf/2/properties/publication/minLength",
                  keyword: "minLength",
                  params: { limit: 1 },
                  message: "must NOT have fewer than 1 characters",
                };
                if (vErrors === null) {
                  vErrors = [err123];
                } else {
                  vErrors.push(err123);
                }
                errors++;
              }
            } else {
              const err124 = {
                instancePath: instancePath + "/replication_method/publication",
                schemaPath: "#/properties/replication_method/oneOf/2/properties/publication/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err124];
              } else {
                vErrors.push(err124);
              }
              errors++;
            }
          }
          if (data42.create_slot !== undefined) {
            if (typeof data42.create_slot !== "boolean") {
              const err125 = {
                instancePath: instancePath + "/replication_method/create_slot",
                schemaPath: "#/properties/replication_method/oneOf/2/properties/create_slot/type",
                keyword: "type",
                params: { type: "boolean" },
                message: "must be boolean",
              };
              if (vErrors === null) {
                vErrors = [err125];
              } else {
                vErrors.push(err125);
              }
              errors++;
            }
          }
          if (data42.initial_waiting_seconds !== undefined) {
            let data49 = data42.initial_waiting_seconds;
            if (!(typeof data49 == "number" && !(data49 % 1) && !isNaN(data49))) {
              const err126 = {
                instancePath: instancePath + "/replication_method/initial_waiting_seconds",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/initial_waiting_seconds/type",
                keyword: "type",
                params: { type: "integer" },
                message: "must be integer",
              };
              if (vErrors === null) {
                vErrors = [err126];
              } else {
                vErrors.push(err126);
              }
              errors++;
            }
            if (typeof data49 == "number") {
              if (data49 > 2400 || isNaN(data49)) {
                const err127 = {
                  instancePath: instancePath + "/replication_method/initial_waiting_seconds",
                  schemaPath:
                    "#/properties/replication_method/oneOf/2/properties/initial_waiting_seconds/maximum",
                  keyword: "maximum",
                  params: { comparison: "<=", limit: 2400 },
                  message: "must be <= 2400",
                };
                if (vErrors === null) {
                  vErrors = [err127];
                } else {
                  vErrors.push(err127);
                }
                errors++;
              }
              if (data49 < 1 || isNaN(data49)) {
                const err128 = {
                  instancePath: instancePath + "/replication_method/initial_waiting_seconds",
                  schemaPath:
                    "#/properties/replication_method/oneOf/2/properties/initial_waiting_seconds/minimum",
                  keyword: "minimum",
                  params: { comparison: ">=", limit: 1 },
                  message: "must be >= 1",
                };
                if (vErrors === null) {
                  vErrors = [err128];
                } else {
                  vErrors.push(err128);
                }
                errors++;
              }
            }
          }
          if (data42.invalid_cdc_cursor_position_behavior !== undefined) {
            let data50 = data42.invalid_cdc_cursor_position_behavior;
            if (typeof data50 !== "string") {
              const err129 = {
                instancePath:
                  instancePath + "/replication_method/invalid_cdc_cursor_position_behavior",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/invalid_cdc_cursor_position_behavior/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err129];
              } else {
                vErrors.push(err129);
              }
              errors++;
            }
            if (!(data50 === "Fail sync" || data50 === "Re-sync data")) {
              const err130 = {
                instancePath:
                  instancePath + "/replication_method/invalid_cdc_cursor_position_behavior",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/invalid_cdc_cursor_position_behavior/enum",
                keyword: "enum",
                params: {
                  allowedValues:
                    schema11.properties.replication_method.oneOf[2].properties
                      .invalid_cdc_cursor_position_behavior.enum,
                },
                message: "must be equal to one of the allowed values",
              };
              if (vErrors === null) {
                vErrors = [err130];
              } else {
                vErrors.push(err130);
              }
              errors++;
            }
          }
          if (data42.max_slot_wal !== undefined) {
            let data51 = data42.max_slot_wal;
            if (typeof data51 === "string") {
              if (!pattern1.test(data51)) {
                const err131 = {
                  instancePath: instancePath + "/replication_method/max_slot_wal",
                  schemaPath:
                    "#/properties/replication_method/oneOf/2/properties/max_slot_wal/pattern",
                  keyword: "pattern",
                  params: { pattern: "^[1-9][0-9]*(kB|MB|GB|TB)$" },
                  message: 'must match pattern "' + "^[1-9][0-9]*(kB|MB|GB|TB)$" + '"',
                };
                if (vErrors === null) {
                  vErrors = [err131];
                } else {
                  vErrors.push(err131);
                }
                errors++;
              }
            } else {
              const err132 = {
                instancePath: instancePath + "/replication_method/max_slot_wal",
                schemaPath: "#/properties/replication_method/oneOf/2/properties/max_slot_wal/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err132];
              } else {
                vErrors.push(err132);
              }
              errors++;
            }
          }
          if (data42.max_slot_wal_behavior !== undefined) {
            let data52 = data42.max_slot_wal_behavior;
            if (typeof data52 !== "string") {
              const err133 = {
                instancePath: instancePath + "/replication_method/max_slot_wal_behavior",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/max_slot_wal_behavior/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err133];
              } else {
                vErrors.push(err133);
              }
              errors++;
            }
            if (!(data52 === "Warn" || data52 === "Drop slot")) {
              const err134 = {
                instancePath: instancePath + "/replication_method/max_slot_wal_behavior",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/max_slot_wal_behavior/enum",
                keyword: "enum",
                params: {
                  allowedValues:
                    schema11.properties.replication_method.oneOf[2].properties.max_slot_wal_behavior
                      .enum,
                },
                message: "must be equal to one of the allowed values",
              };
              if (vErrors === null) {
                vErrors = [err134];
              } else {
                vErrors.push(err134);
              }
              errors++;
            }
          }
          if (data42.heartbeat_action_query !== undefined) {
            if (typeof data42.heartbeat_action_query !== "string") {
              const err135 = {
                instancePath: instancePath + "/replication_method/heartbeat_action_query",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/heartbeat_action_query/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err135];
              } else {
                vErrors.push(err135);
              }
              errors++;
            }
          }
          if (data42.lsn_commit_behaviour !== undefined) {
            let data54 = data42.lsn_commit_behaviour;
            if (typeof data54 !== "string") {
              const err136 = {
                instancePath: instancePath + "/replication_method/lsn_commit_behaviour",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/lsn_commit_behaviour/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err136];
              } else {
                vErrors.push(err136);
              }
              errors++;
            }
            if (!(
              data54 === "While reading Data" || data54 === "After loading Data in the destination"
            )) {
              const err137 = {
                instancePath: instancePath + "/replication_method/lsn_commit_behaviour",
                schemaPath:
                  "#/properties/replication_method/oneOf/2/properties/lsn_commit_behaviour/enum",
                keyword: "enum",
                params: {
                  allowedValues:
                    schema11.properties.replication_method.oneOf[2].properties.lsn_commit_behaviour
                      .enum,
                },
                message: "must be equal to one of the allowed values",
              };
              if (vErrors === null) {
                vErrors = [err137];
              } else {
                vErrors.push(err137);
              }
              errors++;
            }
          }
          if (data42.plugin !== undefined) {
            let data55 = data42.plugin;
            if (typeof data55 !== "string") {
              const err138 = {
                instancePath: instancePath + "/replication_method/plugin",
                schemaPath: "#/properties/replication_method/oneOf/2/properties/plugin/type",
                keyword: "type",
                params: { type: "string" },
                message: "must be string",
              };
              if (vErrors === null) {
                vErrors = [err138];
              } else {
                vErrors.push(err138);
              }
              errors++;
            }
            if (!(data55 === "pgoutput")) {
              const err139 = {
                instancePath: instancePath + "/replication_method/plugin",
                schemaPath: "#/properties/replication_method/oneOf/2/properties/plugin/enum",
                keyword: "enum",
                params: {
                  allowedValues:
                    schema11.properties.replication_method.oneOf[2].properties.plugin.enum,
                },
                message: "must be equal to one of the allowed values",
              };
              if (vErrors === null) {
                vErrors = [err139];
              } else {
                vErrors.push(err139);
              }
              errors++;
            }
          }
        }
        var _valid2 = _errs117 === errors;
        if (_valid2 && valid15) {
          valid15 = false;
          passing2 = [passing2, 2];
        } else {
          if (_valid2) {
            valid15 = true;
            passing2 = 2;
          }
        }
      }
      if (!valid15) {
        const err140 = {
          instancePath: instancePath + "/replication_method",
          schemaPath: "#/properties/replication_method/oneOf",
          keyword: "oneOf",
          params: { passingSchemas: passing2 },
          message: "must match exactly one schema in oneOf",
        };
        if (vErrors === null) {
          vErrors = [err140];
        } else {
          vErrors.push(err140);
        }
        errors++;
      } else {
        errors = _errs108;
        if (vErrors !== null) {
          if (_errs108) {
            vErrors.length = _errs108;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.checkpoint_target_interval_seconds !== undefined) {
      let data56 = data.checkpoint_target_interval_seconds;
      if (!(typeof data56 == "number" && !(data56 % 1) && !isNaN(data56))) {
        const err141 = {
          instancePath: instancePath + "/checkpoint_target_interval_seconds",
          schemaPath: "#/properties/checkpoint_target_interval_seconds/type",
          keyword: "type",
          params: { type: "integer" },
          message: "must be integer",
        };
        if (vErrors === null) {
          vErrors = [err141];
        } else {
          vErrors.push(err141);
        }
        errors++;
      }
      if (typeof data56 == "number") {
        if (data56 < 0 || isNaN(data56)) {
          const err142 = {
            instancePath: instancePath + "/checkpoint_target_interval_seconds",
            schemaPath: "#/properties/checkpoint_target_interval_seconds/minimum",
            keyword: "minimum",
            params: { comparison: ">=", limit: 0 },
            message: "must be >= 0",
          };
          if (vErrors === null) {
            vErrors = [err142];
          } else {
            vErrors.push(err142);
          }
          errors++;
        }
      }
    }
    if (data.late_commit_window !== undefined) {
      let data57 = data.late_commit_window;
      if (!(typeof data57 == "number" && !(data57 % 1) && !isNaN(data57))) {
        const err143 = {
          instancePath: instancePath + "/late_commit_window",
          schemaPath: "#/properties/late_commit_window/type",
          keyword: "type",
          params: { type: "integer" },
          message: "must be integer",
        };
        if (vErrors === null) {
          vErrors = [err143];
        } else {
          vErrors.push(err143);
        }
        errors++;
      }
      if (typeof data57 == "number") {
        if (data57 < 0 || isNaN(data57)) {
          const err144 = {
            instancePath: instancePath + "/late_commit_window",
            schemaPath: "#/properties/late_commit_window/minimum",
            keyword: "minimum",
            params: { comparison: ">=", limit: 0 },
            message: "must be >= 0",
          };
          if (vErrors === null) {
            vErrors = [err144];
          } else {
            vErrors.push(err144);
          }
          errors++;
        }
      }
    }
    if (data.max_row_bytes !== undefined) {
      let data58 = data.max_row_bytes;
      if (!(typeof data58 == "number" && !(data58 % 1) && !isNaN(data58))) {
        const err145 = {
          instancePath: instancePath + "/max_row_bytes",
          schemaPath: "#/properties/max_row_bytes/type",
          keyword: "type",
          params: { type: "integer" },
          message: "must be integer",
        };
        if (vErrors === null) {
          vErrors = [err145];
        } else {
          vErrors.push(err145);
        }
        errors++;
      }
      if (typeof data58 == "number") {
        if (data58 > 1073741823 || isNaN(data58)) {
          const err146 = {
            instancePath: instancePath + "/max_row_bytes",
            schemaPath: "#/properties/max_row_bytes/maximum",
            keyword: "maximum",
            params: { comparison: "<=", limit: 1073741823 },
            message: "must be <= 1073741823",
          };
          if (vErrors === null) {
            vErrors = [err146];
          } else {
            vErrors.push(err146);
          }
          errors++;
        }
        if (data58 < 1024 || isNaN(data58)) {
          const err147 = {
            instancePath: instancePath + "/max_row_bytes",
            schemaPath: "#/properties/max_row_bytes/minimum",
            keyword: "minimum",
            params: { comparison: ">=", limit: 1024 },
            message: "must be >= 1024",
          };
          if (vErrors === null) {
            vErrors = [err147];
          } else {
            vErrors.push(err147);
          }
          errors++;
        }
      }
    }
    if (data.lock !== undefined) {
      let data59 = data.lock;
      if (typeof data59 !== "string") {
        const err148 = {
          instancePath: instancePath + "/lock",
          schemaPath: "#/properties/lock/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err148];
        } else {
          vErrors.push(err148);
        }
        errors++;
      }
      if (!(data59 === "one_moment" || data59 === "per_stream")) {
        const err149 = {
          instancePath: instancePath + "/lock",
          schemaPath: "#/properties/lock/enum",
          keyword: "enum",
          params: { allowedValues: schema11.properties.lock.enum },
          message: "must be equal to one of the allowed values",
        };
        if (vErrors === null) {
          vErrors = [err149];
        } else {
          vErrors.push(err149);
        }
        errors++;
      }
    }
    if (data.encoding !== undefined) {
      let data60 = data.encoding;
      if (typeof data60 !== "string") {
        const err150 = {
          instancePath: instancePath + "/encoding",
          schemaPath: "#/properties/encoding/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err150];
        } else {
          vErrors.push(err150);
        }
        errors++;
      }
      if (!(
        data60 === "fail" ||
        data60 === "latin1" ||
        data60 === "replace" ||
        data60 === "null"
      )) {
        const err151 = {
          instancePath: instancePath + "/encoding",
          schemaPath: "#/properties/encoding/enum",
          keyword: "enum",
          params: { allowedValues: schema11.properties.encoding.enum },
          message: "must be equal to one of the allowed values",
        };
        if (vErrors === null) {
          vErrors = [err151];
        } else {
          vErrors.push(err151);
        }
        errors++;
      }
    }
    if (data.row_security !== undefined) {
      let data61 = data.row_security;
      if (typeof data61 !== "string") {
        const err152 = {
          instancePath: instancePath + "/row_security",
          schemaPath: "#/properties/row_security/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err152];
        } else {
          vErrors.push(err152);
        }
        errors++;
      }
      if (!(data61 === "off" || data61 === "on")) {
        const err153 = {
          instancePath: instancePath + "/row_security",
          schemaPath: "#/properties/row_security/enum",
          keyword: "enum",
          params: { allowedValues: schema11.properties.row_security.enum },
          message: "must be equal to one of the allowed values",
        };
        if (vErrors === null) {
          vErrors = [err153];
        } else {
          vErrors.push(err153);
        }
        errors++;
      }
    }
  } else {
    const err154 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err154];
    } else {
      vErrors.push(err154);
    }
    errors++;
  }
  validate10.errors = vErrors;
  return errors === 0;
}
