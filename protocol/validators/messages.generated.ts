// @ts-nocheck
/* oxlint-disable */
/* Written by a program from the schemas. Change those, then run the test of this file with -u. */

export const RECORD = validate10;
const schema11 = {
  type: "object",
  required: ["type", "record"],
  properties: {
    type: { type: "string" },
    record: {
      type: "object",
      required: ["stream", "data", "emitted_at"],
      properties: {
        stream: { type: "string" },
        data: { type: "object" },
        emitted_at: { type: "integer" },
        namespace: { type: ["string", "null"] },
        meta: {
          type: ["object", "null"],
          required: [],
          properties: {
            changes: {
              type: ["array", "null"],
              items: {
                type: "object",
                required: ["field", "change", "reason"],
                properties: {
                  field: { type: "string" },
                  change: { type: "string" },
                  reason: { type: "string" },
                },
              },
            },
            unchanged: { type: ["array", "null"], items: { type: "string" } },
            operation: { type: ["string", "null"] },
          },
        },
        file_reference: {
          type: ["object", "null"],
          required: [],
          properties: {
            staging_file_url: { type: ["string", "null"] },
            source_file_relative_path: { type: ["string", "null"] },
            file_size_bytes: { type: ["integer", "null"] },
          },
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
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.record === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "record" },
        message: "must have required property '" + "record" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.record !== undefined) {
      let data1 = data.record;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.stream === undefined) {
          const err3 = {
            instancePath: instancePath + "/record",
            schemaPath: "#/properties/record/required",
            keyword: "required",
            params: { missingProperty: "stream" },
            message: "must have required property '" + "stream" + "'",
          };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        if (data1.data === undefined) {
          const err4 = {
            instancePath: instancePath + "/record",
            schemaPath: "#/properties/record/required",
            keyword: "required",
            params: { missingProperty: "data" },
            message: "must have required property '" + "data" + "'",
          };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
        if (data1.emitted_at === undefined) {
          const err5 = {
            instancePath: instancePath + "/record",
            schemaPath: "#/properties/record/required",
            keyword: "required",
            params: { missingProperty: "emitted_at" },
            message: "must have required property '" + "emitted_at" + "'",
          };
          if (vErrors === null) {
            vErrors = [err5];
          } else {
            vErrors.push(err5);
          }
          errors++;
        }
        if (data1.stream !== undefined) {
          if (typeof data1.stream !== "string") {
            const err6 = {
              instancePath: instancePath + "/record/stream",
              schemaPath: "#/properties/record/properties/stream/type",
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
        if (data1.data !== undefined) {
          let data3 = data1.data;
          if (!(data3 && typeof data3 == "object" && !Array.isArray(data3))) {
            const err7 = {
              instancePath: instancePath + "/record/data",
              schemaPath: "#/properties/record/properties/data/type",
              keyword: "type",
              params: { type: "object" },
              message: "must be object",
            };
            if (vErrors === null) {
              vErrors = [err7];
            } else {
              vErrors.push(err7);
            }
            errors++;
          }
        }
        if (data1.emitted_at !== undefined) {
          let data4 = data1.emitted_at;
          if (!(typeof data4 == "number" && !(data4 % 1) && !isNaN(data4))) {
            const err8 = {
              instancePath: instancePath + "/record/emitted_at",
              schemaPath: "#/properties/record/properties/emitted_at/type",
              keyword: "type",
              params: { type: "integer" },
              message: "must be integer",
            };
            if (vErrors === null) {
              vErrors = [err8];
            } else {
              vErrors.push(err8);
            }
            errors++;
          }
        }
        if (data1.namespace !== undefined) {
          let data5 = data1.namespace;
          if (typeof data5 !== "string" && data5 !== null) {
            const err9 = {
              instancePath: instancePath + "/record/namespace",
              schemaPath: "#/properties/record/properties/namespace/type",
              keyword: "type",
              params: { type: schema11.properties.record.properties.namespace.type },
              message: "must be string,null",
            };
            if (vErrors === null) {
              vErrors = [err9];
            } else {
              vErrors.push(err9);
            }
            errors++;
          }
        }
        if (data1.meta !== undefined) {
          let data6 = data1.meta;
          if (!(data6 && typeof data6 == "object" && !Array.isArray(data6)) && data6 !== null) {
            const err10 = {
              instancePath: instancePath + "/record/meta",
              schemaPath: "#/properties/record/properties/meta/type",
              keyword: "type",
              params: { type: schema11.properties.record.properties.meta.type },
              message: "must be object,null",
            };
            if (vErrors === null) {
              vErrors = [err10];
            } else {
              vErrors.push(err10);
            }
            errors++;
          }
          if (data6 && typeof data6 == "object" && !Array.isArray(data6)) {
            if (data6.changes !== undefined) {
              let data7 = data6.changes;
              if (!Array.isArray(data7) && data7 !== null) {
                const err11 = {
                  instancePath: instancePath + "/record/meta/changes",
                  schemaPath: "#/properties/record/properties/meta/properties/changes/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.record.properties.meta.properties.changes.type,
                  },
                  message: "must be array,null",
                };
                if (vErrors === null) {
                  vErrors = [err11];
                } else {
                  vErrors.push(err11);
                }
                errors++;
              }
              if (Array.isArray(data7)) {
                const len0 = data7.length;
                for (let i0 = 0; i0 < len0; i0++) {
                  let data8 = data7[i0];
                  if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
                    if (data8.field === undefined) {
                      const err12 = {
                        instancePath: instancePath + "/record/meta/changes/" + i0,
                        schemaPath:
                          "#/properties/record/properties/meta/properties/changes/items/required",
                        keyword: "required",
                        params: { missingProperty: "field" },
                        message: "must have required property '" + "field" + "'",
                      };
                      if (vErrors === null) {
                        vErrors = [err12];
                      } else {
                        vErrors.push(err12);
                      }
                      errors++;
                    }
                    if (data8.change === undefined) {
                      const err13 = {
                        instancePath: instancePath + "/record/meta/changes/" + i0,
                        schemaPath:
                          "#/properties/record/properties/meta/properties/changes/items/required",
                        keyword: "required",
                        params: { missingProperty: "change" },
                        message: "must have required property '" + "change" + "'",
                      };
                      if (vErrors === null) {
                        vErrors = [err13];
                      } else {
                        vErrors.push(err13);
                      }
                      errors++;
                    }
                    if (data8.reason === undefined) {
                      const err14 = {
                        instancePath: instancePath + "/record/meta/changes/" + i0,
                        schemaPath:
                          "#/properties/record/properties/meta/properties/changes/items/required",
                        keyword: "required",
                        params: { missingProperty: "reason" },
                        message: "must have required property '" + "reason" + "'",
                      };
                      if (vErrors === null) {
                        vErrors = [err14];
                      } else {
                        vErrors.push(err14);
                      }
                      errors++;
                    }
                    if (data8.field !== undefined) {
                      if (typeof data8.field !== "string") {
                        const err15 = {
                          instancePath: instancePath + "/record/meta/changes/" + i0 + "/field",
                          schemaPath:
                            "#/properties/record/properties/meta/properties/changes/items/properties/field/type",
                          keyword: "type",
                          params: { type: "string" },
                          message: "must be string",
                        };
                        if (vErrors === null) {
                          vErrors = [err15];
                        } else {
                          vErrors.push(err15);
                        }
                        errors++;
                      }
                    }
                    if (data8.change !== undefined) {
                      if (typeof data8.change !== "string") {
                        const err16 = {
                          instancePath: instancePath + "/record/meta/changes/" + i0 + "/change",
                          schemaPath:
                            "#/properties/record/properties/meta/properties/changes/items/properties/change/type",
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
                    if (data8.reason !== undefined) {
                      if (typeof data8.reason !== "string") {
                        const err17 = {
                          instancePath: instancePath + "/record/meta/changes/" + i0 + "/reason",
                          schemaPath:
                            "#/properties/record/properties/meta/properties/changes/items/properties/reason/type",
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
                  } else {
                    const err18 = {
                      instancePath: instancePath + "/record/meta/changes/" + i0,
                      schemaPath:
                        "#/properties/record/properties/meta/properties/changes/items/type",
                      keyword: "type",
                      params: { type: "object" },
                      message: "must be object",
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
            }
            if (data6.unchanged !== undefined) {
              let data12 = data6.unchanged;
              if (!Array.isArray(data12) && data12 !== null) {
                const err19 = {
                  instancePath: instancePath + "/record/meta/unchanged",
                  schemaPath: "#/properties/record/properties/meta/properties/unchanged/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.record.properties.meta.properties.unchanged.type,
                  },
                  message: "must be array,null",
                };
                if (vErrors === null) {
                  vErrors = [err19];
                } else {
                  vErrors.push(err19);
                }
                errors++;
              }
              if (Array.isArray(data12)) {
                const len1 = data12.length;
                for (let i1 = 0; i1 < len1; i1++) {
                  if (typeof data12[i1] !== "string") {
                    const err20 = {
                      instancePath: instancePath + "/record/meta/unchanged/" + i1,
                      schemaPath:
                        "#/properties/record/properties/meta/properties/unchanged/items/type",
                      keyword: "type",
                      params: { type: "string" },
                      message: "must be string",
                    };
                    if (vErrors === null) {
                      vErrors = [err20];
                    } else {
                      vErrors.push(err20);
                    }
                    errors++;
                  }
                }
              }
            }
            if (data6.operation !== undefined) {
              let data14 = data6.operation;
              if (typeof data14 !== "string" && data14 !== null) {
                const err21 = {
                  instancePath: instancePath + "/record/meta/operation",
                  schemaPath: "#/properties/record/properties/meta/properties/operation/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.record.properties.meta.properties.operation.type,
                  },
                  message: "must be string,null",
                };
                if (vErrors === null) {
                  vErrors = [err21];
                } else {
                  vErrors.push(err21);
                }
                errors++;
              }
            }
          }
        }
        if (data1.file_reference !== undefined) {
          let data15 = data1.file_reference;
          if (!(data15 && typeof data15 == "object" && !Array.isArray(data15)) && data15 !== null) {
            const err22 = {
              instancePath: instancePath + "/record/file_reference",
              schemaPath: "#/properties/record/properties/file_reference/type",
              keyword: "type",
              params: { type: schema11.properties.record.properties.file_reference.type },
              message: "must be object,null",
            };
            if (vErrors === null) {
              vErrors = [err22];
            } else {
              vErrors.push(err22);
            }
            errors++;
          }
          if (data15 && typeof data15 == "object" && !Array.isArray(data15)) {
            if (data15.staging_file_url !== undefined) {
              let data16 = data15.staging_file_url;
              if (typeof data16 !== "string" && data16 !== null) {
                const err23 = {
                  instancePath: instancePath + "/record/file_reference/staging_file_url",
                  schemaPath:
                    "#/properties/record/properties/file_reference/properties/staging_file_url/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.record.properties.file_reference.properties
                      .staging_file_url.type,
                  },
                  message: "must be string,null",
                };
                if (vErrors === null) {
                  vErrors = [err23];
                } else {
                  vErrors.push(err23);
                }
                errors++;
              }
            }
            if (data15.source_file_relative_path !== undefined) {
              let data17 = data15.source_file_relative_path;
              if (typeof data17 !== "string" && data17 !== null) {
                const err24 = {
                  instancePath: instancePath + "/record/file_reference/source_file_relative_path",
                  schemaPath:
                    "#/properties/record/properties/file_reference/properties/source_file_relative_path/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.record.properties.file_reference.properties
                      .source_file_relative_path.type,
                  },
                  message: "must be string,null",
                };
                if (vErrors === null) {
                  vErrors = [err24];
                } else {
                  vErrors.push(err24);
                }
                errors++;
              }
            }
            if (data15.file_size_bytes !== undefined) {
              let data18 = data15.file_size_bytes;
              if (
                !(typeof data18 == "number" && !(data18 % 1) && !isNaN(data18)) &&
                data18 !== null
              ) {
                const err25 = {
                  instancePath: instancePath + "/record/file_reference/file_size_bytes",
                  schemaPath:
                    "#/properties/record/properties/file_reference/properties/file_size_bytes/type",
                  keyword: "type",
                  params: {
                    type: schema11.properties.record.properties.file_reference.properties
                      .file_size_bytes.type,
                  },
                  message: "must be integer,null",
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
      } else {
        const err26 = {
          instancePath: instancePath + "/record",
          schemaPath: "#/properties/record/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err26];
        } else {
          vErrors.push(err26);
        }
        errors++;
      }
    }
  } else {
    const err27 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err27];
    } else {
      vErrors.push(err27);
    }
    errors++;
  }
  validate10.errors = vErrors;
  return errors === 0;
}

export const STATE = validate11;
const schema12 = {
  type: "object",
  required: ["type", "state"],
  properties: {
    type: { type: "string" },
    state: {
      type: "object",
      required: [],
      properties: {
        type: { type: ["string", "null"], enum: ["STREAM", "GLOBAL", "LEGACY", null] },
        sourceStats: {
          type: ["object", "null"],
          required: [],
          properties: {
            recordCount: { type: ["number", "null"] },
            rejectedRecordCount: { type: ["number", "null"] },
            additionalStats: { type: ["object", "null"] },
          },
        },
        destinationStats: {
          type: ["object", "null"],
          required: [],
          properties: {
            recordCount: { type: ["number", "null"] },
            rejectedRecordCount: { type: ["number", "null"] },
            additionalStats: { type: ["object", "null"] },
          },
        },
        id: { type: ["integer", "null"] },
      },
      allOf: [
        {
          if: { properties: { type: { const: "STREAM" } }, required: ["type"] },
          then: {
            properties: {
              stream: {
                type: "object",
                required: ["stream_descriptor"],
                properties: {
                  stream_descriptor: {
                    type: "object",
                    required: ["name"],
                    properties: {
                      name: { type: "string" },
                      namespace: { type: ["string", "null"] },
                    },
                  },
                },
              },
            },
            required: ["stream"],
          },
        },
        {
          if: { properties: { type: { const: "GLOBAL" } }, required: ["type"] },
          then: {
            properties: {
              global: {
                type: "object",
                required: [],
                properties: {
                  stream_states: {
                    type: ["array", "null"],
                    items: {
                      type: "object",
                      required: ["stream_descriptor"],
                      properties: {
                        stream_descriptor: {
                          type: "object",
                          required: ["name"],
                          properties: {
                            name: { type: "string" },
                            namespace: { type: ["string", "null"] },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
            required: ["global"],
          },
        },
      ],
    },
  },
};

function validate11(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.state === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "state" },
        message: "must have required property '" + "state" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.state !== undefined) {
      let data1 = data.state;
      const _errs6 = errors;
      let valid2 = true;
      const _errs7 = errors;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        let missing0;
        if (data1.type === undefined && (missing0 = "type")) {
          const err3 = {};
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        } else {
          if (data1.type !== undefined) {
            if ("STREAM" !== data1.type) {
              const err4 = {};
              if (vErrors === null) {
                vErrors = [err4];
              } else {
                vErrors.push(err4);
              }
              errors++;
            }
          }
        }
      }
      var _valid0 = _errs7 === errors;
      errors = _errs6;
      if (vErrors !== null) {
        if (_errs6) {
          vErrors.length = _errs6;
        } else {
          vErrors = null;
        }
      }
      if (_valid0) {
        const _errs9 = errors;
        if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
          if (data1.stream === undefined) {
            const err5 = {
              instancePath: instancePath + "/state",
              schemaPath: "#/properties/state/allOf/0/then/required",
              keyword: "required",
              params: { missingProperty: "stream" },
              message: "must have required property '" + "stream" + "'",
            };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
          if (data1.stream !== undefined) {
            let data3 = data1.stream;
            if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
              if (data3.stream_descriptor === undefined) {
                const err6 = {
                  instancePath: instancePath + "/state/stream",
                  schemaPath: "#/properties/state/allOf/0/then/properties/stream/required",
                  keyword: "required",
                  params: { missingProperty: "stream_descriptor" },
                  message: "must have required property '" + "stream_descriptor" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err6];
                } else {
                  vErrors.push(err6);
                }
                errors++;
              }
              if (data3.stream_descriptor !== undefined) {
                let data4 = data3.stream_descriptor;
                if (data4 && typeof data4 == "object" && !Array.isArray(data4)) {
                  if (data4.name === undefined) {
                    const err7 = {
                      instancePath: instancePath + "/state/stream/stream_descriptor",
                      schemaPath:
                        "#/properties/state/allOf/0/then/properties/stream/properties/stream_descriptor/required",
                      keyword: "required",
                      params: { missingProperty: "name" },
                      message: "must have required property '" + "name" + "'",
                    };
                    if (vErrors === null) {
                      vErrors = [err7];
                    } else {
                      vErrors.push(err7);
                    }
                    errors++;
                  }
                  if (data4.name !== undefined) {
                    if (typeof data4.name !== "string") {
                      const err8 = {
                        instancePath: instancePath + "/state/stream/stream_descriptor/name",
                        schemaPath:
                          "#/properties/state/allOf/0/then/properties/stream/properties/stream_descriptor/properties/name/type",
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
                  if (data4.namespace !== undefined) {
                    let data6 = data4.namespace;
                    if (typeof data6 !== "string" && data6 !== null) {
                      const err9 = {
                        instancePath: instancePath + "/state/stream/stream_descriptor/namespace",
                        schemaPath:
                          "#/properties/state/allOf/0/then/properties/stream/properties/stream_descriptor/properties/namespace/type",
                        keyword: "type",
                        params: {
                          type: schema12.properties.state.allOf[0].then.properties.stream.properties
                            .stream_descriptor.properties.namespace.type,
                        },
                        message: "must be string,null",
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
                    instancePath: instancePath + "/state/stream/stream_descriptor",
                    schemaPath:
                      "#/properties/state/allOf/0/then/properties/stream/properties/stream_descriptor/type",
                    keyword: "type",
                    params: { type: "object" },
                    message: "must be object",
                  };
                  if (vErrors === null) {
                    vErrors = [err10];
                  } else {
                    vErrors.push(err10);
                  }
                  errors++;
                }
              }
            } else {
              const err11 = {
                instancePath: instancePath + "/state/stream",
                schemaPath: "#/properties/state/allOf/0/then/properties/stream/type",
                keyword: "type",
                params: { type: "object" },
                message: "must be object",
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
        var _valid0 = _errs9 === errors;
        valid2 = _valid0;
      }
      if (!valid2) {
        const err12 = {
          instancePath: instancePath + "/state",
          schemaPath: "#/properties/state/allOf/0/if",
          keyword: "if",
          params: { failingKeyword: "then" },
          message: 'must match "then" schema',
        };
        if (vErrors === null) {
          vErrors = [err12];
        } else {
          vErrors.push(err12);
        }
        errors++;
      }
      const _errs19 = errors;
      let valid7 = true;
      const _errs20 = errors;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        let missing1;
        if (data1.type === undefined && (missing1 = "type")) {
          const err13 = {};
          if (vErrors === null) {
            vErrors = [err13];
          } else {
            vErrors.push(err13);
          }
          errors++;
        } else {
          if (data1.type !== undefined) {
            if ("GLOBAL" !== data1.type) {
              const err14 = {};
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
      var _valid1 = _errs20 === errors;
      errors = _errs19;
      if (vErrors !== null) {
        if (_errs19) {
          vErrors.length = _errs19;
        } else {
          vErrors = null;
        }
      }
      if (_valid1) {
        const _errs22 = errors;
        if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
          if (data1.global === undefined) {
            const err15 = {
              instancePath: instancePath + "/state",
              schemaPath: "#/properties/state/allOf/1/then/required",
              keyword: "required",
              params: { missingProperty: "global" },
              message: "must have required property '" + "global" + "'",
            };
            if (vErrors === null) {
              vErrors = [err15];
            } else {
              vErrors.push(err15);
            }
            errors++;
          }
          if (data1.global !== undefined) {
            let data8 = data1.global;
            if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
              if (data8.stream_states !== undefined) {
                let data9 = data8.stream_states;
                if (!Array.isArray(data9) && data9 !== null) {
                  const err16 = {
                    instancePath: instancePath + "/state/global/stream_states",
                    schemaPath:
                      "#/properties/state/allOf/1/then/properties/global/properties/stream_states/type",
                    keyword: "type",
                    params: {
                      type: schema12.properties.state.allOf[1].then.properties.global.properties
                        .stream_states.type,
                    },
                    message: "must be array,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err16];
                  } else {
                    vErrors.push(err16);
                  }
                  errors++;
                }
                if (Array.isArray(data9)) {
                  const len0 = data9.length;
                  for (let i0 = 0; i0 < len0; i0++) {
                    let data10 = data9[i0];
                    if (data10 && typeof data10 == "object" && !Array.isArray(data10)) {
                      if (data10.stream_descriptor === undefined) {
                        const err17 = {
                          instancePath: instancePath + "/state/global/stream_states/" + i0,
                          schemaPath:
                            "#/properties/state/allOf/1/then/properties/global/properties/stream_states/items/required",
                          keyword: "required",
                          params: { missingProperty: "stream_descriptor" },
                          message: "must have required property '" + "stream_descriptor" + "'",
                        };
                        if (vErrors === null) {
                          vErrors = [err17];
                        } else {
                          vErrors.push(err17);
                        }
                        errors++;
                      }
                      if (data10.stream_descriptor !== undefined) {
                        let data11 = data10.stream_descriptor;
                        if (data11 && typeof data11 == "object" && !Array.isArray(data11)) {
                          if (data11.name === undefined) {
                            const err18 = {
                              instancePath:
                                instancePath +
                                "/state/global/stream_states/" +
                                i0 +
                                "/stream_descriptor",
                              schemaPath:
                                "#/properties/state/allOf/1/then/properties/global/properties/stream_states/items/properties/stream_descriptor/required",
                              keyword: "required",
                              params: { missingProperty: "name" },
                              message: "must have required property '" + "name" + "'",
                            };
                            if (vErrors === null) {
                              vErrors = [err18];
                            } else {
                              vErrors.push(err18);
                            }
                            errors++;
                          }
                          if (data11.name !== undefined) {
                            if (typeof data11.name !== "string") {
                              const err19 = {
                                instancePath:
                                  instancePath +
                                  "/state/global/stream_states/" +
                                  i0 +
                                  "/stream_descriptor/name",
                                schemaPath:
                                  "#/properties/state/allOf/1/then/properties/global/properties/stream_states/items/properties/stream_descriptor/properties/name/type",
                                keyword: "type",
                                params: { type: "string" },
                                message: "must be string",
                              };
                              if (vErrors === null) {
                                vErrors = [err19];
                              } else {
                                vErrors.push(err19);
                              }
                              errors++;
                            }
                          }
                          if (data11.namespace !== undefined) {
                            let data13 = data11.namespace;
                            if (typeof data13 !== "string" && data13 !== null) {
                              const err20 = {
                                instancePath:
                                  instancePath +
                                  "/state/global/stream_states/" +
                                  i0 +
                                  "/stream_descriptor/namespace",
                                schemaPath:
                                  "#/properties/state/allOf/1/then/properties/global/properties/stream_states/items/properties/stream_descriptor/properties/namespace/type",
                                keyword: "type",
                                params: {
                                  type: schema12.properties.state.allOf[1].then.properties.global
                                    .properties.stream_states.items.properties.stream_descriptor
                                    .properties.namespace.type,
                                },
                                message: "must be string,null",
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
                            instancePath:
                              instancePath +
                              "/state/global/stream_states/" +
                              i0 +
                              "/stream_descriptor",
                            schemaPath:
                              "#/properties/state/allOf/1/then/properties/global/properties/stream_states/items/properties/stream_descriptor/type",
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
                    } else {
                      const err22 = {
                        instancePath: instancePath + "/state/global/stream_states/" + i0,
                        schemaPath:
                          "#/properties/state/allOf/1/then/properties/global/properties/stream_states/items/type",
                        keyword: "type",
                        params: { type: "object" },
                        message: "must be object",
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
              }
            } else {
              const err23 = {
                instancePath: instancePath + "/state/global",
                schemaPath: "#/properties/state/allOf/1/then/properties/global/type",
                keyword: "type",
                params: { type: "object" },
                message: "must be object",
              };
              if (vErrors === null) {
                vErrors = [err23];
              } else {
                vErrors.push(err23);
              }
              errors++;
            }
          }
        }
        var _valid1 = _errs22 === errors;
        valid7 = _valid1;
      }
      if (!valid7) {
        const err24 = {
          instancePath: instancePath + "/state",
          schemaPath: "#/properties/state/allOf/1/if",
          keyword: "if",
          params: { failingKeyword: "then" },
          message: 'must match "then" schema',
        };
        if (vErrors === null) {
          vErrors = [err24];
        } else {
          vErrors.push(err24);
        }
        errors++;
      }
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.type !== undefined) {
          let data14 = data1.type;
          if (typeof data14 !== "string" && data14 !== null) {
            const err25 = {
              instancePath: instancePath + "/state/type",
              schemaPath: "#/properties/state/properties/type/type",
              keyword: "type",
              params: { type: schema12.properties.state.properties.type.type },
              message: "must be string,null",
            };
            if (vErrors === null) {
              vErrors = [err25];
            } else {
              vErrors.push(err25);
            }
            errors++;
          }
          if (!(
            data14 === "STREAM" ||
            data14 === "GLOBAL" ||
            data14 === "LEGACY" ||
            data14 === null
          )) {
            const err26 = {
              instancePath: instancePath + "/state/type",
              schemaPath: "#/properties/state/properties/type/enum",
              keyword: "enum",
              params: { allowedValues: schema12.properties.state.properties.type.enum },
              message: "must be equal to one of the allowed values",
            };
            if (vErrors === null) {
              vErrors = [err26];
            } else {
              vErrors.push(err26);
            }
            errors++;
          }
        }
        if (data1.sourceStats !== undefined) {
          let data15 = data1.sourceStats;
          if (!(data15 && typeof data15 == "object" && !Array.isArray(data15)) && data15 !== null) {
            const err27 = {
              instancePath: instancePath + "/state/sourceStats",
              schemaPath: "#/properties/state/properties/sourceStats/type",
              keyword: "type",
              params: { type: schema12.properties.state.properties.sourceStats.type },
              message: "must be object,null",
            };
            if (vErrors === null) {
              vErrors = [err27];
            } else {
              vErrors.push(err27);
            }
            errors++;
          }
          if (data15 && typeof data15 == "object" && !Array.isArray(data15)) {
            if (data15.recordCount !== undefined) {
              let data16 = data15.recordCount;
              if (!(typeof data16 == "number") && data16 !== null) {
                const err28 = {
                  instancePath: instancePath + "/state/sourceStats/recordCount",
                  schemaPath:
                    "#/properties/state/properties/sourceStats/properties/recordCount/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.state.properties.sourceStats.properties.recordCount
                      .type,
                  },
                  message: "must be number,null",
                };
                if (vErrors === null) {
                  vErrors = [err28];
                } else {
                  vErrors.push(err28);
                }
                errors++;
              }
            }
            if (data15.rejectedRecordCount !== undefined) {
              let data17 = data15.rejectedRecordCount;
              if (!(typeof data17 == "number") && data17 !== null) {
                const err29 = {
                  instancePath: instancePath + "/state/sourceStats/rejectedRecordCount",
                  schemaPath:
                    "#/properties/state/properties/sourceStats/properties/rejectedRecordCount/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.state.properties.sourceStats.properties
                      .rejectedRecordCount.type,
                  },
                  message: "must be number,null",
                };
                if (vErrors === null) {
                  vErrors = [err29];
                } else {
                  vErrors.push(err29);
                }
                errors++;
              }
            }
            if (data15.additionalStats !== undefined) {
              let data18 = data15.additionalStats;
              if (
                !(data18 && typeof data18 == "object" && !Array.isArray(data18)) &&
                data18 !== null
              ) {
                const err30 = {
                  instancePath: instancePath + "/state/sourceStats/additionalStats",
                  schemaPath:
                    "#/properties/state/properties/sourceStats/properties/additionalStats/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.state.properties.sourceStats.properties
                      .additionalStats.type,
                  },
                  message: "must be object,null",
                };
                if (vErrors === null) {
                  vErrors = [err30];
                } else {
                  vErrors.push(err30);
                }
                errors++;
              }
            }
          }
        }
        if (data1.destinationStats !== undefined) {
          let data19 = data1.destinationStats;
          if (!(data19 && typeof data19 == "object" && !Array.isArray(data19)) && data19 !== null) {
            const err31 = {
              instancePath: instancePath + "/state/destinationStats",
              schemaPath: "#/properties/state/properties/destinationStats/type",
              keyword: "type",
              params: { type: schema12.properties.state.properties.destinationStats.type },
              message: "must be object,null",
            };
            if (vErrors === null) {
              vErrors = [err31];
            } else {
              vErrors.push(err31);
            }
            errors++;
          }
          if (data19 && typeof data19 == "object" && !Array.isArray(data19)) {
            if (data19.recordCount !== undefined) {
              let data20 = data19.recordCount;
              if (!(typeof data20 == "number") && data20 !== null) {
                const err32 = {
                  instancePath: instancePath + "/state/destinationStats/recordCount",
                  schemaPath:
                    "#/properties/state/properties/destinationStats/properties/recordCount/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.state.properties.destinationStats.properties
                      .recordCount.type,
                  },
                  message: "must be number,null",
                };
                if (vErrors === null) {
                  vErrors = [err32];
                } else {
                  vErrors.push(err32);
                }
                errors++;
              }
            }
            if (data19.rejectedRecordCount !== undefined) {
              let data21 = data19.rejectedRecordCount;
              if (!(typeof data21 == "number") && data21 !== null) {
                const err33 = {
                  instancePath: instancePath + "/state/destinationStats/rejectedRecordCount",
                  schemaPath:
                    "#/properties/state/properties/destinationStats/properties/rejectedRecordCount/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.state.properties.destinationStats.properties
                      .rejectedRecordCount.type,
                  },
                  message: "must be number,null",
                };
                if (vErrors === null) {
                  vErrors = [err33];
                } else {
                  vErrors.push(err33);
                }
                errors++;
              }
            }
            if (data19.additionalStats !== undefined) {
              let data22 = data19.additionalStats;
              if (
                !(data22 && typeof data22 == "object" && !Array.isArray(data22)) &&
                data22 !== null
              ) {
                const err34 = {
                  instancePath: instancePath + "/state/destinationStats/additionalStats",
                  schemaPath:
                    "#/properties/state/properties/destinationStats/properties/additionalStats/type",
                  keyword: "type",
                  params: {
                    type: schema12.properties.state.properties.destinationStats.properties
                      .additionalStats.type,
                  },
                  message: "must be object,null",
                };
                if (vErrors === null) {
                  vErrors = [err34];
                } else {
                  vErrors.push(err34);
                }
                errors++;
              }
            }
          }
        }
        if (data1.id !== undefined) {
          let data23 = data1.id;
          if (!(typeof data23 == "number" && !(data23 % 1) && !isNaN(data23)) && data23 !== null) {
            const err35 = {
              instancePath: instancePath + "/state/id",
              schemaPath: "#/properties/state/properties/id/type",
              keyword: "type",
              params: { type: schema12.properties.state.properties.id.type },
              message: "must be integer,null",
            };
            if (vErrors === null) {
              vErrors = [err35];
            } else {
              vErrors.push(err35);
            }
            errors++;
          }
        }
      } else {
        const err36 = {
          instancePath: instancePath + "/state",
          schemaPath: "#/properties/state/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
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

export const LOG = validate12;
const schema13 = {
  type: "object",
  required: ["type", "log"],
  properties: {
    type: { type: "string" },
    log: {
      type: "object",
      required: ["level", "message"],
      properties: {
        level: { type: "string" },
        message: { type: "string" },
        stack_trace: { type: ["string", "null"] },
      },
    },
  },
};

function validate12(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.log === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "log" },
        message: "must have required property '" + "log" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.log !== undefined) {
      let data1 = data.log;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.level === undefined) {
          const err3 = {
            instancePath: instancePath + "/log",
            schemaPath: "#/properties/log/required",
            keyword: "required",
            params: { missingProperty: "level" },
            message: "must have required property '" + "level" + "'",
          };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        if (data1.message === undefined) {
          const err4 = {
            instancePath: instancePath + "/log",
            schemaPath: "#/properties/log/required",
            keyword: "required",
            params: { missingProperty: "message" },
            message: "must have required property '" + "message" + "'",
          };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
        if (data1.level !== undefined) {
          if (typeof data1.level !== "string") {
            const err5 = {
              instancePath: instancePath + "/log/level",
              schemaPath: "#/properties/log/properties/level/type",
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
        if (data1.message !== undefined) {
          if (typeof data1.message !== "string") {
            const err6 = {
              instancePath: instancePath + "/log/message",
              schemaPath: "#/properties/log/properties/message/type",
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
        if (data1.stack_trace !== undefined) {
          let data4 = data1.stack_trace;
          if (typeof data4 !== "string" && data4 !== null) {
            const err7 = {
              instancePath: instancePath + "/log/stack_trace",
              schemaPath: "#/properties/log/properties/stack_trace/type",
              keyword: "type",
              params: { type: schema13.properties.log.properties.stack_trace.type },
              message: "must be string,null",
            };
            if (vErrors === null) {
              vErrors = [err7];
            } else {
              vErrors.push(err7);
            }
            errors++;
          }
        }
      } else {
        const err8 = {
          instancePath: instancePath + "/log",
          schemaPath: "#/properties/log/type",
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
  } else {
    const err9 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err9];
    } else {
      vErrors.push(err9);
    }
    errors++;
  }
  validate12.errors = vErrors;
  return errors === 0;
}

export const TRACE = validate13;
const schema14 = {
  type: "object",
  required: ["type", "trace"],
  properties: {
    type: { type: "string" },
    trace: {
      type: "object",
      required: ["type", "emitted_at"],
      properties: { type: { type: "string" }, emitted_at: { type: "number" } },
      allOf: [
        {
          if: { properties: { type: { const: "ERROR" } }, required: ["type"] },
          then: {
            properties: {
              error: {
                type: "object",
                required: ["message"],
                properties: {
                  message: { type: "string" },
                  internal_message: { type: ["string", "null"] },
                  stack_trace: { type: ["string", "null"] },
                  failure_type: { type: ["string", "null"] },
                  stream_descriptor: {
                    type: ["object", "null"],
                    required: ["name"],
                    properties: {
                      name: { type: "string" },
                      namespace: { type: ["string", "null"] },
                    },
                  },
                },
              },
            },
            required: ["error"],
          },
        },
        {
          if: { properties: { type: { const: "ESTIMATE" } }, required: ["type"] },
          then: {
            properties: {
              estimate: {
                type: "object",
                required: ["name", "type"],
                properties: {
                  name: { type: "string" },
                  type: { type: "string", enum: ["STREAM", "SYNC"] },
                  namespace: { type: ["string", "null"] },
                  row_estimate: { type: ["integer", "null"] },
                  byte_estimate: { type: ["integer", "null"] },
                },
              },
            },
            required: ["estimate"],
          },
        },
        {
          if: { properties: { type: { const: "STREAM_STATUS" } }, required: ["type"] },
          then: {
            properties: {
              stream_status: {
                type: "object",
                required: ["stream_descriptor", "status"],
                properties: {
                  stream_descriptor: {
                    type: "object",
                    required: ["name"],
                    properties: {
                      name: { type: "string" },
                      namespace: { type: ["string", "null"] },
                    },
                  },
                  status: {
                    type: "string",
                    enum: ["STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"],
                  },
                  reasons: {
                    type: ["array", "null"],
                    items: {
                      type: "object",
                      required: ["type"],
                      properties: { type: { type: "string" } },
                    },
                  },
                },
              },
            },
            required: ["stream_status"],
          },
        },
        {
          if: { properties: { type: { const: "ANALYTICS" } }, required: ["type"] },
          then: {
            properties: {
              analytics: {
                type: "object",
                required: ["type"],
                properties: { type: { type: "string" }, value: { type: ["string", "null"] } },
              },
            },
            required: ["analytics"],
          },
        },
      ],
    },
  },
};

function validate13(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.trace === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "trace" },
        message: "must have required property '" + "trace" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.trace !== undefined) {
      let data1 = data.trace;
      const _errs6 = errors;
      let valid2 = true;
      const _errs7 = errors;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        let missing0;
        if (data1.type === undefined && (missing0 = "type")) {
          const err3 = {};
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        } else {
          if (data1.type !== undefined) {
            if ("ERROR" !== data1.type) {
              const err4 = {};
              if (vErrors === null) {
                vErrors = [err4];
              } else {
                vErrors.push(err4);
              }
              errors++;
            }
          }
        }
      }
      var _valid0 = _errs7 === errors;
      errors = _errs6;
      if (vErrors !== null) {
        if (_errs6) {
          vErrors.length = _errs6;
        } else {
          vErrors = null;
        }
      }
      if (_valid0) {
        const _errs9 = errors;
        if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
          if (data1.error === undefined) {
            const err5 = {
              instancePath: instancePath + "/trace",
              schemaPath: "#/properties/trace/allOf/0/then/required",
              keyword: "required",
              params: { missingProperty: "error" },
              message: "must have required property '" + "error" + "'",
            };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
          if (data1.error !== undefined) {
            let data3 = data1.error;
            if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
              if (data3.message === undefined) {
                const err6 = {
                  instancePath: instancePath + "/trace/error",
                  schemaPath: "#/properties/trace/allOf/0/then/properties/error/required",
                  keyword: "required",
                  params: { missingProperty: "message" },
                  message: "must have required property '" + "message" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err6];
                } else {
                  vErrors.push(err6);
                }
                errors++;
              }
              if (data3.message !== undefined) {
                if (typeof data3.message !== "string") {
                  const err7 = {
                    instancePath: instancePath + "/trace/error/message",
                    schemaPath:
                      "#/properties/trace/allOf/0/then/properties/error/properties/message/type",
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
              if (data3.internal_message !== undefined) {
                let data5 = data3.internal_message;
                if (typeof data5 !== "string" && data5 !== null) {
                  const err8 = {
                    instancePath: instancePath + "/trace/error/internal_message",
                    schemaPath:
                      "#/properties/trace/allOf/0/then/properties/error/properties/internal_message/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[0].then.properties.error.properties
                        .internal_message.type,
                    },
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
              if (data3.stack_trace !== undefined) {
                let data6 = data3.stack_trace;
                if (typeof data6 !== "string" && data6 !== null) {
                  const err9 = {
                    instancePath: instancePath + "/trace/error/stack_trace",
                    schemaPath:
                      "#/properties/trace/allOf/0/then/properties/error/properties/stack_trace/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[0].then.properties.error.properties
                        .stack_trace.type,
                    },
                    message: "must be string,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err9];
                  } else {
                    vErrors.push(err9);
                  }
                  errors++;
                }
              }
              if (data3.failure_type !== undefined) {
                let data7 = data3.failure_type;
                if (typeof data7 !== "string" && data7 !== null) {
                  const err10 = {
                    instancePath: instancePath + "/trace/error/failure_type",
                    schemaPath:
                      "#/properties/trace/allOf/0/then/properties/error/properties/failure_type/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[0].then.properties.error.properties
                        .failure_type.type,
                    },
                    message: "must be string,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err10];
                  } else {
                    vErrors.push(err10);
                  }
                  errors++;
                }
              }
              if (data3.stream_descriptor !== undefined) {
                let data8 = data3.stream_descriptor;
                if (
                  !(data8 && typeof data8 == "object" && !Array.isArray(data8)) &&
                  data8 !== null
                ) {
                  const err11 = {
                    instancePath: instancePath + "/trace/error/stream_descriptor",
                    schemaPath:
                      "#/properties/trace/allOf/0/then/properties/error/properties/stream_descriptor/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[0].then.properties.error.properties
                        .stream_descriptor.type,
                    },
                    message: "must be object,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err11];
                  } else {
                    vErrors.push(err11);
                  }
                  errors++;
                }
                if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
                  if (data8.name === undefined) {
                    const err12 = {
                      instancePath: instancePath + "/trace/error/stream_descriptor",
                      schemaPath:
                        "#/properties/trace/allOf/0/then/properties/error/properties/stream_descriptor/required",
                      keyword: "required",
                      params: { missingProperty: "name" },
                      message: "must have required property '" + "name" + "'",
                    };
                    if (vErrors === null) {
                      vErrors = [err12];
                    } else {
                      vErrors.push(err12);
                    }
                    errors++;
                  }
                  if (data8.name !== undefined) {
                    if (typeof data8.name !== "string") {
                      const err13 = {
                        instancePath: instancePath + "/trace/error/stream_descriptor/name",
                        schemaPath:
                          "#/properties/trace/allOf/0/then/properties/error/properties/stream_descriptor/properties/name/type",
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
                  if (data8.namespace !== undefined) {
                    let data10 = data8.namespace;
                    if (typeof data10 !== "string" && data10 !== null) {
                      const err14 = {
                        instancePath: instancePath + "/trace/error/stream_descriptor/namespace",
                        schemaPath:
                          "#/properties/trace/allOf/0/then/properties/error/properties/stream_descriptor/properties/namespace/type",
                        keyword: "type",
                        params: {
                          type: schema14.properties.trace.allOf[0].then.properties.error.properties
                            .stream_descriptor.properties.namespace.type,
                        },
                        message: "must be string,null",
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
            } else {
              const err15 = {
                instancePath: instancePath + "/trace/error",
                schemaPath: "#/properties/trace/allOf/0/then/properties/error/type",
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
        }
        var _valid0 = _errs9 === errors;
        valid2 = _valid0;
      }
      if (!valid2) {
        const err16 = {
          instancePath: instancePath + "/trace",
          schemaPath: "#/properties/trace/allOf/0/if",
          keyword: "if",
          params: { failingKeyword: "then" },
          message: 'must match "then" schema',
        };
        if (vErrors === null) {
          vErrors = [err16];
        } else {
          vErrors.push(err16);
        }
        errors++;
      }
      const _errs27 = errors;
      let valid7 = true;
      const _errs28 = errors;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        let missing1;
        if (data1.type === undefined && (missing1 = "type")) {
          const err17 = {};
          if (vErrors === null) {
            vErrors = [err17];
          } else {
            vErrors.push(err17);
          }
          errors++;
        } else {
          if (data1.type !== undefined) {
            if ("ESTIMATE" !== data1.type) {
              const err18 = {};
              if (vErrors === null) {
                vErrors = [err18];
              } else {
                vErrors.push(err18);
              }
              errors++;
            }
          }
        }
      }
      var _valid1 = _errs28 === errors;
      errors = _errs27;
      if (vErrors !== null) {
        if (_errs27) {
          vErrors.length = _errs27;
        } else {
          vErrors = null;
        }
      }
      if (_valid1) {
        const _errs30 = errors;
        if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
          if (data1.estimate === undefined) {
            const err19 = {
              instancePath: instancePath + "/trace",
              schemaPath: "#/properties/trace/allOf/1/then/required",
              keyword: "required",
              params: { missingProperty: "estimate" },
              message: "must have required property '" + "estimate" + "'",
            };
            if (vErrors === null) {
              vErrors = [err19];
            } else {
              vErrors.push(err19);
            }
            errors++;
          }
          if (data1.estimate !== undefined) {
            let data12 = data1.estimate;
            if (data12 && typeof data12 == "object" && !Array.isArray(data12)) {
              if (data12.name === undefined) {
                const err20 = {
                  instancePath: instancePath + "/trace/estimate",
                  schemaPath: "#/properties/trace/allOf/1/then/properties/estimate/required",
                  keyword: "required",
                  params: { missingProperty: "name" },
                  message: "must have required property '" + "name" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err20];
                } else {
                  vErrors.push(err20);
                }
                errors++;
              }
              if (data12.type === undefined) {
                const err21 = {
                  instancePath: instancePath + "/trace/estimate",
                  schemaPath: "#/properties/trace/allOf/1/then/properties/estimate/required",
                  keyword: "required",
                  params: { missingProperty: "type" },
                  message: "must have required property '" + "type" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err21];
                } else {
                  vErrors.push(err21);
                }
                errors++;
              }
              if (data12.name !== undefined) {
                if (typeof data12.name !== "string") {
                  const err22 = {
                    instancePath: instancePath + "/trace/estimate/name",
                    schemaPath:
                      "#/properties/trace/allOf/1/then/properties/estimate/properties/name/type",
                    keyword: "type",
                    params: { type: "string" },
                    message: "must be string",
                  };
                  if (vErrors === null) {
                    vErrors = [err22];
                  } else {
                    vErrors.push(err22);
                  }
                  errors++;
                }
              }
              if (data12.type !== undefined) {
                let data14 = data12.type;
                if (typeof data14 !== "string") {
                  const err23 = {
                    instancePath: instancePath + "/trace/estimate/type",
                    schemaPath:
                      "#/properties/trace/allOf/1/then/properties/estimate/properties/type/type",
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
                if (!(data14 === "STREAM" || data14 === "SYNC")) {
                  const err24 = {
                    instancePath: instancePath + "/trace/estimate/type",
                    schemaPath:
                      "#/properties/trace/allOf/1/then/properties/estimate/properties/type/enum",
                    keyword: "enum",
                    params: {
                      allowedValues:
                        schema14.properties.trace.allOf[1].then.properties.estimate.properties.type
                          .enum,
                    },
                    message: "must be equal to one of the allowed values",
                  };
                  if (vErrors === null) {
                    vErrors = [err24];
                  } else {
                    vErrors.push(err24);
                  }
                  errors++;
                }
              }
              if (data12.namespace !== undefined) {
                let data15 = data12.namespace;
                if (typeof data15 !== "string" && data15 !== null) {
                  const err25 = {
                    instancePath: instancePath + "/trace/estimate/namespace",
                    schemaPath:
                      "#/properties/trace/allOf/1/then/properties/estimate/properties/namespace/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[1].then.properties.estimate.properties
                        .namespace.type,
                    },
                    message: "must be string,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err25];
                  } else {
                    vErrors.push(err25);
                  }
                  errors++;
                }
              }
              if (data12.row_estimate !== undefined) {
                let data16 = data12.row_estimate;
                if (
                  !(typeof data16 == "number" && !(data16 % 1) && !isNaN(data16)) &&
                  data16 !== null
                ) {
                  const err26 = {
                    instancePath: instancePath + "/trace/estimate/row_estimate",
                    schemaPath:
                      "#/properties/trace/allOf/1/then/properties/estimate/properties/row_estimate/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[1].then.properties.estimate.properties
                        .row_estimate.type,
                    },
                    message: "must be integer,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err26];
                  } else {
                    vErrors.push(err26);
                  }
                  errors++;
                }
              }
              if (data12.byte_estimate !== undefined) {
                let data17 = data12.byte_estimate;
                if (
                  !(typeof data17 == "number" && !(data17 % 1) && !isNaN(data17)) &&
                  data17 !== null
                ) {
                  const err27 = {
                    instancePath: instancePath + "/trace/estimate/byte_estimate",
                    schemaPath:
                      "#/properties/trace/allOf/1/then/properties/estimate/properties/byte_estimate/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[1].then.properties.estimate.properties
                        .byte_estimate.type,
                    },
                    message: "must be integer,null",
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
                instancePath: instancePath + "/trace/estimate",
                schemaPath: "#/properties/trace/allOf/1/then/properties/estimate/type",
                keyword: "type",
                params: { type: "object" },
                message: "must be object",
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
        var _valid1 = _errs30 === errors;
        valid7 = _valid1;
      }
      if (!valid7) {
        const err29 = {
          instancePath: instancePath + "/trace",
          schemaPath: "#/properties/trace/allOf/1/if",
          keyword: "if",
          params: { failingKeyword: "then" },
          message: 'must match "then" schema',
        };
        if (vErrors === null) {
          vErrors = [err29];
        } else {
          vErrors.push(err29);
        }
        errors++;
      }
      const _errs44 = errors;
      let valid11 = true;
      const _errs45 = errors;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        let missing2;
        if (data1.type === undefined && (missing2 = "type")) {
          const err30 = {};
          if (vErrors === null) {
            vErrors = [err30];
          } else {
            vErrors.push(err30);
          }
          errors++;
        } else {
          if (data1.type !== undefined) {
            if ("STREAM_STATUS" !== data1.type) {
              const err31 = {};
              if (vErrors === null) {
                vErrors = [err31];
              } else {
                vErrors.push(err31);
              }
              errors++;
            }
          }
        }
      }
      var _valid2 = _errs45 === errors;
      errors = _errs44;
      if (vErrors !== null) {
        if (_errs44) {
          vErrors.length = _errs44;
        } else {
          vErrors = null;
        }
      }
      if (_valid2) {
        const _errs47 = errors;
        if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
          if (data1.stream_status === undefined) {
            const err32 = {
              instancePath: instancePath + "/trace",
              schemaPath: "#/properties/trace/allOf/2/then/required",
              keyword: "required",
              params: { missingProperty: "stream_status" },
              message: "must have required property '" + "stream_status" + "'",
            };
            if (vErrors === null) {
              vErrors = [err32];
            } else {
              vErrors.push(err32);
            }
            errors++;
          }
          if (data1.stream_status !== undefined) {
            let data19 = data1.stream_status;
            if (data19 && typeof data19 == "object" && !Array.isArray(data19)) {
              if (data19.stream_descriptor === undefined) {
                const err33 = {
                  instancePath: instancePath + "/trace/stream_status",
                  schemaPath: "#/properties/trace/allOf/2/then/properties/stream_status/required",
                  keyword: "required",
                  params: { missingProperty: "stream_descriptor" },
                  message: "must have required property '" + "stream_descriptor" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err33];
                } else {
                  vErrors.push(err33);
                }
                errors++;
              }
              if (data19.status === undefined) {
                const err34 = {
                  instancePath: instancePath + "/trace/stream_status",
                  schemaPath: "#/properties/trace/allOf/2/then/properties/stream_status/required",
                  keyword: "required",
                  params: { missingProperty: "status" },
                  message: "must have required property '" + "status" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err34];
                } else {
                  vErrors.push(err34);
                }
                errors++;
              }
              if (data19.stream_descriptor !== undefined) {
                let data20 = data19.stream_descriptor;
                if (data20 && typeof data20 == "object" && !Array.isArray(data20)) {
                  if (data20.name === undefined) {
                    const err35 = {
                      instancePath: instancePath + "/trace/stream_status/stream_descriptor",
                      schemaPath:
                        "#/properties/trace/allOf/2/then/properties/stream_status/properties/stream_descriptor/required",
                      keyword: "required",
                      params: { missingProperty: "name" },
                      message: "must have required property '" + "name" + "'",
                    };
                    if (vErrors === null) {
                      vErrors = [err35];
                    } else {
                      vErrors.push(err35);
                    }
                    errors++;
                  }
                  if (data20.name !== undefined) {
                    if (typeof data20.name !== "string") {
                      const err36 = {
                        instancePath: instancePath + "/trace/stream_status/stream_descriptor/name",
                        schemaPath:
                          "#/properties/trace/allOf/2/then/properties/stream_status/properties/stream_descriptor/properties/name/type",
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
                  if (data20.namespace !== undefined) {
                    let data22 = data20.namespace;
                    if (typeof data22 !== "string" && data22 !== null) {
                      const err37 = {
                        instancePath:
                          instancePath + "/trace/stream_status/stream_descriptor/namespace",
                        schemaPath:
                          "#/properties/trace/allOf/2/then/properties/stream_status/properties/stream_descriptor/properties/namespace/type",
                        keyword: "type",
                        params: {
                          type: schema14.properties.trace.allOf[2].then.properties.stream_status
                            .properties.stream_descriptor.properties.namespace.type,
                        },
                        message: "must be string,null",
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
                    instancePath: instancePath + "/trace/stream_status/stream_descriptor",
                    schemaPath:
                      "#/properties/trace/allOf/2/then/properties/stream_status/properties/stream_descriptor/type",
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
              if (data19.status !== undefined) {
                let data23 = data19.status;
                if (typeof data23 !== "string") {
                  const err39 = {
                    instancePath: instancePath + "/trace/stream_status/status",
                    schemaPath:
                      "#/properties/trace/allOf/2/then/properties/stream_status/properties/status/type",
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
                if (!(
                  data23 === "STARTED" ||
                  data23 === "RUNNING" ||
                  data23 === "COMPLETE" ||
                  data23 === "INCOMPLETE"
                )) {
                  const err40 = {
                    instancePath: instancePath + "/trace/stream_status/status",
                    schemaPath:
                      "#/properties/trace/allOf/2/then/properties/stream_status/properties/status/enum",
                    keyword: "enum",
                    params: {
                      allowedValues:
                        schema14.properties.trace.allOf[2].then.properties.stream_status.properties
                          .status.enum,
                    },
                    message: "must be equal to one of the allowed values",
                  };
                  if (vErrors === null) {
                    vErrors = [err40];
                  } else {
                    vErrors.push(err40);
                  }
                  errors++;
                }
              }
              if (data19.reasons !== undefined) {
                let data24 = data19.reasons;
                if (!Array.isArray(data24) && data24 !== null) {
                  const err41 = {
                    instancePath: instancePath + "/trace/stream_status/reasons",
                    schemaPath:
                      "#/properties/trace/allOf/2/then/properties/stream_status/properties/reasons/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[2].then.properties.stream_status
                        .properties.reasons.type,
                    },
                    message: "must be array,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err41];
                  } else {
                    vErrors.push(err41);
                  }
                  errors++;
                }
                if (Array.isArray(data24)) {
                  const len0 = data24.length;
                  for (let i0 = 0; i0 < len0; i0++) {
                    let data25 = data24[i0];
                    if (data25 && typeof data25 == "object" && !Array.isArray(data25)) {
                      if (data25.type === undefined) {
                        const err42 = {
                          instancePath: instancePath + "/trace/stream_status/reasons/" + i0,
                          schemaPath:
                            "#/properties/trace/allOf/2/then/properties/stream_status/properties/reasons/items/required",
                          keyword: "required",
                          params: { missingProperty: "type" },
                          message: "must have required property '" + "type" + "'",
                        };
                        if (vErrors === null) {
                          vErrors = [err42];
                        } else {
                          vErrors.push(err42);
                        }
                        errors++;
                      }
                      if (data25.type !== undefined) {
                        if (typeof data25.type !== "string") {
                          const err43 = {
                            instancePath:
                              instancePath + "/trace/stream_status/reasons/" + i0 + "/type",
                            schemaPath:
                              "#/properties/trace/allOf/2/then/properties/stream_status/properties/reasons/items/properties/type/type",
                            keyword: "type",
                            params: { type: "string" },
                            message: "must be string",
                          };
                          if (vErrors === null) {
                            vErrors = [err43];
                          } else {
                            vErrors.push(err43);
                          }
                          errors++;
                        }
                      }
                    } else {
                      const err44 = {
                        instancePath: instancePath + "/trace/stream_status/reasons/" + i0,
                        schemaPath:
                          "#/properties/trace/allOf/2/then/properties/stream_status/properties/reasons/items/type",
                        keyword: "type",
                        params: { type: "object" },
                        message: "must be object",
                      };
                      if (vErrors === null) {
                        vErrors = [err44];
                      } else {
                        vErrors.push(err44);
                      }
                      errors++;
                    }
                  }
                }
              }
            } else {
              const err45 = {
                instancePath: instancePath + "/trace/stream_status",
                schemaPath: "#/properties/trace/allOf/2/then/properties/stream_status/type",
                keyword: "type",
                params: { type: "object" },
                message: "must be object",
              };
              if (vErrors === null) {
                vErrors = [err45];
              } else {
                vErrors.push(err45);
              }
              errors++;
            }
          }
        }
        var _valid2 = _errs47 === errors;
        valid11 = _valid2;
      }
      if (!valid11) {
        const err46 = {
          instancePath: instancePath + "/trace",
          schemaPath: "#/properties/trace/allOf/2/if",
          keyword: "if",
          params: { failingKeyword: "then" },
          message: 'must match "then" schema',
        };
        if (vErrors === null) {
          vErrors = [err46];
        } else {
          vErrors.push(err46);
        }
        errors++;
      }
      const _errs65 = errors;
      let valid19 = true;
      const _errs66 = errors;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        let missing3;
        if (data1.type === undefined && (missing3 = "type")) {
          const err47 = {};
          if (vErrors === null) {
            vErrors = [err47];
          } else {
            vErrors.push(err47);
          }
          errors++;
        } else {
          if (data1.type !== undefined) {
            if ("ANALYTICS" !== data1.type) {
              const err48 = {};
              if (vErrors === null) {
                vErrors = [err48];
              } else {
                vErrors.push(err48);
              }
              errors++;
            }
          }
        }
      }
      var _valid3 = _errs66 === errors;
      errors = _errs65;
      if (vErrors !== null) {
        if (_errs65) {
          vErrors.length = _errs65;
        } else {
          vErrors = null;
        }
      }
      if (_valid3) {
        const _errs68 = errors;
        if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
          if (data1.analytics === undefined) {
            const err49 = {
              instancePath: instancePath + "/trace",
              schemaPath: "#/properties/trace/allOf/3/then/required",
              keyword: "required",
              params: { missingProperty: "analytics" },
              message: "must have required property '" + "analytics" + "'",
            };
            if (vErrors === null) {
              vErrors = [err49];
            } else {
              vErrors.push(err49);
            }
            errors++;
          }
          if (data1.analytics !== undefined) {
            let data28 = data1.analytics;
            if (data28 && typeof data28 == "object" && !Array.isArray(data28)) {
              if (data28.type === undefined) {
                const err50 = {
                  instancePath: instancePath + "/trace/analytics",
                  schemaPath: "#/properties/trace/allOf/3/then/properties/analytics/required",
                  keyword: "required",
                  params: { missingProperty: "type" },
                  message: "must have required property '" + "type" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err50];
                } else {
                  vErrors.push(err50);
                }
                errors++;
              }
              if (data28.type !== undefined) {
                if (typeof data28.type !== "string") {
                  const err51 = {
                    instancePath: instancePath + "/trace/analytics/type",
                    schemaPath:
                      "#/properties/trace/allOf/3/then/properties/analytics/properties/type/type",
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
              if (data28.value !== undefined) {
                let data30 = data28.value;
                if (typeof data30 !== "string" && data30 !== null) {
                  const err52 = {
                    instancePath: instancePath + "/trace/analytics/value",
                    schemaPath:
                      "#/properties/trace/allOf/3/then/properties/analytics/properties/value/type",
                    keyword: "type",
                    params: {
                      type: schema14.properties.trace.allOf[3].then.properties.analytics.properties
                        .value.type,
                    },
                    message: "must be string,null",
                  };
                  if (vErrors === null) {
                    vErrors = [err52];
                  } else {
                    vErrors.push(err52);
                  }
                  errors++;
                }
              }
            } else {
              const err53 = {
                instancePath: instancePath + "/trace/analytics",
                schemaPath: "#/properties/trace/allOf/3/then/properties/analytics/type",
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
          }
        }
        var _valid3 = _errs68 === errors;
        valid19 = _valid3;
      }
      if (!valid19) {
        const err54 = {
          instancePath: instancePath + "/trace",
          schemaPath: "#/properties/trace/allOf/3/if",
          keyword: "if",
          params: { failingKeyword: "then" },
          message: 'must match "then" schema',
        };
        if (vErrors === null) {
          vErrors = [err54];
        } else {
          vErrors.push(err54);
        }
        errors++;
      }
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.type === undefined) {
          const err55 = {
            instancePath: instancePath + "/trace",
            schemaPath: "#/properties/trace/required",
            keyword: "required",
            params: { missingProperty: "type" },
            message: "must have required property '" + "type" + "'",
          };
          if (vErrors === null) {
            vErrors = [err55];
          } else {
            vErrors.push(err55);
          }
          errors++;
        }
        if (data1.emitted_at === undefined) {
          const err56 = {
            instancePath: instancePath + "/trace",
            schemaPath: "#/properties/trace/required",
            keyword: "required",
            params: { missingProperty: "emitted_at" },
            message: "must have required property '" + "emitted_at" + "'",
          };
          if (vErrors === null) {
            vErrors = [err56];
          } else {
            vErrors.push(err56);
          }
          errors++;
        }
        if (data1.type !== undefined) {
          if (typeof data1.type !== "string") {
            const err57 = {
              instancePath: instancePath + "/trace/type",
              schemaPath: "#/properties/trace/properties/type/type",
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
        if (data1.emitted_at !== undefined) {
          if (!(typeof data1.emitted_at == "number")) {
            const err58 = {
              instancePath: instancePath + "/trace/emitted_at",
              schemaPath: "#/properties/trace/properties/emitted_at/type",
              keyword: "type",
              params: { type: "number" },
              message: "must be number",
            };
            if (vErrors === null) {
              vErrors = [err58];
            } else {
              vErrors.push(err58);
            }
            errors++;
          }
        }
      } else {
        const err59 = {
          instancePath: instancePath + "/trace",
          schemaPath: "#/properties/trace/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err59];
        } else {
          vErrors.push(err59);
        }
        errors++;
      }
    }
  } else {
    const err60 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err60];
    } else {
      vErrors.push(err60);
    }
    errors++;
  }
  validate13.errors = vErrors;
  return errors === 0;
}

export const SPEC = validate14;
const schema15 = {
  type: "object",
  required: ["type", "spec"],
  properties: {
    type: { type: "string" },
    spec: {
      type: "object",
      required: ["connectionSpecification"],
      properties: {
        connectionSpecification: { type: "object" },
        documentationUrl: { type: ["string", "null"] },
        changelogUrl: { type: ["string", "null"] },
        supportsIncremental: { type: ["boolean", "null"] },
        supportsNormalization: { type: ["boolean", "null"] },
        supportsDBT: { type: ["boolean", "null"] },
        supported_destination_sync_modes: { type: ["array", "null"], items: { type: "string" } },
        advanced_auth: { type: ["object", "null"] },
        protocol_version: { type: ["string", "null"] },
      },
    },
  },
};

function validate14(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.spec === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "spec" },
        message: "must have required property '" + "spec" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.spec !== undefined) {
      let data1 = data.spec;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.connectionSpecification === undefined) {
          const err3 = {
            instancePath: instancePath + "/spec",
            schemaPath: "#/properties/spec/required",
            keyword: "required",
            params: { missingProperty: "connectionSpecification" },
            message: "must have required property '" + "connectionSpecification" + "'",
          };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        if (data1.connectionSpecification !== undefined) {
          let data2 = data1.connectionSpecification;
          if (!(data2 && typeof data2 == "object" && !Array.isArray(data2))) {
            const err4 = {
              instancePath: instancePath + "/spec/connectionSpecification",
              schemaPath: "#/properties/spec/properties/connectionSpecification/type",
              keyword: "type",
              params: { type: "object" },
              message: "must be object",
            };
            if (vErrors === null) {
              vErrors = [err4];
            } else {
              vErrors.push(err4);
            }
            errors++;
          }
        }
        if (data1.documentationUrl !== undefined) {
          let data3 = data1.documentationUrl;
          if (typeof data3 !== "string" && data3 !== null) {
            const err5 = {
              instancePath: instancePath + "/spec/documentationUrl",
              schemaPath: "#/properties/spec/properties/documentationUrl/type",
              keyword: "type",
              params: { type: schema15.properties.spec.properties.documentationUrl.type },
              message: "must be string,null",
            };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
        }
        if (data1.changelogUrl !== undefined) {
          let data4 = data1.changelogUrl;
          if (typeof data4 !== "string" && data4 !== null) {
            const err6 = {
              instancePath: instancePath + "/spec/changelogUrl",
              schemaPath: "#/properties/spec/properties/changelogUrl/type",
              keyword: "type",
              params: { type: schema15.properties.spec.properties.changelogUrl.type },
              message: "must be string,null",
            };
            if (vErrors === null) {
              vErrors = [err6];
            } else {
              vErrors.push(err6);
            }
            errors++;
          }
        }
        if (data1.supportsIncremental !== undefined) {
          let data5 = data1.supportsIncremental;
          if (typeof data5 !== "boolean" && data5 !== null) {
            const err7 = {
              instancePath: instancePath + "/spec/supportsIncremental",
              schemaPath: "#/properties/spec/properties/supportsIncremental/type",
              keyword: "type",
              params: { type: schema15.properties.spec.properties.supportsIncremental.type },
              message: "must be boolean,null",
            };
            if (vErrors === null) {
              vErrors = [err7];
            } else {
              vErrors.push(err7);
            }
            errors++;
          }
        }
        if (data1.supportsNormalization !== undefined) {
          let data6 = data1.supportsNormalization;
          if (typeof data6 !== "boolean" && data6 !== null) {
            const err8 = {
              instancePath: instancePath + "/spec/supportsNormalization",
              schemaPath: "#/properties/spec/properties/supportsNormalization/type",
              keyword: "type",
              params: { type: schema15.properties.spec.properties.supportsNormalization.type },
              message: "must be boolean,null",
            };
            if (vErrors === null) {
              vErrors = [err8];
            } else {
              vErrors.push(err8);
            }
            errors++;
          }
        }
        if (data1.supportsDBT !== undefined) {
          let data7 = data1.supportsDBT;
          if (typeof data7 !== "boolean" && data7 !== null) {
            const err9 = {
              instancePath: instancePath + "/spec/supportsDBT",
              schemaPath: "#/properties/spec/properties/supportsDBT/type",
              keyword: "type",
              params: { type: schema15.properties.spec.properties.supportsDBT.type },
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
        if (data1.supported_destination_sync_modes !== undefined) {
          let data8 = data1.supported_destination_sync_modes;
          if (!Array.isArray(data8) && data8 !== null) {
            const err10 = {
              instancePath: instancePath + "/spec/supported_destination_sync_modes",
              schemaPath: "#/properties/spec/properties/supported_destination_sync_modes/type",
              keyword: "type",
              params: {
                type: schema15.properties.spec.properties.supported_destination_sync_modes.type,
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
            const len0 = data8.length;
            for (let i0 = 0; i0 < len0; i0++) {
              if (typeof data8[i0] !== "string") {
                const err11 = {
                  instancePath: instancePath + "/spec/supported_destination_sync_modes/" + i0,
                  schemaPath:
                    "#/properties/spec/properties/supported_destination_sync_modes/items/type",
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
        if (data1.advanced_auth !== undefined) {
          let data10 = data1.advanced_auth;
          if (!(data10 && typeof data10 == "object" && !Array.isArray(data10)) && data10 !== null) {
            const err12 = {
              instancePath: instancePath + "/spec/advanced_auth",
              schemaPath: "#/properties/spec/properties/advanced_auth/type",
              keyword: "type",
              params: { type: schema15.properties.spec.properties.advanced_auth.type },
              message: "must be object,null",
            };
            if (vErrors === null) {
              vErrors = [err12];
            } else {
              vErrors.push(err12);
            }
            errors++;
          }
        }
        if (data1.protocol_version !== undefined) {
          let data11 = data1.protocol_version;
          if (typeof data11 !== "string" && data11 !== null) {
            const err13 = {
              instancePath: instancePath + "/spec/protocol_version",
              schemaPath: "#/properties/spec/properties/protocol_version/type",
              keyword: "type",
              params: { type: schema15.properties.spec.properties.protocol_version.type },
              message: "must be string,null",
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
          instancePath: instancePath + "/spec",
          schemaPath: "#/properties/spec/type",
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
    }
  } else {
    const err15 = {
      instancePath,
      schemaPath: "#/type",
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
  validate14.errors = vErrors;
  return errors === 0;
}

export const CONNECTION_STATUS = validate15;
const schema16 = {
  type: "object",
  required: ["type", "connectionStatus"],
  properties: {
    type: { type: "string" },
    connectionStatus: {
      type: "object",
      required: ["status"],
      properties: {
        status: { type: "string", enum: ["SUCCEEDED", "FAILED"] },
        message: { type: ["string", "null"] },
      },
    },
  },
};

function validate15(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.connectionStatus === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "connectionStatus" },
        message: "must have required property '" + "connectionStatus" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.connectionStatus !== undefined) {
      let data1 = data.connectionStatus;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.status === undefined) {
          const err3 = {
            instancePath: instancePath + "/connectionStatus",
            schemaPath: "#/properties/connectionStatus/required",
            keyword: "required",
            params: { missingProperty: "status" },
            message: "must have required property '" + "status" + "'",
          };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        if (data1.status !== undefined) {
          let data2 = data1.status;
          if (typeof data2 !== "string") {
            const err4 = {
              instancePath: instancePath + "/connectionStatus/status",
              schemaPath: "#/properties/connectionStatus/properties/status/type",
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
          if (!(data2 === "SUCCEEDED" || data2 === "FAILED")) {
            const err5 = {
              instancePath: instancePath + "/connectionStatus/status",
              schemaPath: "#/properties/connectionStatus/properties/status/enum",
              keyword: "enum",
              params: {
                allowedValues: schema16.properties.connectionStatus.properties.status.enum,
              },
              message: "must be equal to one of the allowed values",
            };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
        }
        if (data1.message !== undefined) {
          let data3 = data1.message;
          if (typeof data3 !== "string" && data3 !== null) {
            const err6 = {
              instancePath: instancePath + "/connectionStatus/message",
              schemaPath: "#/properties/connectionStatus/properties/message/type",
              keyword: "type",
              params: { type: schema16.properties.connectionStatus.properties.message.type },
              message: "must be string,null",
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
          instancePath: instancePath + "/connectionStatus",
          schemaPath: "#/properties/connectionStatus/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
    }
  } else {
    const err8 = {
      instancePath,
      schemaPath: "#/type",
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
  validate15.errors = vErrors;
  return errors === 0;
}

export const CATALOG = validate16;
const schema17 = {
  type: "object",
  required: ["type", "catalog"],
  properties: {
    type: { type: "string" },
    catalog: {
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
    },
  },
};

function validate16(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.catalog === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "catalog" },
        message: "must have required property '" + "catalog" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.catalog !== undefined) {
      let data1 = data.catalog;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.streams === undefined) {
          const err3 = {
            instancePath: instancePath + "/catalog",
            schemaPath: "#/properties/catalog/required",
            keyword: "required",
            params: { missingProperty: "streams" },
            message: "must have required property '" + "streams" + "'",
          };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        if (data1.streams !== undefined) {
          let data2 = data1.streams;
          if (Array.isArray(data2)) {
            const len0 = data2.length;
            for (let i0 = 0; i0 < len0; i0++) {
              let data3 = data2[i0];
              if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
                if (data3.name === undefined) {
                  const err4 = {
                    instancePath: instancePath + "/catalog/streams/" + i0,
                    schemaPath: "#/properties/catalog/properties/streams/items/required",
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
                if (data3.json_schema === undefined) {
                  const err5 = {
                    instancePath: instancePath + "/catalog/streams/" + i0,
                    schemaPath: "#/properties/catalog/properties/streams/items/required",
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
                if (data3.supported_sync_modes === undefined) {
                  const err6 = {
                    instancePath: instancePath + "/catalog/streams/" + i0,
                    schemaPath: "#/properties/catalog/properties/streams/items/required",
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
                if (data3.name !== undefined) {
                  if (typeof data3.name !== "string") {
                    const err7 = {
                      instancePath: instancePath + "/catalog/streams/" + i0 + "/name",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/name/type",
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
                if (data3.json_schema !== undefined) {
                  let data5 = data3.json_schema;
                  if (!(data5 && typeof data5 == "object" && !Array.isArray(data5))) {
                    const err8 = {
                      instancePath: instancePath + "/catalog/streams/" + i0 + "/json_schema",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/json_schema/type",
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
                if (data3.supported_sync_modes !== undefined) {
                  let data6 = data3.supported_sync_modes;
                  if (Array.isArray(data6)) {
                    const len1 = data6.length;
                    for (let i1 = 0; i1 < len1; i1++) {
                      if (typeof data6[i1] !== "string") {
                        const err9 = {
                          instancePath:
                            instancePath + "/catalog/streams/" + i0 + "/supported_sync_modes/" + i1,
                          schemaPath:
                            "#/properties/catalog/properties/streams/items/properties/supported_sync_modes/items/type",
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
                        instancePath + "/catalog/streams/" + i0 + "/supported_sync_modes",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/supported_sync_modes/type",
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
                if (data3.namespace !== undefined) {
                  let data8 = data3.namespace;
                  if (typeof data8 !== "string" && data8 !== null) {
                    const err11 = {
                      instancePath: instancePath + "/catalog/streams/" + i0 + "/namespace",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/namespace/type",
                      keyword: "type",
                      params: {
                        type: schema17.properties.catalog.properties.streams.items.properties
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
                if (data3.source_defined_cursor !== undefined) {
                  let data9 = data3.source_defined_cursor;
                  if (typeof data9 !== "boolean" && data9 !== null) {
                    const err12 = {
                      instancePath:
                        instancePath + "/catalog/streams/" + i0 + "/source_defined_cursor",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/source_defined_cursor/type",
                      keyword: "type",
                      params: {
                        type: schema17.properties.catalog.properties.streams.items.properties
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
                if (data3.default_cursor_field !== undefined) {
                  let data10 = data3.default_cursor_field;
                  if (!Array.isArray(data10) && data10 !== null) {
                    const err13 = {
                      instancePath:
                        instancePath + "/catalog/streams/" + i0 + "/default_cursor_field",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/default_cursor_field/type",
                      keyword: "type",
                      params: {
                        type: schema17.properties.catalog.properties.streams.items.properties
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
                  if (Array.isArray(data10)) {
                    const len2 = data10.length;
                    for (let i2 = 0; i2 < len2; i2++) {
                      if (typeof data10[i2] !== "string") {
                        const err14 = {
                          instancePath:
                            instancePath + "/catalog/streams/" + i0 + "/default_cursor_field/" + i2,
                          schemaPath:
                            "#/properties/catalog/properties/streams/items/properties/default_cursor_field/items/type",
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
                if (data3.source_defined_primary_key !== undefined) {
                  let data12 = data3.source_defined_primary_key;
                  if (!Array.isArray(data12) && data12 !== null) {
                    const err15 = {
                      instancePath:
                        instancePath + "/catalog/streams/" + i0 + "/source_defined_primary_key",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/source_defined_primary_key/type",
                      keyword: "type",
                      params: {
                        type: schema17.properties.catalog.properties.streams.items.properties
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
                  if (Array.isArray(data12)) {
                    const len3 = data12.length;
                    for (let i3 = 0; i3 < len3; i3++) {
                      let data13 = data12[i3];
                      if (Array.isArray(data13)) {
                        const len4 = data13.length;
                        for (let i4 = 0; i4 < len4; i4++) {
                          if (typeof data13[i4] !== "string") {
                            const err16 = {
                              instancePath:
                                instancePath +
                                "/catalog/streams/" +
                                i0 +
                                "/source_defined_primary_key/" +
                                i3 +
                                "/" +
                                i4,
                              schemaPath:
                                "#/properties/catalog/properties/streams/items/properties/source_defined_primary_key/items/items/type",
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
                            "/catalog/streams/" +
                            i0 +
                            "/source_defined_primary_key/" +
                            i3,
                          schemaPath:
                            "#/properties/catalog/properties/streams/items/properties/source_defined_primary_key/items/type",
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
                if (data3.is_resumable !== undefined) {
                  let data15 = data3.is_resumable;
                  if (typeof data15 !== "boolean" && data15 !== null) {
                    const err18 = {
                      instancePath: instancePath + "/catalog/streams/" + i0 + "/is_resumable",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/is_resumable/type",
                      keyword: "type",
                      params: {
                        type: schema17.properties.catalog.properties.streams.items.properties
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
                if (data3.is_file_based !== undefined) {
                  let data16 = data3.is_file_based;
                  if (typeof data16 !== "boolean" && data16 !== null) {
                    const err19 = {
                      instancePath: instancePath + "/catalog/streams/" + i0 + "/is_file_based",
                      schemaPath:
                        "#/properties/catalog/properties/streams/items/properties/is_file_based/type",
                      keyword: "type",
                      params: {
                        type: schema17.properties.catalog.properties.streams.items.properties
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
                  instancePath: instancePath + "/catalog/streams/" + i0,
                  schemaPath: "#/properties/catalog/properties/streams/items/type",
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
              instancePath: instancePath + "/catalog/streams",
              schemaPath: "#/properties/catalog/properties/streams/type",
              keyword: "type",
              params: { type: "array" },
              message: "must be array",
            };
            if (vErrors === null) {
              vErrors = [err21];
            } else {
              vErrors.push(err21);
            }
            errors++;
          }
        }
      } else {
        const err22 = {
          instancePath: instancePath + "/catalog",
          schemaPath: "#/properties/catalog/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err22];
        } else {
          vErrors.push(err22);
        }
        errors++;
      }
    }
  } else {
    const err23 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err23];
    } else {
      vErrors.push(err23);
    }
    errors++;
  }
  validate16.errors = vErrors;
  return errors === 0;
}

export const CONTROL = validate17;
const schema18 = {
  type: "object",
  required: ["type", "control"],
  properties: {
    type: { type: "string" },
    control: {
      type: "object",
      required: ["type", "emitted_at"],
      properties: { type: { type: "string" }, emitted_at: { type: "number" } },
      allOf: [
        {
          if: { properties: { type: { const: "CONNECTOR_CONFIG" } }, required: ["type"] },
          then: {
            properties: {
              connectorConfig: {
                type: "object",
                required: ["config"],
                properties: { config: { type: "object" } },
              },
            },
            required: ["connectorConfig"],
          },
        },
      ],
    },
  },
};

function validate17(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.control === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "control" },
        message: "must have required property '" + "control" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.control !== undefined) {
      let data1 = data.control;
      const _errs6 = errors;
      let valid2 = true;
      const _errs7 = errors;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        let missing0;
        if (data1.type === undefined && (missing0 = "type")) {
          const err3 = {};
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        } else {
          if (data1.type !== undefined) {
            if ("CONNECTOR_CONFIG" !== data1.type) {
              const err4 = {};
              if (vErrors === null) {
                vErrors = [err4];
              } else {
                vErrors.push(err4);
              }
              errors++;
            }
          }
        }
      }
      var _valid0 = _errs7 === errors;
      errors = _errs6;
      if (vErrors !== null) {
        if (_errs6) {
          vErrors.length = _errs6;
        } else {
          vErrors = null;
        }
      }
      if (_valid0) {
        const _errs9 = errors;
        if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
          if (data1.connectorConfig === undefined) {
            const err5 = {
              instancePath: instancePath + "/control",
              schemaPath: "#/properties/control/allOf/0/then/required",
              keyword: "required",
              params: { missingProperty: "connectorConfig" },
              message: "must have required property '" + "connectorConfig" + "'",
            };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
          if (data1.connectorConfig !== undefined) {
            let data3 = data1.connectorConfig;
            if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
              if (data3.config === undefined) {
                const err6 = {
                  instancePath: instancePath + "/control/connectorConfig",
                  schemaPath:
                    "#/properties/control/allOf/0/then/properties/connectorConfig/required",
                  keyword: "required",
                  params: { missingProperty: "config" },
                  message: "must have required property '" + "config" + "'",
                };
                if (vErrors === null) {
                  vErrors = [err6];
                } else {
                  vErrors.push(err6);
                }
                errors++;
              }
              if (data3.config !== undefined) {
                let data4 = data3.config;
                if (!(data4 && typeof data4 == "object" && !Array.isArray(data4))) {
                  const err7 = {
                    instancePath: instancePath + "/control/connectorConfig/config",
                    schemaPath:
                      "#/properties/control/allOf/0/then/properties/connectorConfig/properties/config/type",
                    keyword: "type",
                    params: { type: "object" },
                    message: "must be object",
                  };
                  if (vErrors === null) {
                    vErrors = [err7];
                  } else {
                    vErrors.push(err7);
                  }
                  errors++;
                }
              }
            } else {
              const err8 = {
                instancePath: instancePath + "/control/connectorConfig",
                schemaPath: "#/properties/control/allOf/0/then/properties/connectorConfig/type",
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
        }
        var _valid0 = _errs9 === errors;
        valid2 = _valid0;
      }
      if (!valid2) {
        const err9 = {
          instancePath: instancePath + "/control",
          schemaPath: "#/properties/control/allOf/0/if",
          keyword: "if",
          params: { failingKeyword: "then" },
          message: 'must match "then" schema',
        };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.type === undefined) {
          const err10 = {
            instancePath: instancePath + "/control",
            schemaPath: "#/properties/control/required",
            keyword: "required",
            params: { missingProperty: "type" },
            message: "must have required property '" + "type" + "'",
          };
          if (vErrors === null) {
            vErrors = [err10];
          } else {
            vErrors.push(err10);
          }
          errors++;
        }
        if (data1.emitted_at === undefined) {
          const err11 = {
            instancePath: instancePath + "/control",
            schemaPath: "#/properties/control/required",
            keyword: "required",
            params: { missingProperty: "emitted_at" },
            message: "must have required property '" + "emitted_at" + "'",
          };
          if (vErrors === null) {
            vErrors = [err11];
          } else {
            vErrors.push(err11);
          }
          errors++;
        }
        if (data1.type !== undefined) {
          if (typeof data1.type !== "string") {
            const err12 = {
              instancePath: instancePath + "/control/type",
              schemaPath: "#/properties/control/properties/type/type",
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
        if (data1.emitted_at !== undefined) {
          if (!(typeof data1.emitted_at == "number")) {
            const err13 = {
              instancePath: instancePath + "/control/emitted_at",
              schemaPath: "#/properties/control/properties/emitted_at/type",
              keyword: "type",
              params: { type: "number" },
              message: "must be number",
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
          instancePath: instancePath + "/control",
          schemaPath: "#/properties/control/type",
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
    }
  } else {
    const err15 = {
      instancePath,
      schemaPath: "#/type",
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
  validate17.errors = vErrors;
  return errors === 0;
}

export const DESTINATION_CATALOG = validate18;
const schema19 = {
  type: "object",
  required: ["type", "destination_catalog"],
  properties: {
    type: { type: "string" },
    destination_catalog: {
      type: "object",
      required: ["operations"],
      properties: {
        operations: {
          type: "array",
          items: {
            type: "object",
            required: ["object_name", "sync_mode", "json_schema"],
            properties: {
              object_name: { type: "string" },
              sync_mode: { type: "string" },
              json_schema: { type: "object" },
              matching_keys: {
                type: ["array", "null"],
                items: { type: "array", items: { type: "string" }, examples: [["id"]] },
                examples: [[["id"]]],
              },
            },
          },
        },
      },
    },
  },
};

function validate18(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.destination_catalog === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "destination_catalog" },
        message: "must have required property '" + "destination_catalog" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.destination_catalog !== undefined) {
      let data1 = data.destination_catalog;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.operations === undefined) {
          const err3 = {
            instancePath: instancePath + "/destination_catalog",
            schemaPath: "#/properties/destination_catalog/required",
            keyword: "required",
            params: { missingProperty: "operations" },
            message: "must have required property '" + "operations" + "'",
          };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        if (data1.operations !== undefined) {
          let data2 = data1.operations;
          if (Array.isArray(data2)) {
            const len0 = data2.length;
            for (let i0 = 0; i0 < len0; i0++) {
              let data3 = data2[i0];
              if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
                if (data3.object_name === undefined) {
                  const err4 = {
                    instancePath: instancePath + "/destination_catalog/operations/" + i0,
                    schemaPath:
                      "#/properties/destination_catalog/properties/operations/items/required",
                    keyword: "required",
                    params: { missingProperty: "object_name" },
                    message: "must have required property '" + "object_name" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err4];
                  } else {
                    vErrors.push(err4);
                  }
                  errors++;
                }
                if (data3.sync_mode === undefined) {
                  const err5 = {
                    instancePath: instancePath + "/destination_catalog/operations/" + i0,
                    schemaPath:
                      "#/properties/destination_catalog/properties/operations/items/required",
                    keyword: "required",
                    params: { missingProperty: "sync_mode" },
                    message: "must have required property '" + "sync_mode" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err5];
                  } else {
                    vErrors.push(err5);
                  }
                  errors++;
                }
                if (data3.json_schema === undefined) {
                  const err6 = {
                    instancePath: instancePath + "/destination_catalog/operations/" + i0,
                    schemaPath:
                      "#/properties/destination_catalog/properties/operations/items/required",
                    keyword: "required",
                    params: { missingProperty: "json_schema" },
                    message: "must have required property '" + "json_schema" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err6];
                  } else {
                    vErrors.push(err6);
                  }
                  errors++;
                }
                if (data3.object_name !== undefined) {
                  if (typeof data3.object_name !== "string") {
                    const err7 = {
                      instancePath:
                        instancePath + "/destination_catalog/operations/" + i0 + "/object_name",
                      schemaPath:
                        "#/properties/destination_catalog/properties/operations/items/properties/object_name/type",
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
                if (data3.sync_mode !== undefined) {
                  if (typeof data3.sync_mode !== "string") {
                    const err8 = {
                      instancePath:
                        instancePath + "/destination_catalog/operations/" + i0 + "/sync_mode",
                      schemaPath:
                        "#/properties/destination_catalog/properties/operations/items/properties/sync_mode/type",
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
                if (data3.json_schema !== undefined) {
                  let data6 = data3.json_schema;
                  if (!(data6 && typeof data6 == "object" && !Array.isArray(data6))) {
                    const err9 = {
                      instancePath:
                        instancePath + "/destination_catalog/operations/" + i0 + "/json_schema",
                      schemaPath:
                        "#/properties/destination_catalog/properties/operations/items/properties/json_schema/type",
                      keyword: "type",
                      params: { type: "object" },
                      message: "must be object",
                    };
                    if (vErrors === null) {
                      vErrors = [err9];
                    } else {
                      vErrors.push(err9);
                    }
                    errors++;
                  }
                }
                if (data3.matching_keys !== undefined) {
                  let data7 = data3.matching_keys;
                  if (!Array.isArray(data7) && data7 !== null) {
                    const err10 = {
                      instancePath:
                        instancePath + "/destination_catalog/operations/" + i0 + "/matching_keys",
                      schemaPath:
                        "#/properties/destination_catalog/properties/operations/items/properties/matching_keys/type",
                      keyword: "type",
                      params: {
                        type: schema19.properties.destination_catalog.properties.operations.items
                          .properties.matching_keys.type,
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
                  if (Array.isArray(data7)) {
                    const len1 = data7.length;
                    for (let i1 = 0; i1 < len1; i1++) {
                      let data8 = data7[i1];
                      if (Array.isArray(data8)) {
                        const len2 = data8.length;
                        for (let i2 = 0; i2 < len2; i2++) {
                          if (typeof data8[i2] !== "string") {
                            const err11 = {
                              instancePath:
                                instancePath +
                                "/destination_catalog/operations/" +
                                i0 +
                                "/matching_keys/" +
                                i1 +
                                "/" +
                                i2,
                              schemaPath:
                                "#/properties/destination_catalog/properties/operations/items/properties/matching_keys/items/items/type",
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
                            "/destination_catalog/operations/" +
                            i0 +
                            "/matching_keys/" +
                            i1,
                          schemaPath:
                            "#/properties/destination_catalog/properties/operations/items/properties/matching_keys/items/type",
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
                  }
                }
              } else {
                const err13 = {
                  instancePath: instancePath + "/destination_catalog/operations/" + i0,
                  schemaPath: "#/properties/destination_catalog/properties/operations/items/type",
                  keyword: "type",
                  params: { type: "object" },
                  message: "must be object",
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
              instancePath: instancePath + "/destination_catalog/operations",
              schemaPath: "#/properties/destination_catalog/properties/operations/type",
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
      } else {
        const err15 = {
          instancePath: instancePath + "/destination_catalog",
          schemaPath: "#/properties/destination_catalog/type",
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
  } else {
    const err16 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err16];
    } else {
      vErrors.push(err16);
    }
    errors++;
  }
  validate18.errors = vErrors;
  return errors === 0;
}

export const PLAN = validate19;
const schema20 = {
  type: "object",
  required: ["type", "plan"],
  properties: {
    type: { type: "string" },
    plan: {
      type: "object",
      required: ["steps", "notes", "streams"],
      properties: {
        steps: {
          type: "array",
          items: {
            type: "object",
            required: ["action", "statements"],
            properties: {
              action: { type: "string" },
              statements: { type: "array", items: { type: "string" } },
              columns: {
                type: ["array", "null"],
                items: {
                  type: "object",
                  required: ["name"],
                  properties: {
                    name: { type: "string" },
                    from: { type: ["string", "null"] },
                    to: { type: ["string", "null"] },
                  },
                },
              },
            },
          },
        },
        notes: { type: "array", items: { type: "string" } },
        streams: {
          type: "array",
          items: {
            type: "object",
            required: ["stream_descriptor"],
            properties: {
              stream_descriptor: {
                type: "object",
                required: ["name"],
                properties: { name: { type: "string" }, namespace: { type: ["string", "null"] } },
              },
              row_estimate: { type: ["number", "null"] },
              byte_estimate: { type: ["number", "null"] },
              steps: {
                type: ["array", "null"],
                items: {
                  type: "object",
                  required: ["action", "statements"],
                  properties: {
                    action: { type: "string" },
                    statements: { type: "array", items: { type: "string" } },
                    columns: {
                      type: ["array", "null"],
                      items: {
                        type: "object",
                        required: ["name"],
                        properties: {
                          name: { type: "string" },
                          from: { type: ["string", "null"] },
                          to: { type: ["string", "null"] },
                        },
                      },
                    },
                  },
                },
              },
              notes: { type: ["array", "null"], items: { type: "string" } },
              error: {
                type: ["object", "null"],
                required: ["message"],
                properties: {
                  message: { type: "string" },
                  internal_message: { type: ["string", "null"] },
                  stack_trace: { type: ["string", "null"] },
                  failure_type: { type: ["string", "null"] },
                  stream_descriptor: {
                    type: ["object", "null"],
                    required: ["name"],
                    properties: {
                      name: { type: "string" },
                      namespace: { type: ["string", "null"] },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

function validate19(
  data,
  { instancePath = "", parentData, parentDataProperty, rootData = data } = {},
) {
  let vErrors = null;
  let errors = 0;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.type === undefined) {
      const err0 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "type" },
        message: "must have required property '" + "type" + "'",
      };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    if (data.plan === undefined) {
      const err1 = {
        instancePath,
        schemaPath: "#/required",
        keyword: "required",
        params: { missingProperty: "plan" },
        message: "must have required property '" + "plan" + "'",
      };
      if (vErrors === null) {
        vErrors = [err1];
      } else {
        vErrors.push(err1);
      }
      errors++;
    }
    if (data.type !== undefined) {
      if (typeof data.type !== "string") {
        const err2 = {
          instancePath: instancePath + "/type",
          schemaPath: "#/properties/type/type",
          keyword: "type",
          params: { type: "string" },
          message: "must be string",
        };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.plan !== undefined) {
      let data1 = data.plan;
      if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
        if (data1.steps === undefined) {
          const err3 = {
            instancePath: instancePath + "/plan",
            schemaPath: "#/properties/plan/required",
            keyword: "required",
            params: { missingProperty: "steps" },
            message: "must have required property '" + "steps" + "'",
          };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        if (data1.notes === undefined) {
          const err4 = {
            instancePath: instancePath + "/plan",
            schemaPath: "#/properties/plan/required",
            keyword: "required",
            params: { missingProperty: "notes" },
            message: "must have required property '" + "notes" + "'",
          };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
        if (data1.streams === undefined) {
          const err5 = {
            instancePath: instancePath + "/plan",
            schemaPath: "#/properties/plan/required",
            keyword: "required",
            params: { missingProperty: "streams" },
            message: "must have required property '" + "streams" + "'",
          };
          if (vErrors === null) {
            vErrors = [err5];
          } else {
            vErrors.push(err5);
          }
          errors++;
        }
        if (data1.steps !== undefined) {
          let data2 = data1.steps;
          if (Array.isArray(data2)) {
            const len0 = data2.length;
            for (let i0 = 0; i0 < len0; i0++) {
              let data3 = data2[i0];
              if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
                if (data3.action === undefined) {
                  const err6 = {
                    instancePath: instancePath + "/plan/steps/" + i0,
                    schemaPath: "#/properties/plan/properties/steps/items/required",
                    keyword: "required",
                    params: { missingProperty: "action" },
                    message: "must have required property '" + "action" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err6];
                  } else {
                    vErrors.push(err6);
                  }
                  errors++;
                }
                if (data3.statements === undefined) {
                  const err7 = {
                    instancePath: instancePath + "/plan/steps/" + i0,
                    schemaPath: "#/properties/plan/properties/steps/items/required",
                    keyword: "required",
                    params: { missingProperty: "statements" },
                    message: "must have required property '" + "statements" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err7];
                  } else {
                    vErrors.push(err7);
                  }
                  errors++;
                }
                if (data3.action !== undefined) {
                  if (typeof data3.action !== "string") {
                    const err8 = {
                      instancePath: instancePath + "/plan/steps/" + i0 + "/action",
                      schemaPath: "#/properties/plan/properties/steps/items/properties/action/type",
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
                if (data3.statements !== undefined) {
                  let data5 = data3.statements;
                  if (Array.isArray(data5)) {
                    const len1 = data5.length;
                    for (let i1 = 0; i1 < len1; i1++) {
                      if (typeof data5[i1] !== "string") {
                        const err9 = {
                          instancePath: instancePath + "/plan/steps/" + i0 + "/statements/" + i1,
                          schemaPath:
                            "#/properties/plan/properties/steps/items/properties/statements/items/type",
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
                      instancePath: instancePath + "/plan/steps/" + i0 + "/statements",
                      schemaPath:
                        "#/properties/plan/properties/steps/items/properties/statements/type",
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
                if (data3.columns !== undefined) {
                  let data7 = data3.columns;
                  if (!Array.isArray(data7) && data7 !== null) {
                    const err11 = {
                      instancePath: instancePath + "/plan/steps/" + i0 + "/columns",
                      schemaPath:
                        "#/properties/plan/properties/steps/items/properties/columns/type",
                      keyword: "type",
                      params: {
                        type: schema20.properties.plan.properties.steps.items.properties.columns
                          .type,
                      },
                      message: "must be array,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err11];
                    } else {
                      vErrors.push(err11);
                    }
                    errors++;
                  }
                  if (Array.isArray(data7)) {
                    const len2 = data7.length;
                    for (let i2 = 0; i2 < len2; i2++) {
                      let data8 = data7[i2];
                      if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
                        if (data8.name === undefined) {
                          const err12 = {
                            instancePath: instancePath + "/plan/steps/" + i0 + "/columns/" + i2,
                            schemaPath:
                              "#/properties/plan/properties/steps/items/properties/columns/items/required",
                            keyword: "required",
                            params: { missingProperty: "name" },
                            message: "must have required property '" + "name" + "'",
                          };
                          if (vErrors === null) {
                            vErrors = [err12];
                          } else {
                            vErrors.push(err12);
                          }
                          errors++;
                        }
                        if (data8.name !== undefined) {
                          if (typeof data8.name !== "string") {
                            const err13 = {
                              instancePath:
                                instancePath + "/plan/steps/" + i0 + "/columns/" + i2 + "/name",
                              schemaPath:
                                "#/properties/plan/properties/steps/items/properties/columns/items/properties/name/type",
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
                        if (data8.from !== undefined) {
                          let data10 = data8.from;
                          if (typeof data10 !== "string" && data10 !== null) {
                            const err14 = {
                              instancePath:
                                instancePath + "/plan/steps/" + i0 + "/columns/" + i2 + "/from",
                              schemaPath:
                                "#/properties/plan/properties/steps/items/properties/columns/items/properties/from/type",
                              keyword: "type",
                              params: {
                                type: schema20.properties.plan.properties.steps.items.properties
                                  .columns.items.properties.from.type,
                              },
                              message: "must be string,null",
                            };
                            if (vErrors === null) {
                              vErrors = [err14];
                            } else {
                              vErrors.push(err14);
                            }
                            errors++;
                          }
                        }
                        if (data8.to !== undefined) {
                          let data11 = data8.to;
                          if (typeof data11 !== "string" && data11 !== null) {
                            const err15 = {
                              instancePath:
                                instancePath + "/plan/steps/" + i0 + "/columns/" + i2 + "/to",
                              schemaPath:
                                "#/properties/plan/properties/steps/items/properties/columns/items/properties/to/type",
                              keyword: "type",
                              params: {
                                type: schema20.properties.plan.properties.steps.items.properties
                                  .columns.items.properties.to.type,
                              },
                              message: "must be string,null",
                            };
                            if (vErrors === null) {
                              vErrors = [err15];
                            } else {
                              vErrors.push(err15);
                            }
                            errors++;
                          }
                        }
                      } else {
                        const err16 = {
                          instancePath: instancePath + "/plan/steps/" + i0 + "/columns/" + i2,
                          schemaPath:
                            "#/properties/plan/properties/steps/items/properties/columns/items/type",
                          keyword: "type",
                          params: { type: "object" },
                          message: "must be object",
                        };
                        if (vErrors === null) {
                          vErrors = [err16];
                        } else {
                          vErrors.push(err16);
                        }
                        errors++;
                      }
                    }
                  }
                }
              } else {
                const err17 = {
                  instancePath: instancePath + "/plan/steps/" + i0,
                  schemaPath: "#/properties/plan/properties/steps/items/type",
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
              instancePath: instancePath + "/plan/steps",
              schemaPath: "#/properties/plan/properties/steps/type",
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
        if (data1.notes !== undefined) {
          let data12 = data1.notes;
          if (Array.isArray(data12)) {
            const len3 = data12.length;
            for (let i3 = 0; i3 < len3; i3++) {
              if (typeof data12[i3] !== "string") {
                const err19 = {
                  instancePath: instancePath + "/plan/notes/" + i3,
                  schemaPath: "#/properties/plan/properties/notes/items/type",
                  keyword: "type",
                  params: { type: "string" },
                  message: "must be string",
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
              instancePath: instancePath + "/plan/notes",
              schemaPath: "#/properties/plan/properties/notes/type",
              keyword: "type",
              params: { type: "array" },
              message: "must be array",
            };
            if (vErrors === null) {
              vErrors = [err20];
            } else {
              vErrors.push(err20);
            }
            errors++;
          }
        }
        if (data1.streams !== undefined) {
          let data14 = data1.streams;
          if (Array.isArray(data14)) {
            const len4 = data14.length;
            for (let i4 = 0; i4 < len4; i4++) {
              let data15 = data14[i4];
              if (data15 && typeof data15 == "object" && !Array.isArray(data15)) {
                if (data15.stream_descriptor === undefined) {
                  const err21 = {
                    instancePath: instancePath + "/plan/streams/" + i4,
                    schemaPath: "#/properties/plan/properties/streams/items/required",
                    keyword: "required",
                    params: { missingProperty: "stream_descriptor" },
                    message: "must have required property '" + "stream_descriptor" + "'",
                  };
                  if (vErrors === null) {
                    vErrors = [err21];
                  } else {
                    vErrors.push(err21);
                  }
                  errors++;
                }
                if (data15.stream_descriptor !== undefined) {
                  let data16 = data15.stream_descriptor;
                  if (data16 && typeof data16 == "object" && !Array.isArray(data16)) {
                    if (data16.name === undefined) {
                      const err22 = {
                        instancePath: instancePath + "/plan/streams/" + i4 + "/stream_descriptor",
                        schemaPath:
                          "#/properties/plan/properties/streams/items/properties/stream_descriptor/required",
                        keyword: "required",
                        params: { missingProperty: "name" },
                        message: "must have required property '" + "name" + "'",
                      };
                      if (vErrors === null) {
                        vErrors = [err22];
                      } else {
                        vErrors.push(err22);
                      }
                      errors++;
                    }
                    if (data16.name !== undefined) {
                      if (typeof data16.name !== "string") {
                        const err23 = {
                          instancePath:
                            instancePath + "/plan/streams/" + i4 + "/stream_descriptor/name",
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/stream_descriptor/properties/name/type",
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
                    if (data16.namespace !== undefined) {
                      let data18 = data16.namespace;
                      if (typeof data18 !== "string" && data18 !== null) {
                        const err24 = {
                          instancePath:
                            instancePath + "/plan/streams/" + i4 + "/stream_descriptor/namespace",
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/stream_descriptor/properties/namespace/type",
                          keyword: "type",
                          params: {
                            type: schema20.properties.plan.properties.streams.items.properties
                              .stream_descriptor.properties.namespace.type,
                          },
                          message: "must be string,null",
                        };
                        if (vErrors === null) {
                          vErrors = [err24];
                        } else {
                          vErrors.push(err24);
                        }
                        errors++;
                      }
                    }
                  } else {
                    const err25 = {
                      instancePath: instancePath + "/plan/streams/" + i4 + "/stream_descriptor",
                      schemaPath:
                        "#/properties/plan/properties/streams/items/properties/stream_descriptor/type",
                      keyword: "type",
                      params: { type: "object" },
                      message: "must be object",
                    };
                    if (vErrors === null) {
                      vErrors = [err25];
                    } else {
                      vErrors.push(err25);
                    }
                    errors++;
                  }
                }
                if (data15.row_estimate !== undefined) {
                  let data19 = data15.row_estimate;
                  if (!(typeof data19 == "number") && data19 !== null) {
                    const err26 = {
                      instancePath: instancePath + "/plan/streams/" + i4 + "/row_estimate",
                      schemaPath:
                        "#/properties/plan/properties/streams/items/properties/row_estimate/type",
                      keyword: "type",
                      params: {
                        type: schema20.properties.plan.properties.streams.items.properties
                          .row_estimate.type,
                      },
                      message: "must be number,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err26];
                    } else {
                      vErrors.push(err26);
                    }
                    errors++;
                  }
                }
                if (data15.byte_estimate !== undefined) {
                  let data20 = data15.byte_estimate;
                  if (!(typeof data20 == "number") && data20 !== null) {
                    const err27 = {
                      instancePath: instancePath + "/plan/streams/" + i4 + "/byte_estimate",
                      schemaPath:
                        "#/properties/plan/properties/streams/items/properties/byte_estimate/type",
                      keyword: "type",
                      params: {
                        type: schema20.properties.plan.properties.streams.items.properties
                          .byte_estimate.type,
                      },
                      message: "must be number,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err27];
                    } else {
                      vErrors.push(err27);
                    }
                    errors++;
                  }
                }
                if (data15.steps !== undefined) {
                  let data21 = data15.steps;
                  if (!Array.isArray(data21) && data21 !== null) {
                    const err28 = {
                      instancePath: instancePath + "/plan/streams/" + i4 + "/steps",
                      schemaPath:
                        "#/properties/plan/properties/streams/items/properties/steps/type",
                      keyword: "type",
                      params: {
                        type: schema20.properties.plan.properties.streams.items.properties.steps
                          .type,
                      },
                      message: "must be array,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err28];
                    } else {
                      vErrors.push(err28);
                    }
                    errors++;
                  }
                  if (Array.isArray(data21)) {
                    const len5 = data21.length;
                    for (let i5 = 0; i5 < len5; i5++) {
                      let data22 = data21[i5];
                      if (data22 && typeof data22 == "object" && !Array.isArray(data22)) {
                        if (data22.action === undefined) {
                          const err29 = {
                            instancePath: instancePath + "/plan/streams/" + i4 + "/steps/" + i5,
                            schemaPath:
                              "#/properties/plan/properties/streams/items/properties/steps/items/required",
                            keyword: "required",
                            params: { missingProperty: "action" },
                            message: "must have required property '" + "action" + "'",
                          };
                          if (vErrors === null) {
                            vErrors = [err29];
                          } else {
                            vErrors.push(err29);
                          }
                          errors++;
                        }
                        if (data22.statements === undefined) {
                          const err30 = {
                            instancePath: instancePath + "/plan/streams/" + i4 + "/steps/" + i5,
                            schemaPath:
                              "#/properties/plan/properties/streams/items/properties/steps/items/required",
                            keyword: "required",
                            params: { missingProperty: "statements" },
                            message: "must have required property '" + "statements" + "'",
                          };
                          if (vErrors === null) {
                            vErrors = [err30];
                          } else {
                            vErrors.push(err30);
                          }
                          errors++;
                        }
                        if (data22.action !== undefined) {
                          if (typeof data22.action !== "string") {
                            const err31 = {
                              instancePath:
                                instancePath + "/plan/streams/" + i4 + "/steps/" + i5 + "/action",
                              schemaPath:
                                "#/properties/plan/properties/streams/items/properties/steps/items/properties/action/type",
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
                        if (data22.statements !== undefined) {
                          let data24 = data22.statements;
                          if (Array.isArray(data24)) {
                            const len6 = data24.length;
                            for (let i6 = 0; i6 < len6; i6++) {
                              if (typeof data24[i6] !== "string") {
                                const err32 = {
                                  instancePath:
                                    instancePath +
                                    "/plan/streams/" +
                                    i4 +
                                    "/steps/" +
                                    i5 +
                                    "/statements/" +
                                    i6,
                                  schemaPath:
                                    "#/properties/plan/properties/streams/items/properties/steps/items/properties/statements/items/type",
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
                          } else {
                            const err33 = {
                              instancePath:
                                instancePath +
                                "/plan/streams/" +
                                i4 +
                                "/steps/" +
                                i5 +
                                "/statements",
                              schemaPath:
                                "#/properties/plan/properties/streams/items/properties/steps/items/properties/statements/type",
                              keyword: "type",
                              params: { type: "array" },
                              message: "must be array",
                            };
                            if (vErrors === null) {
                              vErrors = [err33];
                            } else {
                              vErrors.push(err33);
                            }
                            errors++;
                          }
                        }
                        if (data22.columns !== undefined) {
                          let data26 = data22.columns;
                          if (!Array.isArray(data26) && data26 !== null) {
                            const err34 = {
                              instancePath:
                                instancePath + "/plan/streams/" + i4 + "/steps/" + i5 + "/columns",
                              schemaPath:
                                "#/properties/plan/properties/streams/items/properties/steps/items/properties/columns/type",
                              keyword: "type",
                              params: {
                                type: schema20.properties.plan.properties.streams.items.properties
                                  .steps.items.properties.columns.type,
                              },
                              message: "must be array,null",
                            };
                            if (vErrors === null) {
                              vErrors = [err34];
                            } else {
                              vErrors.push(err34);
                            }
                            errors++;
                          }
                          if (Array.isArray(data26)) {
                            const len7 = data26.length;
                            for (let i7 = 0; i7 < len7; i7++) {
                              let data27 = data26[i7];
                              if (data27 && typeof data27 == "object" && !Array.isArray(data27)) {
                                if (data27.name === undefined) {
                                  const err35 = {
                                    instancePath:
                                      instancePath +
                                      "/plan/streams/" +
                                      i4 +
                                      "/steps/" +
                                      i5 +
                                      "/columns/" +
                                      i7,
                                    schemaPath:
                                      "#/properties/plan/properties/streams/items/properties/steps/items/properties/columns/items/required",
                                    keyword: "required",
                                    params: { missingProperty: "name" },
                                    message: "must have required property '" + "name" + "'",
                                  };
                                  if (vErrors === null) {
                                    vErrors = [err35];
                                  } else {
                                    vErrors.push(err35);
                                  }
                                  errors++;
                                }
                                if (data27.name !== undefined) {
                                  if (typeof data27.name !== "string") {
                                    const err36 = {
                                      instancePath:
                                        instancePath +
                                        "/plan/streams/" +
                                        i4 +
                                        "/steps/" +
                                        i5 +
                                        "/columns/" +
                                        i7 +
                                        "/name",
                                      schemaPath:
                                        "#/properties/plan/properties/streams/items/properties/steps/items/properties/columns/items/properties/name/type",
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
                                if (data27.from !== undefined) {
                                  let data29 = data27.from;
                                  if (typeof data29 !== "string" && data29 !== null) {
                                    const err37 = {
                                      instancePath:
                                        instancePath +
                                        "/plan/streams/" +
                                        i4 +
                                        "/steps/" +
                                        i5 +
                                        "/columns/" +
                                        i7 +
                                        "/from",
                                      schemaPath:
                                        "#/properties/plan/properties/streams/items/properties/steps/items/properties/columns/items/properties/from/type",
                                      keyword: "type",
                                      params: {
                                        type: schema20.properties.plan.properties.streams.items
                                          .properties.steps.items.properties.columns.items
                                          .properties.from.type,
                                      },
                                      message: "must be string,null",
                                    };
                                    if (vErrors === null) {
                                      vErrors = [err37];
                                    } else {
                                      vErrors.push(err37);
                                    }
                                    errors++;
                                  }
                                }
                                if (data27.to !== undefined) {
                                  let data30 = data27.to;
                                  if (typeof data30 !== "string" && data30 !== null) {
                                    const err38 = {
                                      instancePath:
                                        instancePath +
                                        "/plan/streams/" +
                                        i4 +
                                        "/steps/" +
                                        i5 +
                                        "/columns/" +
                                        i7 +
                                        "/to",
                                      schemaPath:
                                        "#/properties/plan/properties/streams/items/properties/steps/items/properties/columns/items/properties/to/type",
                                      keyword: "type",
                                      params: {
                                        type: schema20.properties.plan.properties.streams.items
                                          .properties.steps.items.properties.columns.items
                                          .properties.to.type,
                                      },
                                      message: "must be string,null",
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
                                  instancePath:
                                    instancePath +
                                    "/plan/streams/" +
                                    i4 +
                                    "/steps/" +
                                    i5 +
                                    "/columns/" +
                                    i7,
                                  schemaPath:
                                    "#/properties/plan/properties/streams/items/properties/steps/items/properties/columns/items/type",
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
                          }
                        }
                      } else {
                        const err40 = {
                          instancePath: instancePath + "/plan/streams/" + i4 + "/steps/" + i5,
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/steps/items/type",
                          keyword: "type",
                          params: { type: "object" },
                          message: "must be object",
                        };
                        if (vErrors === null) {
                          vErrors = [err40];
                        } else {
                          vErrors.push(err40);
                        }
                        errors++;
                      }
                    }
                  }
                }
                if (data15.notes !== undefined) {
                  let data31 = data15.notes;
                  if (!Array.isArray(data31) && data31 !== null) {
                    const err41 = {
                      instancePath: instancePath + "/plan/streams/" + i4 + "/notes",
                      schemaPath:
                        "#/properties/plan/properties/streams/items/properties/notes/type",
                      keyword: "type",
                      params: {
                        type: schema20.properties.plan.properties.streams.items.properties.notes
                          .type,
                      },
                      message: "must be array,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err41];
                    } else {
                      vErrors.push(err41);
                    }
                    errors++;
                  }
                  if (Array.isArray(data31)) {
                    const len8 = data31.length;
                    for (let i8 = 0; i8 < len8; i8++) {
                      if (typeof data31[i8] !== "string") {
                        const err42 = {
                          instancePath: instancePath + "/plan/streams/" + i4 + "/notes/" + i8,
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/notes/items/type",
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
                }
                if (data15.error !== undefined) {
                  let data33 = data15.error;
                  if (
                    !(data33 && typeof data33 == "object" && !Array.isArray(data33)) &&
                    data33 !== null
                  ) {
                    const err43 = {
                      instancePath: instancePath + "/plan/streams/" + i4 + "/error",
                      schemaPath:
                        "#/properties/plan/properties/streams/items/properties/error/type",
                      keyword: "type",
                      params: {
                        type: schema20.properties.plan.properties.streams.items.properties.error
                          .type,
                      },
                      message: "must be object,null",
                    };
                    if (vErrors === null) {
                      vErrors = [err43];
                    } else {
                      vErrors.push(err43);
                    }
                    errors++;
                  }
                  if (data33 && typeof data33 == "object" && !Array.isArray(data33)) {
                    if (data33.message === undefined) {
                      const err44 = {
                        instancePath: instancePath + "/plan/streams/" + i4 + "/error",
                        schemaPath:
                          "#/properties/plan/properties/streams/items/properties/error/required",
                        keyword: "required",
                        params: { missingProperty: "message" },
                        message: "must have required property '" + "message" + "'",
                      };
                      if (vErrors === null) {
                        vErrors = [err44];
                      } else {
                        vErrors.push(err44);
                      }
                      errors++;
                    }
                    if (data33.message !== undefined) {
                      if (typeof data33.message !== "string") {
                        const err45 = {
                          instancePath: instancePath + "/plan/streams/" + i4 + "/error/message",
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/error/properties/message/type",
                          keyword: "type",
                          params: { type: "string" },
                          message: "must be string",
                        };
                        if (vErrors === null) {
                          vErrors = [err45];
                        } else {
                          vErrors.push(err45);
                        }
                        errors++;
                      }
                    }
                    if (data33.internal_message !== undefined) {
                      let data35 = data33.internal_message;
                      if (typeof data35 !== "string" && data35 !== null) {
                        const err46 = {
                          instancePath:
                            instancePath + "/plan/streams/" + i4 + "/error/internal_message",
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/error/properties/internal_message/type",
                          keyword: "type",
                          params: {
                            type: schema20.properties.plan.properties.streams.items.properties.error
                              .properties.internal_message.type,
                          },
                          message: "must be string,null",
                        };
                        if (vErrors === null) {
                          vErrors = [err46];
                        } else {
                          vErrors.push(err46);
                        }
                        errors++;
                      }
                    }
                    if (data33.stack_trace !== undefined) {
                      let data36 = data33.stack_trace;
                      if (typeof data36 !== "string" && data36 !== null) {
                        const err47 = {
                          instancePath: instancePath + "/plan/streams/" + i4 + "/error/stack_trace",
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/error/properties/stack_trace/type",
                          keyword: "type",
                          params: {
                            type: schema20.properties.plan.properties.streams.items.properties.error
                              .properties.stack_trace.type,
                          },
                          message: "must be string,null",
                        };
                        if (vErrors === null) {
                          vErrors = [err47];
                        } else {
                          vErrors.push(err47);
                        }
                        errors++;
                      }
                    }
                    if (data33.failure_type !== undefined) {
                      let data37 = data33.failure_type;
                      if (typeof data37 !== "string" && data37 !== null) {
                        const err48 = {
                          instancePath:
                            instancePath + "/plan/streams/" + i4 + "/error/failure_type",
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/error/properties/failure_type/type",
                          keyword: "type",
                          params: {
                            type: schema20.properties.plan.properties.streams.items.properties.error
                              .properties.failure_type.type,
                          },
                          message: "must be string,null",
                        };
                        if (vErrors === null) {
                          vErrors = [err48];
                        } else {
                          vErrors.push(err48);
                        }
                        errors++;
                      }
                    }
                    if (data33.stream_descriptor !== undefined) {
                      let data38 = data33.stream_descriptor;
                      if (
                        !(data38 && typeof data38 == "object" && !Array.isArray(data38)) &&
                        data38 !== null
                      ) {
                        const err49 = {
                          instancePath:
                            instancePath + "/plan/streams/" + i4 + "/error/stream_descriptor",
                          schemaPath:
                            "#/properties/plan/properties/streams/items/properties/error/properties/stream_descriptor/type",
                          keyword: "type",
                          params: {
                            type: schema20.properties.plan.properties.streams.items.properties.error
                              .properties.stream_descriptor.type,
                          },
                          message: "must be object,null",
                        };
                        if (vErrors === null) {
                          vErrors = [err49];
                        } else {
                          vErrors.push(err49);
                        }
                        errors++;
                      }
                      if (data38 && typeof data38 == "object" && !Array.isArray(data38)) {
                        if (data38.name === undefined) {
                          const err50 = {
                            instancePath:
                              instancePath + "/plan/streams/" + i4 + "/error/stream_descriptor",
                            schemaPath:
                              "#/properties/plan/properties/streams/items/properties/error/properties/stream_descriptor/required",
                            keyword: "required",
                            params: { missingProperty: "name" },
                            message: "must have required property '" + "name" + "'",
                          };
                          if (vErrors === null) {
                            vErrors = [err50];
                          } else {
                            vErrors.push(err50);
                          }
                          errors++;
                        }
                        if (data38.name !== undefined) {
                          if (typeof data38.name !== "string") {
                            const err51 = {
                              instancePath:
                                instancePath +
                                "/plan/streams/" +
                                i4 +
                                "/error/stream_descriptor/name",
                              schemaPath:
                                "#/properties/plan/properties/streams/items/properties/error/properties/stream_descriptor/properties/name/type",
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
                        if (data38.namespace !== undefined) {
                          let data40 = data38.namespace;
                          if (typeof data40 !== "string" && data40 !== null) {
                            const err52 = {
                              instancePath:
                                instancePath +
                                "/plan/streams/" +
                                i4 +
                                "/error/stream_descriptor/namespace",
                              schemaPath:
                                "#/properties/plan/properties/streams/items/properties/error/properties/stream_descriptor/properties/namespace/type",
                              keyword: "type",
                              params: {
                                type: schema20.properties.plan.properties.streams.items.properties
                                  .error.properties.stream_descriptor.properties.namespace.type,
                              },
                              message: "must be string,null",
                            };
                            if (vErrors === null) {
                              vErrors = [err52];
                            } else {
                              vErrors.push(err52);
                            }
                            errors++;
                          }
                        }
                      }
                    }
                  }
                }
              } else {
                const err53 = {
                  instancePath: instancePath + "/plan/streams/" + i4,
                  schemaPath: "#/properties/plan/properties/streams/items/type",
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
            }
          } else {
            const err54 = {
              instancePath: instancePath + "/plan/streams",
              schemaPath: "#/properties/plan/properties/streams/type",
              keyword: "type",
              params: { type: "array" },
              message: "must be array",
            };
            if (vErrors === null) {
              vErrors = [err54];
            } else {
              vErrors.push(err54);
            }
            errors++;
          }
        }
      } else {
        const err55 = {
          instancePath: instancePath + "/plan",
          schemaPath: "#/properties/plan/type",
          keyword: "type",
          params: { type: "object" },
          message: "must be object",
        };
        if (vErrors === null) {
          vErrors = [err55];
        } else {
          vErrors.push(err55);
        }
        errors++;
      }
    }
  } else {
    const err56 = {
      instancePath,
      schemaPath: "#/type",
      keyword: "type",
      params: { type: "object" },
      message: "must be object",
    };
    if (vErrors === null) {
      vErrors = [err56];
    } else {
      vErrors.push(err56);
    }
    errors++;
  }
  validate19.errors = vErrors;
  return errors === 0;
}
