// @ts-nocheck
/* oxlint-disable */
/* Written by a program from the schemas. Change those, then run the test of this file with -u. */

export const isConfig = validate10;
const schema11 = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Postgres Destination Spec",
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
    schema: {
      type: "string",
      title: "Default Schema",
      description: "The schema for streams that have no namespace.",
      default: "public",
      minLength: 1,
      order: 3,
      group: "db",
    },
    tables: {
      type: "string",
      title: "Tables",
      description:
        "raw_and_final: the JSON of every record and typed tables made from it. final_only: typed tables alone, fastest. raw_only: the JSON alone.",
      enum: ["raw_and_final", "final_only", "raw_only"],
      default: "raw_and_final",
      order: 20,
      group: "advanced",
    },
    column_types: {
      type: "string",
      title: "Column Types",
      description:
        "protocol: columns as any source would get them. native: the exact PostgreSQL types of a PostgreSQL source.",
      enum: ["protocol", "native"],
      default: "protocol",
      order: 21,
      group: "advanced",
    },
    hashid: {
      type: "boolean",
      title: "Hash Column",
      description: "Adds _airbyte_<stream>_hashid, the md5 of a row's values, to final tables.",
      default: false,
      order: 22,
      group: "advanced",
    },
    history: {
      type: "boolean",
      title: "History Tables",
      description: "Whether deduped streams keep every version of a row in <stream>_scd.",
      default: true,
      order: 23,
      group: "advanced",
    },
    cdc_deletion_mode: {
      type: "string",
      title: "CDC Deletion Mode",
      description:
        "What becomes of rows of a deduped stream that its source says are deleted. Hard delete: they go. Soft delete: they stay as they were, with the time in _ab_cdc_deleted_at.",
      enum: ["Hard delete", "Soft delete"],
      default: "Hard delete",
      order: 24,
      group: "advanced",
    },
    bookkeeping_schema: {
      type: "string",
      title: "Bookkeeping Schema",
      description:
        "Where the positions of connections and unfinished tables are kept. By default _syncline, or _syncline_ and the user's name where another user made that one and did not grant its use. Positions do not move along when it is changed.",
      minLength: 1,
      order: 25,
      group: "advanced",
    },
  },
};
const func2 = Object.prototype.hasOwnProperty;
const func3 = (text) => [...text].length;

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
    if (data.schema !== undefined) {
      let data40 = data.schema;
      if (typeof data40 === "string") {
        if (func3(data40) < 1) {
          const err100 = {
            instancePath: instancePath + "/schema",
            schemaPath: "#/properties/schema/minLength",
            keyword: "minLength",
            params: { limit: 1 },
            message: "must NOT have fewer than 1 characters",
          };
          if (vErrors === null) {
            vErrors = [err100];
          } else {
            vErrors.push(err100);
          }
          errors++;
        }
      } else {
        const err101 = {
          instancePath: instancePath + "/schema",
          schemaPath: "#/properties/schema/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err101];
        } else {
          vErrors.push(err101);
        }
        errors++;
      }
    }
    if (data.tables !== undefined) {
      let data41 = data.tables;
      if (typeof data41 !== "string") {
        const err102 = {
          instancePath: instancePath + "/tables",
          schemaPath: "#/properties/tables/type",
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
      if (!(data41 === "raw_and_final" || data41 === "final_only" || data41 === "raw_only")) {
        const err103 = {
          instancePath: instancePath + "/tables",
          schemaPath: "#/properties/tables/enum",
          keyword: "enum",
          params: { allowedValues: schema11.properties.tables.enum },
          message: "must be equal to one of the allowed values",
        };
        if (vErrors === null) {
          vErrors = [err103];
        } else {
          vErrors.push(err103);
        }
        errors++;
      }
    }
    if (data.column_types !== undefined) {
      let data42 = data.column_types;
      if (typeof data42 !== "string") {
        const err104 = {
          instancePath: instancePath + "/column_types",
          schemaPath: "#/properties/column_types/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err104];
        } else {
          vErrors.push(err104);
        }
        errors++;
      }
      if (!(data42 === "protocol" || data42 === "native")) {
        const err105 = {
          instancePath: instancePath + "/column_types",
          schemaPath: "#/properties/column_types/enum",
          keyword: "enum",
          params: { allowedValues: schema11.properties.column_types.enum },
          message: "must be equal to one of the allowed values",
        };
        if (vErrors === null) {
          vErrors = [err105];
        } else {
          vErrors.push(err105);
        }
        errors++;
      }
    }
    if (data.hashid !== undefined) {
      if (typeof data.hashid !== "boolean") {
        const err106 = {
          instancePath: instancePath + "/hashid",
          schemaPath: "#/properties/hashid/type",
          keyword: "type",
          params: { type: "boolean" },
          message: "must be boolean",
        };
        if (vErrors === null) {
          vErrors = [err106];
        } else {
          vErrors.push(err106);
        }
        errors++;
      }
    }
    if (data.history !== undefined) {
      if (typeof data.history !== "boolean") {
        const err107 = {
          instancePath: instancePath + "/history",
          schemaPath: "#/properties/history/type",
          keyword: "type",
          params: { type: "boolean" },
          message: "must be boolean",
        };
        if (vErrors === null) {
          vErrors = [err107];
        } else {
          vErrors.push(err107);
        }
        errors++;
      }
    }
    if (data.cdc_deletion_mode !== undefined) {
      let data45 = data.cdc_deletion_mode;
      if (typeof data45 !== "string") {
        const err108 = {
          instancePath: instancePath + "/cdc_deletion_mode",
          schemaPath: "#/properties/cdc_deletion_mode/type",
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
      if (!(data45 === "Hard delete" || data45 === "Soft delete")) {
        const err109 = {
          instancePath: instancePath + "/cdc_deletion_mode",
          schemaPath: "#/properties/cdc_deletion_mode/enum",
          keyword: "enum",
          params: { allowedValues: schema11.properties.cdc_deletion_mode.enum },
          message: "must be equal to one of the allowed values",
        };
        if (vErrors === null) {
          vErrors = [err109];
        } else {
          vErrors.push(err109);
        }
        errors++;
      }
    }
    if (data.bookkeeping_schema !== undefined) {
      let data46 = data.bookkeeping_schema;
      if (typeof data46 === "string") {
        if (func3(data46) < 1) {
          const err110 = {
            instancePath: instancePath + "/bookkeeping_schema",
            schemaPath: "#/properties/bookkeeping_schema/minLength",
            keyword: "minLength",
            params: { limit: 1 },
            message: "must NOT have fewer than 1 characters",
          };
          if (vErrors === null) {
            vErrors = [err110];
          } else {
            vErrors.push(err110);
          }
          errors++;
        }
      } else {
        const err111 = {
          instancePath: instancePath + "/bookkeeping_schema",
          schemaPath: "#/properties/bookkeeping_schema/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err111];
        } else {
          vErrors.push(err111);
        }
        errors++;
      }
    }
  } else {
    const err112 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err112];
    } else {
      vErrors.push(err112);
    }
    errors++;
  }
  validate10.errors = vErrors;
  return errors === 0;
}
