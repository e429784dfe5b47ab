/**
 * `syncline/protocol`: the Airbyte protocol for connectors and runners in TypeScript. Messages and
 * catalogs as types, their validation, framing and reading on bytes, states, failures. It does no
 * input or output, and reads neither clock nor environment.
 */

// Messages and catalogs.
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
export { problemsFailure, problemText, type Problem, type Validator } from "./problems.ts";
export {
  compileConfigValidator,
  precompiledConfigValidator,
  type ConfigValidator,
} from "./config-validator.ts";
export { withDefaults } from "./config-defaults.ts";
export { sameJson } from "./json-equal.ts";
export { parseJson } from "./json-text.ts";
export type { JsonSchema } from "./schemas/json-schema.ts";

// Failures.
export {
  asFailure,
  Failure,
  FAILURES,
  type FailureCode,
  type FailureDetails,
  type FailureKind,
} from "./errors.ts";
