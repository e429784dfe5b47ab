import { describe, expect, it } from "vitest";
import { decodeLine } from "../../protocol/decode.ts";

const decode = (line: string | Buffer) => {
  const bytes = Buffer.concat([Buffer.from("x\n"), Buffer.from(line), Buffer.from("\n{")]);
  return decodeLine(bytes, 2, bytes.length - 2);
};

const SPEC =
  '{"type":"SPEC","spec":{"protocol_version":"0.2.0","documentationUrl":"https://example.test","connectionSpecification":{"type":"object"}}}';

describe("decoding a line of a connector's output", () => {
  it.each([
    SPEC,
    '{"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"cannot reach db:5432"}}',
    '{"type":"CATALOG","catalog":{"streams":[{"name":"orders","namespace":"public","json_schema":{"type":"object"},"supported_sync_modes":["full_refresh","incremental"],"source_defined_primary_key":[["id"]],"is_resumable":true}]}}',
    '{"type":"RECORD","record":{"stream":"orders","namespace":"public","emitted_at":1767225600000,"data":{"id":1,"at":null},"meta":{"changes":[{"field":"at","change":"NULLED","reason":"SOME_NEW_REASON"}]}}}',
    '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders","namespace":null},"stream_state":{"c":1}},"sourceStats":{"recordCount":1.0},"id":1}}',
    '{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[{"stream_descriptor":{"name":"a"}}]}}}',
    '{"type":"STATE","state":{"data":{"cursor":1}}}',
    '{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1.5,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"RUNNING","reasons":[{"type":"SOMETHING_NEW"}]}}}',
    '{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1,"error":{"message":"no","internal_message":null,"failure_type":"brand_new_error"}}}',
    '{"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1,"estimate":{"name":"orders","type":"STREAM","row_estimate":1000}}}',
    '{"type":"TRACE","trace":{"type":"ANALYTICS","emitted_at":1,"analytics":{"type":"x","value":"y"}}}',
    '{"type":"TRACE","trace":{"type":"SOMETHING_NEW","emitted_at":1}}',
    '{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1,"connectorConfig":{"config":{"a":1}}}}',
    '{"type":"DESTINATION_CATALOG","destination_catalog":{"operations":[{"object_name":"o","sync_mode":"append","json_schema":{},"matching_keys":[["id"]]}]}}',
    ' {"type":"LOG","record":null,"log":{"level":"WARN","message":"m","stack_trace":null,"more":[1]}}\r',
  ])("gives the message with all its fields: %s", (line) => {
    expect(decode(line)).toEqual({ kind: "message", message: JSON.parse(line) as unknown });
  });

  it.each([
    "",
    "  ",
    "Downloading driver… 40%",
    "\u001b[32mok\u001b[0m",
    "[1,2]",
    "null",
    'hint: use {"type":"x"}',
    '{"level":"info","msg":"a structured log line"}',
    '{"type":"request","path":"/"}',
    '{"log":"from some library"}',
    '{"type":"LOG","log":{"level":"INFO"}}',
    "}{".repeat(50),
  ])("takes %j for noise", (line) => {
    expect(decode(line)).toEqual({ kind: "noise" });
  });

  it("takes noise in another encoding for noise", () => {
    expect(decode(Buffer.from([0x67, 0xfc, 0x6e]))).toEqual({ kind: "noise" });
  });

  it("passes over messages of a later protocol, saying which", () => {
    expect(decode('{"type":"RECORD_BATCH","batch":{}}')).toEqual({
      kind: "unknown",
      type: "RECORD_BATCH",
    });
  });

  it.each([
    ['{"type":"STATE","state":{"typ', "it is not JSON, or more than one message"],
    [`${SPEC}${SPEC}`, "it is not JSON, or more than one message"],
    ["{", "it is not JSON, or more than one message"],
    [
      `{"type":"CATALOG","catalog":{"streams":[],"x":${"[".repeat(9_000)}${"]".repeat(9_000)}}}`,
      "it is nested deeper than 200 levels",
    ],
    ['{"record":{"stream":"s"}}', "it has no type"],
    ['{"type":5,"state":{}}', "it has no type"],
    ['{"type":"SPEC"}', "spec: is required"],
    ['{"type":"SPEC","spec":{}}', "spec.connectionSpecification: is required"],
    [
      '{"type":"CATALOG","catalog":{"streams":[{"name":"a","json_schema":{}}]}}',
      "catalog.streams[0].supported_sync_modes: is required",
    ],
    [
      '{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SECRET-hunter2"}}',
      'connectionStatus.status: expected "SUCCEEDED" or "FAILED"',
    ],
    ['{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1}}', "trace.error: is required"],
    [
      '{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"a"},"status":"DONE"}}}',
      'trace.stream_status.status: expected "STARTED", "RUNNING", "COMPLETE" or "INCOMPLETE"',
    ],
    [
      '{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1}}',
      "control.connectorConfig: is required",
    ],
    [`Loading… 100%${SPEC}`, "text and a message share one line"],
    [`{"level":"info"} ${SPEC}`, "it is not JSON, or more than one message"],
    [`\ufeff${SPEC}`, "text and a message share one line"],
  ])("refuses %s", (line, problem) => {
    expect(() => decode(line)).toThrow(
      expect.objectContaining({
        code: "protocol.bad_message",
        message: `a line that begins as a message is broken: ${problem}`,
      }) as Error,
    );
  });

  it("refuses a message that is not UTF-8", () => {
    const line = Buffer.from('{"type":"LOG","log":{"level":"INFO","message":"\u00e9"}}', "latin1");

    expect(() => decode(line)).toThrow("it is not UTF-8");
  });

  it("never quotes the line", () => {
    for (const line of ['{"type":"hunter2', '{"type":"RECORD","record":{"data":"hunter2"}}']) {
      let failure: unknown;
      try {
        decode(line);
      } catch (error) {
        failure = error;
      }
      expect(failure).toMatchObject({ code: "protocol.bad_message", cause: undefined });
      expect((failure as Error).message).not.toContain("hunter2");
    }
  });
});
