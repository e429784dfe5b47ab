// @ts-nocheck
/* oxlint-disable */
/* Written by a program from the schemas. Change those, then run the test of this file with -u. */

export const catalog = validate10;
const schema11 = {
  type: "object",
  required: ["streams"],
  properties: {
    streams: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "json_schema", "supported_sync_modes"],
        properties: {
          name: { type: "string" },
          json_schema: { type: "object" },
          supported_sync_modes: { type: "array", items: { type: "string" } },
          namespace: { type: ["string", "null"] },
          source_defined_cursor: { type: ["boolean", "null"] },
          default_cursor_field: {
            type: ["array", "null"],
            items: { type: "string" },
            examples: [["id"]],
          },
          source_defined_primary_key: {
            type: ["array", "null"],
            items: { type: "array", items: { type: "string" }, examples: [["id"]] },
            examples: [[["id"]]],
          },
          is_resumable: { type: ["boolean", "null"] },
          is_file_based: { type: ["boolean", "null"] },
        },
      },
    },
  },
};

function validate10(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.streams === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "streams" },
        message: "must have required property '" + "streams" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.streams !== undefined) {
      let data0 = data.streams;
      if (Array.isArray(data0)) {
        const len0 = data0.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data1 = data0[i0];
          if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
            if (data1.name === undefined) {
              const err1 = {
                instancePath: instancePath + "/streams/" + i0,
                schemaPath: "#/properties/streams/items/required",
                keyword: "required",
                params: { missingProperty: "name" },
                message: "must have required property '" + "name" + "'",
              };
              if (vErrors === null) {
                vErrors = [err1];
              } else {
                vErrors.push(err1);
              }
              errors++;
            }
            if (data1.json_schema === undefined) {
              const err2 = {
                instancePath: instancePath + "/streams/" + i0,
                schemaPath: "#/properties/streams/items/required",
                keyword: "required",
                params: { missingProperty: "json_schema" },
                message: "must have required property '" + "json_schema" + "'",
              };
              if (vErrors === null) {
                vErrors = [err2];
              } else {
                vErrors.push(err2);
              }
              errors++;
            }
            if (data1.supported_sync_modes === undefined) {
              const err3 = {
                instancePath: instancePath + "/streams/" + i0,
                schemaPath: "#/properties/streams/items/required",
                keyword: "required",
                params: { missingProperty: "supported_sync_modes" },
                message: "must have required property '" + "supported_sync_modes" + "'",
              };
              if (vErrors === null) {
                vErrors = [err3];
              } else {
                vErrors.push(err3);
              }
              errors++;
            }
            if (data1.name !== undefined) {
              if (typeof data1.name !== "string") {
                const err4 = {
                  instancePath: instancePath + "/streams/" + i0 + "/name",
                  schemaPath: "#/properties/streams/items/properties/name/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err4];
                } else {
                  vErrors.push(err4);
                }
                errors++;
              }
            }
            if (data1.json_schema !== undefined) {
              let data3 = data1.json_schema;
              if (!(data3 && typeof data3 == "object" && !Array.isArray(data3))) {
                const err5 = {
                  instancePath: instancePath + "/streams/" + i0 + "/json_schema",
                  schemaPath: "#/properties/streams/items/properties/json_schema/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
                };
                if (vErrors === null) {
                  vErrors = [err5];
                } else {
                  vErrors.push(err5);
                }
                errors++;
              }
            }
            if (data1.supported_sync_modes !== undefined) {
              let data4 = data1.supported_sync_modes;
              if (Array.isArray(data4)) {
                const len1 = data4.length;
                for (let i1 = 0; i1 < len1; i1++) {
                  if (typeof data4[i1] !== "string") {
                    const err6 = {
                      instancePath: instancePath + "/streams/" + i0 + "/supported_sync_modes/" + i1,
                      schemaPath:
                        "#/properties/streams/items/properties/supported_sync_modes/items/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err6];
                    } else {
                      vErrors.push(err6);
                    }
                    errors++;
                  }
                }
              } else {
                const err7 = {
                  instancePath: instancePath + "/streams/" + i0 + "/supported_sync_modes",
                  schemaPath: "#/properties/streams/items/properties/supported_sync_modes/type",
                  keyword: "type",
                  params: { type: "array" },
                  message: "must be array",
                };
                if (vErrors === null) {
                  vErrors = [err7];
                } else {
                  vErrors.push(err7);
                }
                errors++;
              }
            }
            if (data1.namespace !== undefined) {
              let data6 = data1.namespace;
              if (typeof data6 !== "string" && data6 !== null) {
                const err8 = {
                  instancePath: instancePath + "/streams/" + i0 + "/namespace",
                  schemaPath: "#/properties/streams/items/properties/namespace/type",
                  keyword: "type",
                  params: { type: schema11.properties.streams.items.properties.namespace.type },
                  message: "must be string,null",
                };
                if (vErrors === null) {
                  vErrors = [err8];
                } else {
                  vErrors.push(err8);
                }
                errors++;
              }
            }
            if (data1.source_defined_cursor !== undefined) {
              let data7 = data1.source_defined_cursor;
              if (typeof data7 !== "boolean" && data7 !== null) {
                const err9 = {
                  instancePath: instancePath + "/streams/" + i0 + "/source_defined_cursor",
                  schemaPath: "#/properties/streams/items/properties/source_defined_cursor/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.streams.items.properties.source_defined_cursor.type,
                  },
                  message: "must be boolean,null",
                };
                if (vErrors === null) {
                  vErrors = [err9];
                } else {
                  vErrors.push(err9);
                }
                errors++;
              }
            }
            if (data1.default_cursor_field !== undefined) {
              let data8 = data1.default_cursor_field;
              if (!Array.isArray(data8) && data8 !== null) {
                const err10 = {
                  instancePath: instancePath + "/streams/" + i0 + "/default_cursor_field",
                  schemaPath: "#/properties/streams/items/properties/default_cursor_field/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.streams.items.properties.default_cursor_field.type,
                  },
                  message: "must be array,null",
                };
                if (vErrors === null) {
                  vErrors = [err10];
                } else {
                  vErrors.push(err10);
                }
                errors++;
              }
              if (Array.isArray(data8)) {
                const len2 = data8.length;
                for (let i2 = 0; i2 < len2; i2++) {
                  if (typeof data8[i2] !== "string") {
                    const err11 = {
                      instancePath: instancePath + "/streams/" + i0 + "/default_cursor_field/" + i2,
                      schemaPath:
                        "#/properties/streams/items/properties/default_cursor_field/items/type",
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
              }
            }
            if (data1.source_defined_primary_key !== undefined) {
              let data10 = data1.source_defined_primary_key;
              if (!Array.isArray(data10) && data10 !== null) {
                const err12 = {
                  instancePath: instancePath + "/streams/" + i0 + "/source_defined_primary_key",
                  schemaPath:
                    "#/properties/streams/items/properties/source_defined_primary_key/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.streams.items.properties.source_defined_primary_key
                      .type,
                  },
                  message: "must be array,null",
                };
                if (vErrors === null) {
                  vErrors = [err12];
                } else {
                  vErrors.push(err12);
                }
                errors++;
              }
              if (Array.isArray(data10)) {
                const len3 = data10.length;
                for (let i3 = 0; i3 < len3; i3++) {
                  let data11 = data10[i3];
                  if (Array.isArray(data11)) {
                    const len4 = data11.length;
                    for (let i4 = 0; i4 < len4; i4++) {
                      if (typeof data11[i4] !== "string") {
                        const err13 = {
                          instancePath:
                            instancePath +
                            "/streams/" +
                            i0 +
                            "/source_defined_primary_key/" +
                            i3 +
                            "/" +
                            i4,
                          schemaPath:
                            "#/properties/streams/items/properties/source_defined_primary_key/items/items/type",
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
                  } else {
                    const err14 = {
                      instancePath:
                        instancePath + "/streams/" + i0 + "/source_defined_primary_key/" + i3,
                      schemaPath:
                        "#/properties/streams/items/properties/source_defined_primary_key/items/type",
                      keyword: "type",
                      params: { type: "array" },
                      message: "must be array",
                    };
                    if (vErrors === null) {
                      vErrors = [err14];
                    } else {
                      vErrors.push(err14);
                    }
                    errors++;
                  }
                }
              }
            }
            if (data1.is_resumable !== undefined) {
              let data13 = data1.is_resumable;
              if (typeof data13 !== "boolean" && data13 !== null) {
                const err15 = {
                  instancePath: instancePath + "/streams/" + i0 + "/is_resumable",
                  schemaPath: "#/properties/streams/items/properties/is_resumable/type",
                  keyword: "type",
                  params: { type: schema11.properties.streams.items.properties.is_resumable.type },
                  message: "must be boolean,null",
                };
                if (vErrors === null) {
                  vErrors = [err15];
                } else {
                  vErrors.push(err15);
                }
                errors++;
              }
            }
            if (data1.is_file_based !== undefined) {
              let data14 = data1.is_file_based;
              if (typeof data14 !== "boolean" && data14 !== null) {
                const err16 = {
                  instancePath: instancePath + "/streams/" + i0 + "/is_file_based",
                  schemaPath: "#/properties/streams/items/properties/is_file_based/type",
                  keyword: "type",
                  params: { type: schema11.properties.streams.items.properties.is_file_based.type },
                  message: "must be boolean,null",
                };
                if (vErrors === null) {
                  vErrors = [err16];
                } else {
                  vErrors.push(err16);
                }
                errors++;
              }
            }
          } else {
            const err17 = {
              instancePath: instancePath + "/streams/" + i0,
              schemaPath: "#/properties/streams/items/type",
              keyword: "type",
              params: { type: "object" },
              message: "must be object",
            };
            if (vErrors === null) {
              vErrors = [err17];
            } else {
              vErrors.push(err17);
            }
            errors++;
          }
        }
      } else {
        const err18 = {
          instancePath: instancePath + "/streams",
          schemaPath: "#/properties/streams/type",
          keyword: "type",
          params: { type: "array" },
          message: "must be array",
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
      instancePath,
      schemaPath: "#/type",
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
  validate10.errors = vErrors;
  return errors === 0;
}

export const configuredCatalog = validate11;
const schema12 = {
  type: "object",
  required: ["streams"],
  properties: {
    streams: {
      type: "array",
      items: {
        type: "object",
        required: ["stream", "sync_mode", "destination_sync_mode"],
        properties: {
          stream: {
            type: "object",
            required: ["name", "json_schema", "supported_sync_modes"],
            properties: {
              name: { type: "string" },
              json_schema: { type: "object" },
              supported_sync_modes: { type: "array", items: { type: "string" } },
              namespace: { type: ["string", "null"] },
              source_defined_cursor: { type: ["boolean", "null"] },
              default_cursor_field: {
                type: ["array", "null"],
                items: { type: "string" },
                examples: [["id"]],
              },
              source_defined_primary_key: {
                type: ["array", "null"],
                items: { type: "array", items: { type: "string" }, examples: [["id"]] },
                examples: [[["id"]]],
              },
              is_resumable: { type: ["boolean", "null"] },
              is_file_based: { type: ["boolean", "null"] },
            },
          },
          sync_mode: { type: "string", enum: ["full_refresh", "incremental"] },
          destination_sync_mode: { type: "string" },
          cursor_field: { type: ["array", "null"], items: { type: "string" }, examples: [["id"]] },
          primary_key: {
            type: ["array", "null"],
            items: { type: "array", items: { type: "string" }, examples: [["id"]] },
            examples: [[["id"]]],
          },
          generation_id: { type: ["integer", "null"] },
          minimum_generation_id: { type: ["integer", "null"] },
          sync_id: { type: ["integer", "null"] },
          destination_object_name: { type: ["string", "null"] },
          include_files: { type: ["boolean", "null"] },
        },
      },
    },
    supports_change_records: { type: ["boolean", "null"] },
  },
};

function validate11(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.streams === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "streams" },
        message: "must have required property '" + "streams" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.streams !== undefined) {
      let data0 = data.streams;
      if (Array.isArray(data0)) {
        const len0 = data0.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data1 = data0[i0];
          if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
            if (data1.stream === undefined) {
              const err1 = {
                instancePath: instancePath + "/streams/" + i0,
                schemaPath: "#/properties/streams/items/required",
                keyword: "required",
                params: { missingProperty: "stream" },
                message: "must have required property '" + "stream" + "'",
              };
              if (vErrors === null) {
                vErrors = [err1];
              } else {
                vErrors.push(err1);
              }
              errors++;
            }
            if (data1.sync_mode === undefined) {
              const err2 = {
                instancePath: instancePath + "/streams/" + i0,
                schemaPath: "#/properties/streams/items/required",
                keyword: "required",
                params: { missingProperty: "sync_mode" },
                message: "must have required property '" + "sync_mode" + "'",
              };
              if (vErrors === null) {
                vErrors = [err2];
              } else {
                vErrors.push(err2);
              }
              errors++;
            }
            if (data1.destination_sync_mode === undefined) {
              const err3 = {
                instancePath: instancePath + "/streams/" + i0,
                schemaPath: "#/properties/streams/items/required",
                keyword: "required",
                params: { missingProperty: "destination_sync_mode" },
                message: "must have required property '" + "destination_sync_mode" + "'",
              };
              if (vErrors === null) {
                vErrors = [err3];
              } else {
                vErrors.push(err3);
              }
              errors++;
            }
            if (data1.stream !== undefined) {
              let data2 = data1.stream;
              if (data2 && typeof data2 == "object" && !Array.isArray(data2)) {
                if (data2.name === undefined) {
                  const err4 = {
                    instancePath: instancePath + "/streams/" + i0 + "/stream",
                    schemaPath: "#/properties/streams/items/properties/stream/required",
                    keyword: "required",
                    params: { missingProperty: "name" },
                    message: "must have required property '" + "name" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err4];
                  } else {
                    vErrors.push(err4);
                  }
                  errors++;
                }
                if (data2.json_schema === undefined) {
                  const err5 = {
                    instancePath: instancePath + "/streams/" + i0 + "/stream",
                    schemaPath: "#/properties/streams/items/properties/stream/required",
                    keyword: "required",
                    params: { missingProperty: "json_schema" },
                    message: "must have required property '" + "json_schema" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err5];
                  } else {
                    vErrors.push(err5);
                  }
                  errors++;
                }
                if (data2.supported_sync_modes === undefined) {
                  const err6 = {
                    instancePath: instancePath + "/streams/" + i0 + "/stream",
                    schemaPath: "#/properties/streams/items/properties/stream/required",
                    keyword: "required",
                    params: { missingProperty: "supported_sync_modes" },
                    message: "must have required property '" + "supported_sync_modes" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err6];
                  } else {
                    vErrors.push(err6);
                  }
                  errors++;
                }
                if (data2.name !== undefined) {
                  if (typeof data2.name !== "string") {
                    const err7 = {
                      instancePath: instancePath + "/streams/" + i0 + "/stream/name",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/name/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err7];
                    } else {
                      vErrors.push(err7);
                    }
                    errors++;
                  }
                }
                if (data2.json_schema !== undefined) {
                  let data4 = data2.json_schema;
                  if (!(data4 && typeof data4 == "object" && !Array.isArray(data4))) {
                    const err8 = {
                      instancePath: instancePath + "/streams/" + i0 + "/stream/json_schema",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/json_schema/type",
                      keyword: "type",
                      params: { type: "object" },
                      message: "must be object",
                    };
                    if (vErrors === null) {
                      vErrors = [err8];
                    } else {
                      vErrors.push(err8);
                    }
                    errors++;
                  }
                }
                if (data2.supported_sync_modes !== undefined) {
                  let data5 = data2.supported_sync_modes;
                  if (Array.isArray(data5)) {
                    const len1 = data5.length;
                    for (let i1 = 0; i1 < len1; i1++) {
                      if (typeof data5[i1] !== "string") {
                        const err9 = {
                          instancePath:
                            instancePath + "/streams/" + i0 + "/stream/supported_sync_modes/" + i1,
                          schemaPath:
                            "#/properties/streams/items/properties/stream/properties/supported_sync_modes/items/type",
                          keyword: "type",
                          params: { type: "string" },
                          message: "must be string",
                        };
                        if (vErrors === null) {
                          vErrors = [err9];
                        } else {
                          vErrors.push(err9);
                        }
                        errors++;
                      }
                    }
                  } else {
                    const err10 = {
                      instancePath:
                        instancePath + "/streams/" + i0 + "/stream/supported_sync_modes",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/supported_sync_modes/type",
                      keyword: "type",
                      params: { type: "array" },
                      message: "must be array",
                    };
                    if (vErrors === null) {
                      vErrors = [err10];
                    } else {
                      vErrors.push(err10);
                    }
                    errors++;
                  }
                }
                if (data2.namespace !== undefined) {
                  let data7 = data2.namespace;
                  if (typeof data7 !== "string" && data7 !== null) {
                    const err11 = {
                      instancePath: instancePath + "/streams/" + i0 + "/stream/namespace",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/namespace/type",
                      keyword: "type",
                      params: {
                        type: schema12.properties.streams.items.properties.stream.properties
                          .namespace.type,
                      },
                      message: "must be string,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err11];
                    } else {
                      vErrors.push(err11);
                    }
                    errors++;
                  }
                }
                if (data2.source_defined_cursor !== undefined) {
                  let data8 = data2.source_defined_cursor;
                  if (typeof data8 !== "boolean" && data8 !== null) {
                    const err12 = {
                      instancePath:
                        instancePath + "/streams/" + i0 + "/stream/source_defined_cursor",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/source_defined_cursor/type",
                      keyword: "type",
                      params: {
                        type: schema12.properties.streams.items.properties.stream.properties
                          .source_defined_cursor.type,
                      },
                      message: "must be boolean,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err12];
                    } else {
                      vErrors.push(err12);
                    }
                    errors++;
                  }
                }
                if (data2.default_cursor_field !== undefined) {
                  let data9 = data2.default_cursor_field;
                  if (!Array.isArray(data9) && data9 !== null) {
                    const err13 = {
                      instancePath:
                        instancePath + "/streams/" + i0 + "/stream/default_cursor_field",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/default_cursor_field/type",
                      keyword: "type",
                      params: {
                        type: schema12.properties.streams.items.properties.stream.properties
                          .default_cursor_field.type,
                      },
                      message: "must be array,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err13];
                    } else {
                      vErrors.push(err13);
                    }
                    errors++;
                  }
                  if (Array.isArray(data9)) {
                    const len2 = data9.length;
                    for (let i2 = 0; i2 < len2; i2++) {
                      if (typeof data9[i2] !== "string") {
                        const err14 = {
                          instancePath:
                            instancePath + "/streams/" + i0 + "/stream/default_cursor_field/" + i2,
                          schemaPath:
                            "#/properties/streams/items/properties/stream/properties/default_cursor_field/items/type",
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
                  }
                }
                if (data2.source_defined_primary_key !== undefined) {
                  let data11 = data2.source_defined_primary_key;
                  if (!Array.isArray(data11) && data11 !== null) {
                    const err15 = {
                      instancePath:
                        instancePath + "/streams/" + i0 + "/stream/source_defined_primary_key",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/source_defined_primary_key/type",
                      keyword: "type",
                      params: {
                        type: schema12.properties.streams.items.properties.stream.properties
                          .source_defined_primary_key.type,
                      },
                      message: "must be array,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err15];
                    } else {
                      vErrors.push(err15);
                    }
                    errors++;
                  }
                  if (Array.isArray(data11)) {
                    const len3 = data11.length;
                    for (let i3 = 0; i3 < len3; i3++) {
                      let data12 = data11[i3];
                      if (Array.isArray(data12)) {
                        const len4 = data12.length;
                        for (let i4 = 0; i4 < len4; i4++) {
                          if (typeof data12[i4] !== "string") {
                            const err16 = {
                              instancePath:
                                instancePath +
                                "/streams/" +
                                i0 +
                                "/stream/source_defined_primary_key/" +
                                i3 +
                                "/" +
                                i4,
                              schemaPath:
                                "#/properties/streams/items/properties/stream/properties/source_defined_primary_key/items/items/type",
                              keyword: "type",
                              params: { type: "string" },
                              message: "must be string",
                            };
                            if (vErrors === null) {
                              vErrors = [err16];
                            } else {
                              vErrors.push(err16);
                            }
                            errors++;
                          }
                        }
                      } else {
                        const err17 = {
                          instancePath:
                            instancePath +
                            "/streams/" +
                            i0 +
                            "/stream/source_defined_primary_key/" +
                            i3,
                          schemaPath:
                            "#/properties/streams/items/properties/stream/properties/source_defined_primary_key/items/type",
                          keyword: "type",
                          params: { type: "array" },
                          message: "must be array",
                        };
                        if (vErrors === null) {
                          vErrors = [err17];
                        } else {
                          vErrors.push(err17);
                        }
                        errors++;
                      }
                    }
                  }
                }
                if (data2.is_resumable !== undefined) {
                  let data14 = data2.is_resumable;
                  if (typeof data14 !== "boolean" && data14 !== null) {
                    const err18 = {
                      instancePath: instancePath + "/streams/" + i0 + "/stream/is_resumable",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/is_resumable/type",
                      keyword: "type",
                      params: {
                        type: schema12.properties.streams.items.properties.stream.properties
                          .is_resumable.type,
                      },
                      message: "must be boolean,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err18];
                    } else {
                      vErrors.push(err18);
                    }
                    errors++;
                  }
                }
                if (data2.is_file_based !== undefined) {
                  let data15 = data2.is_file_based;
                  if (typeof data15 !== "boolean" && data15 !== null) {
                    const err19 = {
                      instancePath: instancePath + "/streams/" + i0 + "/stream/is_file_based",
                      schemaPath:
                        "#/properties/streams/items/properties/stream/properties/is_file_based/type",
                      keyword: "type",
                      params: {
                        type: schema12.properties.streams.items.properties.stream.properties
                          .is_file_based.type,
                      },
                      message: "must be boolean,null",
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
                  instancePath: instancePath + "/streams/" + i0 + "/stream",
                  schemaPath: "#/properties/streams/items/properties/stream/type",
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
            if (data1.sync_mode !== undefined) {
              let data16 = data1.sync_mode;
              if (typeof data16 !== "string") {
                const err21 = {
                  instancePath: instancePath + "/streams/" + i0 + "/sync_mode",
                  schemaPath: "#/properties/streams/items/properties/sync_mode/type",
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
              if (!(data16 === "full_refresh" || data16 === "incremental")) {
                const err22 = {
                  instancePath: instancePath + "/streams/" + i0 + "/sync_mode",
                  schemaPath: "#/properties/streams/items/properties/sync_mode/enum",
                  keyword: "enum",
                  params: {
                    allowedValues: schema12.properties.streams.items.properties.sync_mode.enum,
                  },
                  message: "must be equal to one of the allowed values",
                };
                if (vErrors === null) {
                  vErrors = [err22];
                } else {
                  vErrors.push(err22);
                }
                errors++;
              }
            }
            if (data1.destination_sync_mode !== undefined) {
              if (typeof data1.destination_sync_mode !== "string") {
                const err23 = {
                  instancePath: instancePath + "/streams/" + i0 + "/destination_sync_mode",
                  schemaPath: "#/properties/streams/items/properties/destination_sync_mode/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
                };
                if (vErrors === null) {
                  vErrors = [err23];
                } else {
                  vErrors.push(err23);
                }
                errors++;
              }
            }
            if (data1.cursor_field !== undefined) {
              let data18 = data1.cursor_field;
              if (!Array.isArray(data18) && data18 !== null) {
                const err24 = {
                  instancePath: instancePath + "/streams/" + i0 + "/cursor_field",
                  schemaPath: "#/properties/streams/items/properties/cursor_field/type",
                  keyword: "type",
                  params: { type: schema12.properties.streams.items.properties.cursor_field.type },
                  message: "must be array,null",
                };
                if (vErrors === null) {
                  vErrors = [err24];
                } else {
                  vErrors.push(err24);
                }
                errors++;
              }
              if (Array.isArray(data18)) {
                const len5 = data18.length;
                for (let i5 = 0; i5 < len5; i5++) {
                  if (typeof data18[i5] !== "string") {
                    const err25 = {
                      instancePath: instancePath + "/streams/" + i0 + "/cursor_field/" + i5,
                      schemaPath: "#/properties/streams/items/properties/cursor_field/items/type",
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
                }
              }
            }
            if (data1.primary_key !== undefined) {
              let data20 = data1.primary_key;
              if (!Array.isArray(data20) && data20 !== null) {
                const err26 = {
                  instancePath: instancePath + "/streams/" + i0 + "/primary_key",
                  schemaPath: "#/properties/streams/items/properties/primary_key/type",
                  keyword: "type",
                  params: { type: schema12.properties.streams.items.properties.primary_key.type },
                  message: "must be array,null",
                };
                if (vErrors === null) {
                  vErrors = [err26];
                } else {
                  vErrors.push(err26);
                }
                errors++;
              }
              if (Array.isArray(data20)) {
                const len6 = data20.length;
                for (let i6 = 0; i6 < len6; i6++) {
                  let data21 = data20[i6];
                  if (Array.isArray(data21)) {
                    const len7 = data21.length;
                    for (let i7 = 0; i7 < len7; i7++) {
                      if (typeof data21[i7] !== "string") {
                        const err27 = {
                          instancePath:
                            instancePath + "/streams/" + i0 + "/primary_key/" + i6 + "/" + i7,
                          schemaPath:
                            "#/properties/streams/items/properties/primary_key/items/items/type",
                          keyword: "type",
                          params: { type: "string" },
                          message: "must be string",
                        };
                        if (vErrors === null) {
                          vErrors = [err27];
                        } else {
                          vErrors.push(err27);
                        }
                        errors++;
                      }
                    }
                  } else {
                    const err28 = {
                      instancePath: instancePath + "/streams/" + i0 + "/primary_key/" + i6,
                      schemaPath: "#/properties/streams/items/properties/primary_key/items/type",
                      keyword: "type",
                      params: { type: "array" },
                      message: "must be array",
                    };
                    if (vErrors === null) {
                      vErrors = [err28];
                    } else {
                      vErrors.push(err28);
                    }
                    errors++;
                  }
                }
              }
            }
            if (data1.generation_id !== undefined) {
              let data23 = data1.generation_id;
              if (
                !(typeof data23 == "number" && !(data23 % 1) && !isNaN(data23)) &&
                data23 !== null
              ) {
                const err29 = {
                  instancePath: instancePath + "/streams/" + i0 + "/generation_id",
                  schemaPath: "#/properties/streams/items/properties/generation_id/type",
                  keyword: "type",
                  params: { type: schema12.properties.streams.items.properties.generation_id.type },
                  message: "must be integer,null",
                };
                if (vErrors === null) {
                  vErrors = [err29];
                } else {
                  vErrors.push(err29);
                }
                errors++;
              }
            }
            if (data1.minimum_generation_id !== undefined) {
              let data24 = data1.minimum_generation_id;
              if (
                !(typeof data24 == "number" && !(data24 % 1) && !isNaN(data24)) &&
                data24 !== null
              ) {
                const err30 = {
                  instancePath: instancePath + "/streams/" + i0 + "/minimum_generation_id",
                  schemaPath: "#/properties/streams/items/properties/minimum_generation_id/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.streams.items.properties.minimum_generation_id.type,
                  },
                  message: "must be integer,null",
                };
                if (vErrors === null) {
                  vErrors = [err30];
                } else {
                  vErrors.push(err30);
                }
                errors++;
              }
            }
            if (data1.sync_id !== undefined) {
              let data25 = data1.sync_id;
              if (
                !(typeof data25 == "number" && !(data25 % 1) && !isNaN(data25)) &&
                data25 !== null
              ) {
                const err31 = {
                  instancePath: instancePath + "/streams/" + i0 + "/sync_id",
                  schemaPath: "#/properties/streams/items/properties/sync_id/type",
                  keyword: "type",
                  params: { type: schema12.properties.streams.items.properties.sync_id.type },
                  message: "must be integer,null",
                };
                if (vErrors === null) {
                  vErrors = [err31];
                } else {
                  vErrors.push(err31);
                }
                errors++;
              }
            }
            if (data1.destination_object_name !== undefined) {
              let data26 = data1.destination_object_name;
              if (typeof data26 !== "string" && data26 !== null) {
                const err32 = {
                  instancePath: instancePath + "/streams/" + i0 + "/destination_object_name",
                  schemaPath: "#/properties/streams/items/properties/destination_object_name/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.streams.items.properties.destination_object_name.type,
                  },
                  message: "must be string,null",
                };
                if (vErrors === null) {
                  vErrors = [err32];
                } else {
                  vErrors.push(err32);
                }
                errors++;
              }
            }
            if (data1.include_files !== undefined) {
              let data27 = data1.include_files;
              if (typeof data27 !== "boolean" && data27 !== null) {
                const err33 = {
                  instancePath: instancePath + "/streams/" + i0 + "/include_files",
                  schemaPath: "#/properties/streams/items/properties/include_files/type",
                  keyword: "type",
                  params: { type: schema12.properties.streams.items.properties.include_files.type },
                  message: "must be boolean,null",
                };
                if (vErrors === null) {
                  vErrors = [err33];
                } else {
                  vErrors.push(err33);
                }
                errors++;
              }
            }
          } else {
            const err34 = {
              instancePath: instancePath + "/streams/" + i0,
              schemaPath: "#/properties/streams/items/type",
              keyword: "type",
              params: { type: "object" },
              message: "must be object",
            };
            if (vErrors === null) {
              vErrors = [err34];
            } else {
              vErrors.push(err34);
            }
            errors++;
          }
        }
      } else {
        const err35 = {
          instancePath: instancePath + "/streams",
          schemaPath: "#/properties/streams/type",
          keyword: "type",
          params: { type: "array" },
          message: "must be array",
        };
        if (vErrors === null) {
          vErrors = [err35];
        } else {
          vErrors.push(err35);
        }
        errors++;
      }
    }
    if (data.supports_change_records !== undefined) {
      let data28 = data.supports_change_records;
      if (typeof data28 !== "boolean" && data28 !== null) {
        const err36 = {
          instancePath: instancePath + "/supports_change_records",
          schemaPath: "#/properties/supports_change_records/type",
          keyword: "type",
          params: { type: schema12.properties.supports_change_records.type },
          message: "must be boolean,null",
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
      instancePath,
      schemaPath: "#/type",
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
  validate11.errors = vErrors;
  return errors === 0;
}
