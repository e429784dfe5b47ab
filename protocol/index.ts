/**
 * `syncline/protocol`: the Airbyte protocol for connectors and runners in TypeScript. Messages and
 * catalogs as types, their validation, framing and reading on bytes, states, failures. It does no
 * input or output, and reads neither clock nor environment.
 */

// Messages and catalogs.
export type { Json, JsonObject } from "./json.ts";
export type * from "./messages.ts";
export { PAYLOAD_KEYS } from "./messages.ts";
export type * from "./catalog.ts";
export { cursorPath, primaryKeyPaths, streamKey, streamLabel } from "./catalog.ts";
export { logicalType, type LogicalType } from "./schema-types.ts";

// Lines on the wire.
export { DEFAULT_MAX_LINE_BYTES, LineSplitter, type LineHandler } from "./framing.ts";
export { RECORD_TAIL, recordHead, RecordReader } from "./record-line.ts";
export { decodeLine, type DecodedLine } from "./decode.ts";
export {
  forEachItem,
  forEachMember,
  MALFORMED,
  skipNumber,
  skipSpace,
  skipString,
  skipValue,
  type MemberVisitor,
} from "./json-scan.ts";

// States.
export {
  editState,
  readStateLine,
  type StateEdits,
  type StateLine,
  type StateType,
  type StreamStatePart,
} from "./state.ts";
export {
  formatStateFile,
  NO_STATE,
  readStateFile,
  type SavedState,
  type SavedStreamState,
} from "./state-file.ts";

// Validation.
export { parseCatalog, parseConfiguredCatalog, validateMessage } from "./validate.ts";
export { sameJson } from "./json-equal.ts";
export { parseJson } from "./json-text.ts";

// Configs and their JSON Schemas.
export { compileValidator } from "./config/compile.ts";
export { withDefaults } from "./config/defaults.ts";
export { explain, type Validator, type ValidatorError } from "./config/explain.ts";
export { pathText, problemsFailure, problemText, type Problem } from "./config/problems.ts";
export { walk, type Forms, type JsonSchema, type Path, type Place } from "./config/schema.ts";
export { redactorOf, redactStrings, type Redact } from "./config/secrets.ts";

// Failures.
export {
  asFailure,
  ofStream,
  Failure,
  FAILURES,
  failureText,
  type FailureCode,
  type FailureDetails,
  type FailureKind,
} from "./errors.ts";
