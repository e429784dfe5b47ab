// @ts-nocheck
/* oxlint-disable */
/* Written by a program from the schemas. Change those, then run the test of this file with -u. */

export const config = validate10;
const schema11 = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "syncline.yaml",
  type: "object",
  additionalProperties: false,
  required: ["sources", "destinations", "connections"],
  properties: {
    sources: {
      type: "object",
      propertyNames: { pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        properties: {
          connector: {
            type: "string",
            pattern: ".",
            description:
              "A connector that comes with syncline: source-postgres, destination-postgres.",
          },
          command: {
            type: "array",
            items: { type: "string", pattern: "." },
            minItems: 1,
            description:
              "Program and arguments of any Airbyte-protocol connector. Arguments that begin with ./ or ../ are taken from this file's folder. No shell is involved.",
          },
          image: {
            type: "string",
            pattern: ".",
            description: "Docker images are not supported: use `command`.",
          },
          config: {
            type: "object",
            description:
              "The connector's own settings; `syncline discover` and `check` explain them.",
          },
          config_file: {
            type: "string",
            pattern: ".",
            description: "A JSON or YAML file holding the settings instead.",
          },
          env: {
            type: "object",
            additionalProperties: { type: "string" },
            description: "Environment variables for this connector.",
          },
        },
      },
    },
    destinations: {
      type: "object",
      propertyNames: { pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        properties: {
          connector: {
            type: "string",
            pattern: ".",
            description:
              "A connector that comes with syncline: source-postgres, destination-postgres.",
          },
          command: {
            type: "array",
            items: { type: "string", pattern: "." },
            minItems: 1,
            description:
              "Program and arguments of any Airbyte-protocol connector. Arguments that begin with ./ or ../ are taken from this file's folder. No shell is involved.",
          },
          image: {
            type: "string",
            pattern: ".",
            description: "Docker images are not supported: use `command`.",
          },
          config: {
            type: "object",
            description:
              "The connector's own settings; `syncline discover` and `check` explain them.",
          },
          config_file: {
            type: "string",
            pattern: ".",
            description: "A JSON or YAML file holding the settings instead.",
          },
          env: {
            type: "object",
            additionalProperties: { type: "string" },
            description: "Environment variables for this connector.",
          },
        },
      },
    },
    connections: {
      type: "object",
      propertyNames: { pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["source", "destination"],
        properties: {
          source: { type: "string", pattern: "." },
          destination: { type: "string", pattern: "." },
          prefix: { type: "string", default: "", description: "Put before every table name." },
          namespace: {
            type: "string",
            default: "destination",
            description:
              "destination: the destination's default schema. source: the source's schema. Or a format such as my_${SOURCE_NAMESPACE}.",
          },
          streams: {
            type: "array",
            minItems: 1,
            items: {
              oneOf: [
                { type: "string", pattern: "." },
                {
                  type: "object",
                  additionalProperties: false,
                  required: ["name"],
                  properties: {
                    name: {
                      type: "string",
                      pattern: ".",
                      description: "Stream name; * and ? match as in a shell.",
                    },
                    namespace: {
                      type: "string",
                      pattern: ".",
                      description: "Schema at the source; * and ? match.",
                    },
                    sync_mode: { enum: ["full_refresh", "incremental"], default: "full_refresh" },
                    destination_sync_mode: {
                      enum: ["append", "overwrite", "append_dedup"],
                      description: "Default: overwrite for full_refresh, append for incremental.",
                    },
                    cursor_field: {
                      oneOf: [
                        { type: "string", pattern: "." },
                        { type: "array", items: { type: "string", pattern: "." }, minItems: 1 },
                      ],
                      description:
                        "The column that grows whenever a row changes. Needed by incremental.",
                    },
                    fields: {
                      type: "array",
                      items: { type: "string", pattern: "." },
                      minItems: 1,
                      description: "Columns to copy; cursor and key must be among them.",
                    },
                    primary_key: {
                      oneOf: [
                        { type: "string", pattern: "." },
                        {
                          type: "array",
                          minItems: 1,
                          items: {
                            oneOf: [
                              { type: "string", pattern: "." },
                              {
                                type: "array",
                                items: { type: "string", pattern: "." },
                                minItems: 1,
                              },
                            ],
                          },
                        },
                      ],
                      description: "The columns that identify a row. Needed by append_dedup.",
                    },
                  },
                },
              ],
            },
            description: "What to copy. Default: every stream, full_refresh and overwrite.",
          },
          exclude: {
            type: "array",
            items: { type: "string", pattern: "." },
            minItems: 1,
            description: "Streams to leave out, by name or namespace.name; * and ? match.",
          },
          schema_changes: {
            enum: ["propagate", "propagate_columns", "ignore", "pause"],
            default: "propagate",
            description: "What to do when the source's tables change between syncs.",
          },
          retry: {
            type: "object",
            additionalProperties: false,
            properties: {
              max_attempts: { type: "integer", minimum: 1, default: 5 },
              first_delay_seconds: { type: "number", minimum: 0, default: 10 },
              max_delay_seconds: { type: "number", minimum: 0, default: 1800 },
            },
          },
          limits: {
            type: "object",
            additionalProperties: false,
            properties: {
              start_seconds: { type: "number", exclusiveMinimum: 0, default: 60 },
              source_silence_seconds: { type: "number", exclusiveMinimum: 0, default: 7200 },
              destination_silence_seconds: { type: "number", exclusiveMinimum: 0, default: 7200 },
              stop_seconds: { type: "number", exclusiveMinimum: 0, default: 10 },
            },
          },
        },
      },
    },
  },
};
const pattern0 = new RegExp("^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", "u");
const pattern1 = new RegExp(".", "u");
const func2 = Object.prototype.hasOwnProperty;

function validate10(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.sources === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "sources" },
        message: "must have required property '" + "sources" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.destinations === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "destinations" },
        message: "must have required property '" + "destinations" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.connections === undefined) {
      const err2 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "connections" },
        message: "must have required property '" + "connections" + "'",
      };
      if (vErrors === null) {
        vErrors = [err2];
      } else {
        vErrors.push(err2);
      }
      errors++;
    }
    for (const key0 in data) {
      if (!(key0 === "sources" || key0 === "destinations" || key0 === "connections")) {
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
    if (data.sources !== undefined) {
      let data0 = data.sources;
      if (data0 && typeof data0 == "object" && !Array.isArray(data0)) {
        for (const key1 in data0) {
          const _errs4 = errors;
          if (typeof key1 === "string") {
            if (!pattern0.test(key1)) {
              const err4 = {
                instancePath: instancePath + "/sources",
                schemaPath: "#/properties/sources/propertyNames/pattern",
                keyword: "pattern",
                params: { pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" },
                message: 'must match pattern "' + "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" + '"',
                propertyName: key1,
              };
              if (vErrors === null) {
                vErrors = [err4];
              } else {
                vErrors.push(err4);
              }
              errors++;
            }
          }
          var valid1 = _errs4 === errors;
          if (!valid1) {
            const err5 = {
              instancePath: instancePath + "/sources",
              schemaPath: "#/properties/sources/propertyNames",
              keyword: "propertyNames",
              params: { propertyName: key1 },
              message: "property name must be valid",
            };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
        }
        for (const key2 in data0) {
          let data1 = data0[key2];
          if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
            for (const key3 in data1) {
              if (!(
                key3 === "connector" ||
                key3 === "command" ||
                key3 === "image" ||
                key3 === "config" ||
                key3 === "config_file" ||
                key3 === "env"
              )) {
                const err6 = {
                  instancePath:
                    instancePath + "/sources/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),
                  schemaPath: "#/properties/sources/additionalProperties/additionalProperties",
                  keyword: "additionalProperties",
                  params: { additionalProperty: key3 },
                  message: "must NOT have additional properties",
                };
                if (vErrors === null) {
                  vErrors = [err6];
                } else {
                  vErrors.push(err6);
                }
                errors++;
              }
            }
            if (data1.connector !== undefined) {
              let data2 = data1.connector;
              if (typeof data2 === "string") {
                if (!pattern1.test(data2)) {
                  const err7 = {
                    instancePath:
                      instancePath +
                      "/sources/" +
                      key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/connector",
                    schemaPath:
                      "#/properties/sources/additionalProperties/properties/connector/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err7];
                  } else {
                    vErrors.push(err7);
                  }
                  errors++;
                }
              } else {
                const err8 = {
                  instancePath:
                    instancePath +
                    "/sources/" +
                    key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/connector",
                  schemaPath: "#/properties/sources/additionalProperties/properties/connector/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err8];
                } else {
                  vErrors.push(err8);
                }
                errors++;
              }
            }
            if (data1.command !== undefined) {
              let data3 = data1.command;
              if (Array.isArray(data3)) {
                if (data3.length < 1) {
                  const err9 = {
                    instancePath:
                      instancePath +
                      "/sources/" +
                      key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/command",
                    schemaPath:
                      "#/properties/sources/additionalProperties/properties/command/minItems",
                    keyword: "minItems",
                    params: { limit: 1 },
                    message: "must NOT have fewer than 1 items",
                  };
                  if (vErrors === null) {
                    vErrors = [err9];
                  } else {
                    vErrors.push(err9);
                  }
                  errors++;
                }
                const len0 = data3.length;
                for (let i0 = 0; i0 < len0; i0++) {
                  let data4 = data3[i0];
                  if (typeof data4 === "string") {
                    if (!pattern1.test(data4)) {
                      const err10 = {
                        instancePath:
                          instancePath +
                          "/sources/" +
                          key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/command/" +
                          i0,
                        schemaPath:
                          "#/properties/sources/additionalProperties/properties/command/items/pattern",
                        keyword: "pattern",
                        params: { pattern: "." },
                        message: 'must match pattern "' + "." + '"',
                      };
                      if (vErrors === null) {
                        vErrors = [err10];
                      } else {
                        vErrors.push(err10);
                      }
                      errors++;
                    }
                  } else {
                    const err11 = {
                      instancePath:
                        instancePath +
                        "/sources/" +
                        key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/command/" +
                        i0,
                      schemaPath:
                        "#/properties/sources/additionalProperties/properties/command/items/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err11];
                    } else {
                      vErrors.push(err11);
                    }
                    errors++;
                  }
                }
              } else {
                const err12 = {
                  instancePath:
                    instancePath +
                    "/sources/" +
                    key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/command",
                  schemaPath: "#/properties/sources/additionalProperties/properties/command/type",
                  keyword: "type",
                  params: { type: "array" },
                  message: "must be array",
                };
                if (vErrors === null) {
                  vErrors = [err12];
                } else {
                  vErrors.push(err12);
                }
                errors++;
              }
            }
            if (data1.image !== undefined) {
              let data5 = data1.image;
              if (typeof data5 === "string") {
                if (!pattern1.test(data5)) {
                  const err13 = {
                    instancePath:
                      instancePath +
                      "/sources/" +
                      key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/image",
                    schemaPath:
                      "#/properties/sources/additionalProperties/properties/image/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err13];
                  } else {
                    vErrors.push(err13);
                  }
                  errors++;
                }
              } else {
                const err14 = {
                  instancePath:
                    instancePath +
                    "/sources/" +
                    key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/image",
                  schemaPath: "#/properties/sources/additionalProperties/properties/image/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err14];
                } else {
                  vErrors.push(err14);
                }
                errors++;
              }
            }
            if (data1.config !== undefined) {
              let data6 = data1.config;
              if (!(data6 && typeof data6 == "object" && !Array.isArray(data6))) {
                const err15 = {
                  instancePath:
                    instancePath +
                    "/sources/" +
                    key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/config",
                  schemaPath: "#/properties/sources/additionalProperties/properties/config/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
                };
                if (vErrors === null) {
                  vErrors = [err15];
                } else {
                  vErrors.push(err15);
                }
                errors++;
              }
            }
            if (data1.config_file !== undefined) {
              let data7 = data1.config_file;
              if (typeof data7 === "string") {
                if (!pattern1.test(data7)) {
                  const err16 = {
                    instancePath:
                      instancePath +
                      "/sources/" +
                      key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/config_file",
                    schemaPath:
                      "#/properties/sources/additionalProperties/properties/config_file/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err16];
                  } else {
                    vErrors.push(err16);
                  }
                  errors++;
                }
              } else {
                const err17 = {
                  instancePath:
                    instancePath +
                    "/sources/" +
                    key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/config_file",
                  schemaPath:
                    "#/properties/sources/additionalProperties/properties/config_file/type",
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
            }
            if (data1.env !== undefined) {
              let data8 = data1.env;
              if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
                for (const key4 in data8) {
                  if (typeof data8[key4] !== "string") {
                    const err18 = {
                      instancePath:
                        instancePath +
                        "/sources/" +
                        key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/env/" +
                        key4.replace(/~/g, "~0").replace(/\//g, "~1"),
                      schemaPath:
                        "#/properties/sources/additionalProperties/properties/env/additionalProperties/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err18];
                    } else {
                      vErrors.push(err18);
                    }
                    errors++;
                  }
                }
              } else {
                const err19 = {
                  instancePath:
                    instancePath +
                    "/sources/" +
                    key2.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/env",
                  schemaPath: "#/properties/sources/additionalProperties/properties/env/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
                };
                if (vErrors === null) {
                  vErrors = [err19];
                } else {
                  vErrors.push(err19);
                }
                errors++;
              }
            }
          } else {
            const err20 = {
              instancePath:
                instancePath + "/sources/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),
              schemaPath: "#/properties/sources/additionalProperties/type",
              keyword: "type",
              params: { type: "object" },
              message: "must be object",
            };
            if (vErrors === null) {
              vErrors = [err20];
            } else {
              vErrors.push(err20);
            }
            errors++;
          }
        }
      } else {
        const err21 = {
          instancePath: instancePath + "/sources",
          schemaPath: "#/properties/sources/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err21];
        } else {
          vErrors.push(err21);
        }
        errors++;
      }
    }
    if (data.destinations !== undefined) {
      let data10 = data.destinations;
      if (data10 && typeof data10 == "object" && !Array.isArray(data10)) {
        for (const key5 in data10) {
          const _errs28 = errors;
          if (typeof key5 === "string") {
            if (!pattern0.test(key5)) {
              const err22 = {
                instancePath: instancePath + "/destinations",
                schemaPath: "#/properties/destinations/propertyNames/pattern",
                keyword: "pattern",
                params: { pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" },
                message: 'must match pattern "' + "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" + '"',
                propertyName: key5,
              };
              if (vErrors === null) {
                vErrors = [err22];
              } else {
                vErrors.push(err22);
              }
              errors++;
            }
          }
          var valid7 = _errs28 === errors;
          if (!valid7) {
            const err23 = {
              instancePath: instancePath + "/destinations",
              schemaPath: "#/properties/destinations/propertyNames",
              keyword: "propertyNames",
              params: { propertyName: key5 },
              message: "property name must be valid",
            };
            if (vErrors === null) {
              vErrors = [err23];
            } else {
              vErrors.push(err23);
            }
            errors++;
          }
        }
        for (const key6 in data10) {
          let data11 = data10[key6];
          if (data11 && typeof data11 == "object" && !Array.isArray(data11)) {
            for (const key7 in data11) {
              if (!(
                key7 === "connector" ||
                key7 === "command" ||
                key7 === "image" ||
                key7 === "config" ||
                key7 === "config_file" ||
                key7 === "env"
              )) {
                const err24 = {
                  instancePath:
                    instancePath + "/destinations/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),
                  schemaPath: "#/properties/destinations/additionalProperties/additionalProperties",
                  keyword: "additionalProperties",
                  params: { additionalProperty: key7 },
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
            if (data11.connector !== undefined) {
              let data12 = data11.connector;
              if (typeof data12 === "string") {
                if (!pattern1.test(data12)) {
                  const err25 = {
                    instancePath:
                      instancePath +
                      "/destinations/" +
                      key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/connector",
                    schemaPath:
                      "#/properties/destinations/additionalProperties/properties/connector/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err25];
                  } else {
                    vErrors.push(err25);
                  }
                  errors++;
                }
              } else {
                const err26 = {
                  instancePath:
                    instancePath +
                    "/destinations/" +
                    key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/connector",
                  schemaPath:
                    "#/properties/destinations/additionalProperties/properties/connector/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err26];
                } else {
                  vErrors.push(err26);
                }
                errors++;
              }
            }
            if (data11.command !== undefined) {
              let data13 = data11.command;
              if (Array.isArray(data13)) {
                if (data13.length < 1) {
                  const err27 = {
                    instancePath:
                      instancePath +
                      "/destinations/" +
                      key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/command",
                    schemaPath:
                      "#/properties/destinations/additionalProperties/properties/command/minItems",
                    keyword: "minItems",
                    params: { limit: 1 },
                    message: "must NOT have fewer than 1 items",
                  };
                  if (vErrors === null) {
                    vErrors = [err27];
                  } else {
                    vErrors.push(err27);
                  }
                  errors++;
                }
                const len1 = data13.length;
                for (let i1 = 0; i1 < len1; i1++) {
                  let data14 = data13[i1];
                  if (typeof data14 === "string") {
                    if (!pattern1.test(data14)) {
                      const err28 = {
                        instancePath:
                          instancePath +
                          "/destinations/" +
                          key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/command/" +
                          i1,
                        schemaPath:
                          "#/properties/destinations/additionalProperties/properties/command/items/pattern",
                        keyword: "pattern",
                        params: { pattern: "." },
                        message: 'must match pattern "' + "." + '"',
                      };
                      if (vErrors === null) {
                        vErrors = [err28];
                      } else {
                        vErrors.push(err28);
                      }
                      errors++;
                    }
                  } else {
                    const err29 = {
                      instancePath:
                        instancePath +
                        "/destinations/" +
                        key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/command/" +
                        i1,
                      schemaPath:
                        "#/properties/destinations/additionalProperties/properties/command/items/type",
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
                }
              } else {
                const err30 = {
                  instancePath:
                    instancePath +
                    "/destinations/" +
                    key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/command",
                  schemaPath:
                    "#/properties/destinations/additionalProperties/properties/command/type",
                  keyword: "type",
                  params: { type: "array" },
                  message: "must be array",
                };
                if (vErrors === null) {
                  vErrors = [err30];
                } else {
                  vErrors.push(err30);
                }
                errors++;
              }
            }
            if (data11.image !== undefined) {
              let data15 = data11.image;
              if (typeof data15 === "string") {
                if (!pattern1.test(data15)) {
                  const err31 = {
                    instancePath:
                      instancePath +
                      "/destinations/" +
                      key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/image",
                    schemaPath:
                      "#/properties/destinations/additionalProperties/properties/image/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err31];
                  } else {
                    vErrors.push(err31);
                  }
                  errors++;
                }
              } else {
                const err32 = {
                  instancePath:
                    instancePath +
                    "/destinations/" +
                    key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/image",
                  schemaPath:
                    "#/properties/destinations/additionalProperties/properties/image/type",
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
            if (data11.config !== undefined) {
              let data16 = data11.config;
              if (!(data16 && typeof data16 == "object" && !Array.isArray(data16))) {
                const err33 = {
                  instancePath:
                    instancePath +
                    "/destinations/" +
                    key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/config",
                  schemaPath:
                    "#/properties/destinations/additionalProperties/properties/config/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
                };
                if (vErrors === null) {
                  vErrors = [err33];
                } else {
                  vErrors.push(err33);
                }
                errors++;
              }
            }
            if (data11.config_file !== undefined) {
              let data17 = data11.config_file;
              if (typeof data17 === "string") {
                if (!pattern1.test(data17)) {
                  const err34 = {
                    instancePath:
                      instancePath +
                      "/destinations/" +
                      key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/config_file",
                    schemaPath:
                      "#/properties/destinations/additionalProperties/properties/config_file/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err34];
                  } else {
                    vErrors.push(err34);
                  }
                  errors++;
                }
              } else {
                const err35 = {
                  instancePath:
                    instancePath +
                    "/destinations/" +
                    key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/config_file",
                  schemaPath:
                    "#/properties/destinations/additionalProperties/properties/config_file/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err35];
                } else {
                  vErrors.push(err35);
                }
                errors++;
              }
            }
            if (data11.env !== undefined) {
              let data18 = data11.env;
              if (data18 && typeof data18 == "object" && !Array.isArray(data18)) {
                for (const key8 in data18) {
                  if (typeof data18[key8] !== "string") {
                    const err36 = {
                      instancePath:
                        instancePath +
                        "/destinations/" +
                        key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/env/" +
                        key8.replace(/~/g, "~0").replace(/\//g, "~1"),
                      schemaPath:
                        "#/properties/destinations/additionalProperties/properties/env/additionalProperties/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err36];
                    } else {
                      vErrors.push(err36);
                    }
                    errors++;
                  }
                }
              } else {
                const err37 = {
                  instancePath:
                    instancePath +
                    "/destinations/" +
                    key6.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/env",
                  schemaPath: "#/properties/destinations/additionalProperties/properties/env/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
                };
                if (vErrors === null) {
                  vErrors = [err37];
                } else {
                  vErrors.push(err37);
                }
                errors++;
              }
            }
          } else {
            const err38 = {
              instancePath:
                instancePath + "/destinations/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),
              schemaPath: "#/properties/destinations/additionalProperties/type",
              keyword: "type",
              params: { type: "object" },
              message: "must be object",
            };
            if (vErrors === null) {
              vErrors = [err38];
            } else {
              vErrors.push(err38);
            }
            errors++;
          }
        }
      } else {
        const err39 = {
          instancePath: instancePath + "/destinations",
          schemaPath: "#/properties/destinations/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err39];
        } else {
          vErrors.push(err39);
        }
        errors++;
      }
    }
    if (data.connections !== undefined) {
      let data20 = data.connections;
      if (data20 && typeof data20 == "object" && !Array.isArray(data20)) {
        for (const key9 in data20) {
          const _errs52 = errors;
          if (typeof key9 === "string") {
            if (!pattern0.test(key9)) {
              const err40 = {
                instancePath: instancePath + "/connections",
                schemaPath: "#/properties/connections/propertyNames/pattern",
                keyword: "pattern",
                params: { pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" },
                message: 'must match pattern "' + "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$" + '"',
                propertyName: key9,
              };
              if (vErrors === null) {
                vErrors = [err40];
              } else {
                vErrors.push(err40);
              }
              errors++;
            }
          }
          var valid13 = _errs52 === errors;
          if (!valid13) {
            const err41 = {
              instancePath: instancePath + "/connections",
              schemaPath: "#/properties/connections/propertyNames",
              keyword: "propertyNames",
              params: { propertyName: key9 },
              message: "property name must be valid",
            };
            if (vErrors === null) {
              vErrors = [err41];
            } else {
              vErrors.push(err41);
            }
            errors++;
          }
        }
        for (const key10 in data20) {
          let data21 = data20[key10];
          if (data21 && typeof data21 == "object" && !Array.isArray(data21)) {
            if (data21.source === undefined) {
              const err42 = {
                instancePath:
                  instancePath + "/connections/" + key10.replace(/~/g, "~0").replace(/\//g, "~1"),
                schemaPath: "#/properties/connections/additionalProperties/required",
                keyword: "required",
                params: { missingProperty: "source" },
                message: "must have required property '" + "source" + "'",
              };
              if (vErrors === null) {
                vErrors = [err42];
              } else {
                vErrors.push(err42);
              }
              errors++;
            }
            if (data21.destination === undefined) {
              const err43 = {
                instancePath:
                  instancePath + "/connections/" + key10.replace(/~/g, "~0").replace(/\//g, "~1"),
                schemaPath: "#/properties/connections/additionalProperties/required",
                keyword: "required",
                params: { missingProperty: "destination" },
                message: "must have required property '" + "destination" + "'",
              };
              if (vErrors === null) {
                vErrors = [err43];
              } else {
                vErrors.push(err43);
              }
              errors++;
            }
            for (const key11 in data21) {
              if (
                !func2.call(schema11.properties.connections.additionalProperties.properties, key11)
              ) {
                const err44 = {
                  instancePath:
                    instancePath + "/connections/" + key10.replace(/~/g, "~0").replace(/\//g, "~1"),
                  schemaPath: "#/properties/connections/additionalProperties/additionalProperties",
                  keyword: "additionalProperties",
                  params: { additionalProperty: key11 },
                  message: "must NOT have additional properties",
                };
                if (vErrors === null) {
                  vErrors = [err44];
                } else {
                  vErrors.push(err44);
                }
                errors++;
              }
            }
            if (data21.source !== undefined) {
              let data22 = data21.source;
              if (typeof data22 === "string") {
                if (!pattern1.test(data22)) {
                  const err45 = {
                    instancePath:
                      instancePath +
                      "/connections/" +
                      key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/source",
                    schemaPath:
                      "#/properties/connections/additionalProperties/properties/source/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err45];
                  } else {
                    vErrors.push(err45);
                  }
                  errors++;
                }
              } else {
                const err46 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/source",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/source/type",
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
            }
            if (data21.destination !== undefined) {
              let data23 = data21.destination;
              if (typeof data23 === "string") {
                if (!pattern1.test(data23)) {
                  const err47 = {
                    instancePath:
                      instancePath +
                      "/connections/" +
                      key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/destination",
                    schemaPath:
                      "#/properties/connections/additionalProperties/properties/destination/pattern",
                    keyword: "pattern",
                    params: { pattern: "." },
                    message: 'must match pattern "' + "." + '"',
                  };
                  if (vErrors === null) {
                    vErrors = [err47];
                  } else {
                    vErrors.push(err47);
                  }
                  errors++;
                }
              } else {
                const err48 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/destination",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/destination/type",
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
            if (data21.prefix !== undefined) {
              if (typeof data21.prefix !== "string") {
                const err49 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/prefix",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/prefix/type",
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
            if (data21.namespace !== undefined) {
              if (typeof data21.namespace !== "string") {
                const err50 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/namespace",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/namespace/type",
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
            if (data21.streams !== undefined) {
              let data26 = data21.streams;
              if (Array.isArray(data26)) {
                if (data26.length < 1) {
                  const err51 = {
                    instancePath:
                      instancePath +
                      "/connections/" +
                      key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/streams",
                    schemaPath:
                      "#/properties/connections/additionalProperties/properties/streams/minItems",
                    keyword: "minItems",
                    params: { limit: 1 },
                    message: "must NOT have fewer than 1 items",
                  };
                  if (vErrors === null) {
                    vErrors = [err51];
                  } else {
                    vErrors.push(err51);
                  }
                  errors++;
                }
                const len2 = data26.length;
                for (let i2 = 0; i2 < len2; i2++) {
                  let data27 = data26[i2];
                  const _errs68 = errors;
                  let valid18 = false;
                  let passing0 = null;
                  const _errs69 = errors;
                  if (typeof data27 === "string") {
                    if (!pattern1.test(data27)) {
                      const err52 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/streams/" +
                          i2,
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/streams/items/oneOf/0/pattern",
                        keyword: "pattern",
                        params: { pattern: "." },
                        message: 'must match pattern "' + "." + '"',
                      };
                      if (vErrors === null) {
                        vErrors = [err52];
                      } else {
                        vErrors.push(err52);
                      }
                      errors++;
                    }
                  } else {
                    const err53 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/streams/" +
                        i2,
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/streams/items/oneOf/0/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err53];
                    } else {
                      vErrors.push(err53);
                    }
                    errors++;
                  }
                  var _valid0 = _errs69 === errors;
                  if (_valid0) {
                    valid18 = true;
                    passing0 = 0;
                  }
                  const _errs71 = errors;
                  if (data27 && typeof data27 == "object" && !Array.isArray(data27)) {
                    if (data27.name === undefined) {
                      const err54 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/streams/" +
                          i2,
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/required",
                        keyword: "required",
                        params: { missingProperty: "name" },
                        message: "must have required property '" + "name" + "'",
                      };
                      if (vErrors === null) {
                        vErrors = [err54];
                      } else {
                        vErrors.push(err54);
                      }
                      errors++;
                    }
                    for (const key12 in data27) {
                      if (!(
                        key12 === "name" ||
                        key12 === "namespace" ||
                        key12 === "sync_mode" ||
                        key12 === "destination_sync_mode" ||
                        key12 === "cursor_field" ||
                        key12 === "fields" ||
                        key12 === "primary_key"
                      )) {
                        const err55 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2,
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/additionalProperties",
                          keyword: "additionalProperties",
                          params: { additionalProperty: key12 },
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
                    if (data27.name !== undefined) {
                      let data28 = data27.name;
                      if (typeof data28 === "string") {
                        if (!pattern1.test(data28)) {
                          const err56 = {
                            instancePath:
                              instancePath +
                              "/connections/" +
                              key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                              "/streams/" +
                              i2 +
                              "/name",
                            schemaPath:
                              "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/name/pattern",
                            keyword: "pattern",
                            params: { pattern: "." },
                            message: 'must match pattern "' + "." + '"',
                          };
                          if (vErrors === null) {
                            vErrors = [err56];
                          } else {
                            vErrors.push(err56);
                          }
                          errors++;
                        }
                      } else {
                        const err57 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/name",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/name/type",
                          keyword: "type",
                          params: { type: "string" },
                          message: "must be string",
                        };
                        if (vErrors === null) {
                          vErrors = [err57];
                        } else {
                          vErrors.push(err57);
                        }
                        errors++;
                      }
                    }
                    if (data27.namespace !== undefined) {
                      let data29 = data27.namespace;
                      if (typeof data29 === "string") {
                        if (!pattern1.test(data29)) {
                          const err58 = {
                            instancePath:
                              instancePath +
                              "/connections/" +
                              key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                              "/streams/" +
                              i2 +
                              "/namespace",
                            schemaPath:
                              "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/namespace/pattern",
                            keyword: "pattern",
                            params: { pattern: "." },
                            message: 'must match pattern "' + "." + '"',
                          };
                          if (vErrors === null) {
                            vErrors = [err58];
                          } else {
                            vErrors.push(err58);
                          }
                          errors++;
                        }
                      } else {
                        const err59 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/namespace",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/namespace/type",
                          keyword: "type",
                          params: { type: "string" },
                          message: "must be string",
                        };
                        if (vErrors === null) {
                          vErrors = [err59];
                        } else {
                          vErrors.push(err59);
                        }
                        errors++;
                      }
                    }
                    if (data27.sync_mode !== undefined) {
                      let data30 = data27.sync_mode;
                      if (!(data30 === "full_refresh" || data30 === "incremental")) {
                        const err60 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/sync_mode",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/sync_mode/enum",
                          keyword: "enum",
                          params: {
                            allowedValues:
                              schema11.properties.connections.additionalProperties.properties
                                .streams.items.oneOf[1].properties.sync_mode.enum,
                          },
                          message: "must be equal to one of the allowed values",
                        };
                        if (vErrors === null) {
                          vErrors = [err60];
                        } else {
                          vErrors.push(err60);
                        }
                        errors++;
                      }
                    }
                    if (data27.destination_sync_mode !== undefined) {
                      let data31 = data27.destination_sync_mode;
                      if (!(
                        data31 === "append" ||
                        data31 === "overwrite" ||
                        data31 === "append_dedup"
                      )) {
                        const err61 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/destination_sync_mode",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/destination_sync_mode/enum",
                          keyword: "enum",
                          params: {
                            allowedValues:
                              schema11.properties.connections.additionalProperties.properties
                                .streams.items.oneOf[1].properties.destination_sync_mode.enum,
                          },
                          message: "must be equal to one of the allowed values",
                        };
                        if (vErrors === null) {
                          vErrors = [err61];
                        } else {
                          vErrors.push(err61);
                        }
                        errors++;
                      }
                    }
                    if (data27.cursor_field !== undefined) {
                      let data32 = data27.cursor_field;
                      const _errs81 = errors;
                      let valid20 = false;
                      let passing1 = null;
                      const _errs82 = errors;
                      if (typeof data32 === "string") {
                        if (!pattern1.test(data32)) {
                          const err62 = {
                            instancePath:
                              instancePath +
                              "/connections/" +
                              key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                              "/streams/" +
                              i2 +
                              "/cursor_field",
                            schemaPath:
                              "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/cursor_field/oneOf/0/pattern",
                            keyword: "pattern",
                            params: { pattern: "." },
                            message: 'must match pattern "' + "." + '"',
                          };
                          if (vErrors === null) {
                            vErrors = [err62];
                          } else {
                            vErrors.push(err62);
                          }
                          errors++;
                        }
                      } else {
                        const err63 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/cursor_field",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/cursor_field/oneOf/0/type",
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
                      var _valid1 = _errs82 === errors;
                      if (_valid1) {
                        valid20 = true;
                        passing1 = 0;
                      }
                      const _errs84 = errors;
                      if (Array.isArray(data32)) {
                        if (data32.length < 1) {
                          const err64 = {
                            instancePath:
                              instancePath +
                              "/connections/" +
                              key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                              "/streams/" +
                              i2 +
                              "/cursor_field",
                            schemaPath:
                              "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/cursor_field/oneOf/1/minItems",
                            keyword: "minItems",
                            params: { limit: 1 },
                            message: "must NOT have fewer than 1 items",
                          };
                          if (vErrors === null) {
                            vErrors = [err64];
                          } else {
                            vErrors.push(err64);
                          }
                          errors++;
                        }
                        const len3 = data32.length;
                        for (let i3 = 0; i3 < len3; i3++) {
                          let data33 = data32[i3];
                          if (typeof data33 === "string") {
                            if (!pattern1.test(data33)) {
                              const err65 = {
                                instancePath:
                                  instancePath +
                                  "/connections/" +
                                  key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                  "/streams/" +
                                  i2 +
                                  "/cursor_field/" +
                                  i3,
                                schemaPath:
                                  "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/cursor_field/oneOf/1/items/pattern",
                                keyword: "pattern",
                                params: { pattern: "." },
                                message: 'must match pattern "' + "." + '"',
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
                              instancePath:
                                instancePath +
                                "/connections/" +
                                key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                "/streams/" +
                                i2 +
                                "/cursor_field/" +
                                i3,
                              schemaPath:
                                "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/cursor_field/oneOf/1/items/type",
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
                      } else {
                        const err67 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/cursor_field",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/cursor_field/oneOf/1/type",
                          keyword: "type",
                          params: { type: "array" },
                          message: "must be array",
                        };
                        if (vErrors === null) {
                          vErrors = [err67];
                        } else {
                          vErrors.push(err67);
                        }
                        errors++;
                      }
                      var _valid1 = _errs84 === errors;
                      if (_valid1 && valid20) {
                        valid20 = false;
                        passing1 = [passing1, 1];
                      } else {
                        if (_valid1) {
                          valid20 = true;
                          passing1 = 1;
                        }
                      }
                      if (!valid20) {
                        const err68 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/cursor_field",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/cursor_field/oneOf",
                          keyword: "oneOf",
                          params: { passingSchemas: passing1 },
                          message: "must match exactly one schema in oneOf",
                        };
                        if (vErrors === null) {
                          vErrors = [err68];
                        } else {
                          vErrors.push(err68);
                        }
                        errors++;
                      } else {
                        errors = _errs81;
                        if (vErrors !== null) {
                          if (_errs81) {
                            vErrors.length = _errs81;
                          } else {
                            vErrors = null;
                          }
                        }
                      }
                    }
                    if (data27.fields !== undefined) {
                      let data34 = data27.fields;
                      if (Array.isArray(data34)) {
                        if (data34.length < 1) {
                          const err69 = {
                            instancePath:
                              instancePath +
                              "/connections/" +
                              key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                              "/streams/" +
                              i2 +
                              "/fields",
                            schemaPath:
                              "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/fields/minItems",
                            keyword: "minItems",
                            params: { limit: 1 },
                            message: "must NOT have fewer than 1 items",
                          };
                          if (vErrors === null) {
                            vErrors = [err69];
                          } else {
                            vErrors.push(err69);
                          }
                          errors++;
                        }
                        const len4 = data34.length;
                        for (let i4 = 0; i4 < len4; i4++) {
                          let data35 = data34[i4];
                          if (typeof data35 === "string") {
                            if (!pattern1.test(data35)) {
                              const err70 = {
                                instancePath:
                                  instancePath +
                                  "/connections/" +
                                  key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                  "/streams/" +
                                  i2 +
                                  "/fields/" +
                                  i4,
                                schemaPath:
                                  "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/fields/items/pattern",
                                keyword: "pattern",
                                params: { pattern: "." },
                                message: 'must match pattern "' + "." + '"',
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
                              instancePath:
                                instancePath +
                                "/connections/" +
                                key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                "/streams/" +
                                i2 +
                                "/fields/" +
                                i4,
                              schemaPath:
                                "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/fields/items/type",
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
                      } else {
                        const err72 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/fields",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/fields/type",
                          keyword: "type",
                          params: { type: "array" },
                          message: "must be array",
                        };
                        if (vErrors === null) {
                          vErrors = [err72];
                        } else {
                          vErrors.push(err72);
                        }
                        errors++;
                      }
                    }
                    if (data27.primary_key !== undefined) {
                      let data36 = data27.primary_key;
                      const _errs93 = errors;
                      let valid25 = false;
                      let passing2 = null;
                      const _errs94 = errors;
                      if (typeof data36 === "string") {
                        if (!pattern1.test(data36)) {
                          const err73 = {
                            instancePath:
                              instancePath +
                              "/connections/" +
                              key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                              "/streams/" +
                              i2 +
                              "/primary_key",
                            schemaPath:
                              "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/0/pattern",
                            keyword: "pattern",
                            params: { pattern: "." },
                            message: 'must match pattern "' + "." + '"',
                          };
                          if (vErrors === null) {
                            vErrors = [err73];
                          } else {
                            vErrors.push(err73);
                          }
                          errors++;
                        }
                      } else {
                        const err74 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/primary_key",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/0/type",
                          keyword: "type",
                          params: { type: "string" },
                          message: "must be string",
                        };
                        if (vErrors === null) {
                          vErrors = [err74];
                        } else {
                          vErrors.push(err74);
                        }
                        errors++;
                      }
                      var _valid2 = _errs94 === errors;
                      if (_valid2) {
                        valid25 = true;
                        passing2 = 0;
                      }
                      const _errs96 = errors;
                      if (Array.isArray(data36)) {
                        if (data36.length < 1) {
                          const err75 = {
                            instancePath:
                              instancePath +
                              "/connections/" +
                              key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                              "/streams/" +
                              i2 +
                              "/primary_key",
                            schemaPath:
                              "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/minItems",
                            keyword: "minItems",
                            params: { limit: 1 },
                            message: "must NOT have fewer than 1 items",
                          };
                          if (vErrors === null) {
                            vErrors = [err75];
                          } else {
                            vErrors.push(err75);
                          }
                          errors++;
                        }
                        const len5 = data36.length;
                        for (let i5 = 0; i5 < len5; i5++) {
                          let data37 = data36[i5];
                          const _errs99 = errors;
                          let valid28 = false;
                          let passing3 = null;
                          const _errs100 = errors;
                          if (typeof data37 === "string") {
                            if (!pattern1.test(data37)) {
                              const err76 = {
                                instancePath:
                                  instancePath +
                                  "/connections/" +
                                  key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                  "/streams/" +
                                  i2 +
                                  "/primary_key/" +
                                  i5,
                                schemaPath:
                                  "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/items/oneOf/0/pattern",
                                keyword: "pattern",
                                params: { pattern: "." },
                                message: 'must match pattern "' + "." + '"',
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
                              instancePath:
                                instancePath +
                                "/connections/" +
                                key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                "/streams/" +
                                i2 +
                                "/primary_key/" +
                                i5,
                              schemaPath:
                                "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/items/oneOf/0/type",
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
                          var _valid3 = _errs100 === errors;
                          if (_valid3) {
                            valid28 = true;
                            passing3 = 0;
                          }
                          const _errs102 = errors;
                          if (Array.isArray(data37)) {
                            if (data37.length < 1) {
                              const err78 = {
                                instancePath:
                                  instancePath +
                                  "/connections/" +
                                  key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                  "/streams/" +
                                  i2 +
                                  "/primary_key/" +
                                  i5,
                                schemaPath:
                                  "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/items/oneOf/1/minItems",
                                keyword: "minItems",
                                params: { limit: 1 },
                                message: "must NOT have fewer than 1 items",
                              };
                              if (vErrors === null) {
                                vErrors = [err78];
                              } else {
                                vErrors.push(err78);
                              }
                              errors++;
                            }
                            const len6 = data37.length;
                            for (let i6 = 0; i6 < len6; i6++) {
                              let data38 = data37[i6];
                              if (typeof data38 === "string") {
                                if (!pattern1.test(data38)) {
                                  const err79 = {
                                    instancePath:
                                      instancePath +
                                      "/connections/" +
                                      key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                      "/streams/" +
                                      i2 +
                                      "/primary_key/" +
                                      i5 +
                                      "/" +
                                      i6,
                                    schemaPath:
                                      "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/items/oneOf/1/items/pattern",
                                    keyword: "pattern",
                                    params: { pattern: "." },
                                    message: 'must match pattern "' + "." + '"',
                                  };
                                  if (vErrors === null) {
                                    vErrors = [err79];
                                  } else {
                                    vErrors.push(err79);
                                  }
                                  errors++;
                                }
                              } else {
                                const err80 = {
                                  instancePath:
                                    instancePath +
                                    "/connections/" +
                                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                    "/streams/" +
                                    i2 +
                                    "/primary_key/" +
                                    i5 +
                                    "/" +
                                    i6,
                                  schemaPath:
                                    "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/items/oneOf/1/items/type",
                                  keyword: "type",
                                  params: { type: "string" },
                                  message: "must be string",
                                };
                                if (vErrors === null) {
                                  vErrors = [err80];
                                } else {
                                  vErrors.push(err80);
                                }
                                errors++;
                              }
                            }
                          } else {
                            const err81 = {
                              instancePath:
                                instancePath +
                                "/connections/" +
                                key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                "/streams/" +
                                i2 +
                                "/primary_key/" +
                                i5,
                              schemaPath:
                                "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/items/oneOf/1/type",
                              keyword: "type",
                              params: { type: "array" },
                              message: "must be array",
                            };
                            if (vErrors === null) {
                              vErrors = [err81];
                            } else {
                              vErrors.push(err81);
                            }
                            errors++;
                          }
                          var _valid3 = _errs102 === errors;
                          if (_valid3 && valid28) {
                            valid28 = false;
                            passing3 = [passing3, 1];
                          } else {
                            if (_valid3) {
                              valid28 = true;
                              passing3 = 1;
                            }
                          }
                          if (!valid28) {
                            const err82 = {
                              instancePath:
                                instancePath +
                                "/connections/" +
                                key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                                "/streams/" +
                                i2 +
                                "/primary_key/" +
                                i5,
                              schemaPath:
                                "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/items/oneOf",
                              keyword: "oneOf",
                              params: { passingSchemas: passing3 },
                              message: "must match exactly one schema in oneOf",
                            };
                            if (vErrors === null) {
                              vErrors = [err82];
                            } else {
                              vErrors.push(err82);
                            }
                            errors++;
                          } else {
                            errors = _errs99;
                            if (vErrors !== null) {
                              if (_errs99) {
                                vErrors.length = _errs99;
                              } else {
                                vErrors = null;
                              }
                            }
                          }
                        }
                      } else {
                        const err83 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/primary_key",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf/1/type",
                          keyword: "type",
                          params: { type: "array" },
                          message: "must be array",
                        };
                        if (vErrors === null) {
                          vErrors = [err83];
                        } else {
                          vErrors.push(err83);
                        }
                        errors++;
                      }
                      var _valid2 = _errs96 === errors;
                      if (_valid2 && valid25) {
                        valid25 = false;
                        passing2 = [passing2, 1];
                      } else {
                        if (_valid2) {
                          valid25 = true;
                          passing2 = 1;
                        }
                      }
                      if (!valid25) {
                        const err84 = {
                          instancePath:
                            instancePath +
                            "/connections/" +
                            key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                            "/streams/" +
                            i2 +
                            "/primary_key",
                          schemaPath:
                            "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/properties/primary_key/oneOf",
                          keyword: "oneOf",
                          params: { passingSchemas: passing2 },
                          message: "must match exactly one schema in oneOf",
                        };
                        if (vErrors === null) {
                          vErrors = [err84];
                        } else {
                          vErrors.push(err84);
                        }
                        errors++;
                      } else {
                        errors = _errs93;
                        if (vErrors !== null) {
                          if (_errs93) {
                            vErrors.length = _errs93;
                          } else {
                            vErrors = null;
                          }
                        }
                      }
                    }
                  } else {
                    const err85 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/streams/" +
                        i2,
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/streams/items/oneOf/1/type",
                      keyword: "type",
                      params: { type: "object" },
                      message: "must be object",
                    };
                    if (vErrors === null) {
                      vErrors = [err85];
                    } else {
                      vErrors.push(err85);
                    }
                    errors++;
                  }
                  var _valid0 = _errs71 === errors;
                  if (_valid0 && valid18) {
                    valid18 = false;
                    passing0 = [passing0, 1];
                  } else {
                    if (_valid0) {
                      valid18 = true;
                      passing0 = 1;
                    }
                  }
                  if (!valid18) {
                    const err86 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/streams/" +
                        i2,
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/streams/items/oneOf",
                      keyword: "oneOf",
                      params: { passingSchemas: passing0 },
                      message: "must match exactly one schema in oneOf",
                    };
                    if (vErrors === null) {
                      vErrors = [err86];
                    } else {
                      vErrors.push(err86);
                    }
                    errors++;
                  } else {
                    errors = _errs68;
                    if (vErrors !== null) {
                      if (_errs68) {
                        vErrors.length = _errs68;
                      } else {
                        vErrors = null;
                      }
                    }
                  }
                }
              } else {
                const err87 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/streams",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/streams/type",
                  keyword: "type",
                  params: { type: "array" },
                  message: "must be array",
                };
                if (vErrors === null) {
                  vErrors = [err87];
                } else {
                  vErrors.push(err87);
                }
                errors++;
              }
            }
            if (data21.exclude !== undefined) {
              let data39 = data21.exclude;
              if (Array.isArray(data39)) {
                if (data39.length < 1) {
                  const err88 = {
                    instancePath:
                      instancePath +
                      "/connections/" +
                      key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                      "/exclude",
                    schemaPath:
                      "#/properties/connections/additionalProperties/properties/exclude/minItems",
                    keyword: "minItems",
                    params: { limit: 1 },
                    message: "must NOT have fewer than 1 items",
                  };
                  if (vErrors === null) {
                    vErrors = [err88];
                  } else {
                    vErrors.push(err88);
                  }
                  errors++;
                }
                const len7 = data39.length;
                for (let i7 = 0; i7 < len7; i7++) {
                  let data40 = data39[i7];
                  if (typeof data40 === "string") {
                    if (!pattern1.test(data40)) {
                      const err89 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/exclude/" +
                          i7,
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/exclude/items/pattern",
                        keyword: "pattern",
                        params: { pattern: "." },
                        message: 'must match pattern "' + "." + '"',
                      };
                      if (vErrors === null) {
                        vErrors = [err89];
                      } else {
                        vErrors.push(err89);
                      }
                      errors++;
                    }
                  } else {
                    const err90 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/exclude/" +
                        i7,
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/exclude/items/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err90];
                    } else {
                      vErrors.push(err90);
                    }
                    errors++;
                  }
                }
              } else {
                const err91 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/exclude",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/exclude/type",
                  keyword: "type",
                  params: { type: "array" },
                  message: "must be array",
                };
                if (vErrors === null) {
                  vErrors = [err91];
                } else {
                  vErrors.push(err91);
                }
                errors++;
              }
            }
            if (data21.schema_changes !== undefined) {
              let data41 = data21.schema_changes;
              if (!(
                data41 === "propagate" ||
                data41 === "propagate_columns" ||
                data41 === "ignore" ||
                data41 === "pause"
              )) {
                const err92 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/schema_changes",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/schema_changes/enum",
                  keyword: "enum",
                  params: {
                    allowedValues:
                      schema11.properties.connections.additionalProperties.properties.schema_changes
                        .enum,
                  },
                  message: "must be equal to one of the allowed values",
                };
                if (vErrors === null) {
                  vErrors = [err92];
                } else {
                  vErrors.push(err92);
                }
                errors++;
              }
            }
            if (data21.retry !== undefined) {
              let data42 = data21.retry;
              if (data42 && typeof data42 == "object" && !Array.isArray(data42)) {
                for (const key13 in data42) {
                  if (!(
                    key13 === "max_attempts" ||
                    key13 === "first_delay_seconds" ||
                    key13 === "max_delay_seconds"
                  )) {
                    const err93 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/retry",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/retry/additionalProperties",
                      keyword: "additionalProperties",
                      params: { additionalProperty: key13 },
                      message: "must NOT have additional properties",
                    };
                    if (vErrors === null) {
                      vErrors = [err93];
                    } else {
                      vErrors.push(err93);
                    }
                    errors++;
                  }
                }
                if (data42.max_attempts !== undefined) {
                  let data43 = data42.max_attempts;
                  if (!(typeof data43 == "number" && !(data43 % 1) && !isNaN(data43))) {
                    const err94 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/retry/max_attempts",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/retry/properties/max_attempts/type",
                      keyword: "type",
                      params: { type: "integer" },
                      message: "must be integer",
                    };
                    if (vErrors === null) {
                      vErrors = [err94];
                    } else {
                      vErrors.push(err94);
                    }
                    errors++;
                  }
                  if (typeof data43 == "number") {
                    if (data43 < 1 || isNaN(data43)) {
                      const err95 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/retry/max_attempts",
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/retry/properties/max_attempts/minimum",
                        keyword: "minimum",
                        params: { comparison: ">=", limit: 1 },
                        message: "must be >= 1",
                      };
                      if (vErrors === null) {
                        vErrors = [err95];
                      } else {
                        vErrors.push(err95);
                      }
                      errors++;
                    }
                  }
                }
                if (data42.first_delay_seconds !== undefined) {
                  let data44 = data42.first_delay_seconds;
                  if (typeof data44 == "number") {
                    if (data44 < 0 || isNaN(data44)) {
                      const err96 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/retry/first_delay_seconds",
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/retry/properties/first_delay_seconds/minimum",
                        keyword: "minimum",
                        params: { comparison: ">=", limit: 0 },
                        message: "must be >= 0",
                      };
                      if (vErrors === null) {
                        vErrors = [err96];
                      } else {
                        vErrors.push(err96);
                      }
                      errors++;
                    }
                  } else {
                    const err97 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/retry/first_delay_seconds",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/retry/properties/first_delay_seconds/type",
                      keyword: "type",
                      params: { type: "number" },
                      message: "must be number",
                    };
                    if (vErrors === null) {
                      vErrors = [err97];
                    } else {
                      vErrors.push(err97);
                    }
                    errors++;
                  }
                }
                if (data42.max_delay_seconds !== undefined) {
                  let data45 = data42.max_delay_seconds;
                  if (typeof data45 == "number") {
                    if (data45 < 0 || isNaN(data45)) {
                      const err98 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/retry/max_delay_seconds",
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/retry/properties/max_delay_seconds/minimum",
                        keyword: "minimum",
                        params: { comparison: ">=", limit: 0 },
                        message: "must be >= 0",
                      };
                      if (vErrors === null) {
                        vErrors = [err98];
                      } else {
                        vErrors.push(err98);
                      }
                      errors++;
                    }
                  } else {
                    const err99 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/retry/max_delay_seconds",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/retry/properties/max_delay_seconds/type",
                      keyword: "type",
                      params: { type: "number" },
                      message: "must be number",
                    };
                    if (vErrors === null) {
                      vErrors = [err99];
                    } else {
                      vErrors.push(err99);
                    }
                    errors++;
                  }
                }
              } else {
                const err100 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/retry",
                  schemaPath: "#/properties/connections/additionalProperties/properties/retry/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
                };
                if (vErrors === null) {
                  vErrors = [err100];
                } else {
                  vErrors.push(err100);
                }
                errors++;
              }
            }
            if (data21.limits !== undefined) {
              let data46 = data21.limits;
              if (data46 && typeof data46 == "object" && !Array.isArray(data46)) {
                for (const key14 in data46) {
                  if (!(
                    key14 === "start_seconds" ||
                    key14 === "source_silence_seconds" ||
                    key14 === "destination_silence_seconds" ||
                    key14 === "stop_seconds"
                  )) {
                    const err101 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/limits",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/limits/additionalProperties",
                      keyword: "additionalProperties",
                      params: { additionalProperty: key14 },
                      message: "must NOT have additional properties",
                    };
                    if (vErrors === null) {
                      vErrors = [err101];
                    } else {
                      vErrors.push(err101);
                    }
                    errors++;
                  }
                }
                if (data46.start_seconds !== undefined) {
                  let data47 = data46.start_seconds;
                  if (typeof data47 == "number") {
                    if (data47 <= 0 || isNaN(data47)) {
                      const err102 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/limits/start_seconds",
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/limits/properties/start_seconds/exclusiveMinimum",
                        keyword: "exclusiveMinimum",
                        params: { comparison: ">", limit: 0 },
                        message: "must be > 0",
                      };
                      if (vErrors === null) {
                        vErrors = [err102];
                      } else {
                        vErrors.push(err102);
                      }
                      errors++;
                    }
                  } else {
                    const err103 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/limits/start_seconds",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/limits/properties/start_seconds/type",
                      keyword: "type",
                      params: { type: "number" },
                      message: "must be number",
                    };
                    if (vErrors === null) {
                      vErrors = [err103];
                    } else {
                      vErrors.push(err103);
                    }
                    errors++;
                  }
                }
                if (data46.source_silence_seconds !== undefined) {
                  let data48 = data46.source_silence_seconds;
                  if (typeof data48 == "number") {
                    if (data48 <= 0 || isNaN(data48)) {
                      const err104 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/limits/source_silence_seconds",
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/limits/properties/source_silence_seconds/exclusiveMinimum",
                        keyword: "exclusiveMinimum",
                        params: { comparison: ">", limit: 0 },
                        message: "must be > 0",
                      };
                      if (vErrors === null) {
                        vErrors = [err104];
                      } else {
                        vErrors.push(err104);
                      }
                      errors++;
                    }
                  } else {
                    const err105 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/limits/source_silence_seconds",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/limits/properties/source_silence_seconds/type",
                      keyword: "type",
                      params: { type: "number" },
                      message: "must be number",
                    };
                    if (vErrors === null) {
                      vErrors = [err105];
                    } else {
                      vErrors.push(err105);
                    }
                    errors++;
                  }
                }
                if (data46.destination_silence_seconds !== undefined) {
                  let data49 = data46.destination_silence_seconds;
                  if (typeof data49 == "number") {
                    if (data49 <= 0 || isNaN(data49)) {
                      const err106 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/limits/destination_silence_seconds",
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/limits/properties/destination_silence_seconds/exclusiveMinimum",
                        keyword: "exclusiveMinimum",
                        params: { comparison: ">", limit: 0 },
                        message: "must be > 0",
                      };
                      if (vErrors === null) {
                        vErrors = [err106];
                      } else {
                        vErrors.push(err106);
                      }
                      errors++;
                    }
                  } else {
                    const err107 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/limits/destination_silence_seconds",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/limits/properties/destination_silence_seconds/type",
                      keyword: "type",
                      params: { type: "number" },
                      message: "must be number",
                    };
                    if (vErrors === null) {
                      vErrors = [err107];
                    } else {
                      vErrors.push(err107);
                    }
                    errors++;
                  }
                }
                if (data46.stop_seconds !== undefined) {
                  let data50 = data46.stop_seconds;
                  if (typeof data50 == "number") {
                    if (data50 <= 0 || isNaN(data50)) {
                      const err108 = {
                        instancePath:
                          instancePath +
                          "/connections/" +
                          key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                          "/limits/stop_seconds",
                        schemaPath:
                          "#/properties/connections/additionalProperties/properties/limits/properties/stop_seconds/exclusiveMinimum",
                        keyword: "exclusiveMinimum",
                        params: { comparison: ">", limit: 0 },
                        message: "must be > 0",
                      };
                      if (vErrors === null) {
                        vErrors = [err108];
                      } else {
                        vErrors.push(err108);
                      }
                      errors++;
                    }
                  } else {
                    const err109 = {
                      instancePath:
                        instancePath +
                        "/connections/" +
                        key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                        "/limits/stop_seconds",
                      schemaPath:
                        "#/properties/connections/additionalProperties/properties/limits/properties/stop_seconds/type",
                      keyword: "type",
                      params: { type: "number" },
                      message: "must be number",
                    };
                    if (vErrors === null) {
                      vErrors = [err109];
                    } else {
                      vErrors.push(err109);
                    }
                    errors++;
                  }
                }
              } else {
                const err110 = {
                  instancePath:
                    instancePath +
                    "/connections/" +
                    key10.replace(/~/g, "~0").replace(/\//g, "~1") +
                    "/limits",
                  schemaPath:
                    "#/properties/connections/additionalProperties/properties/limits/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
                };
                if (vErrors === null) {
                  vErrors = [err110];
                } else {
                  vErrors.push(err110);
                }
                errors++;
              }
            }
          } else {
            const err111 = {
              instancePath:
                instancePath + "/connections/" + key10.replace(/~/g, "~0").replace(/\//g, "~1"),
              schemaPath: "#/properties/connections/additionalProperties/type",
              keyword: "type",
              params: { type: "object" },
              message: "must be object",
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
          instancePath: instancePath + "/connections",
          schemaPath: "#/properties/connections/type",
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
    }
  } else {
    const err113 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err113];
    } else {
      vErrors.push(err113);
    }
    errors++;
  }
  validate10.errors = vErrors;
  return errors === 0;
}
