import { asFailure, type Failure, type FailureKind } from "../../../protocol/errors.ts";

/** Why the server itself refuses a request, and the status that says so. Codes are a public contract. */
export const REFUSALS = {
  "request.malformed": 400,
  "request.unauthorized": 401,
  "request.forbidden": 403,
  "request.not_found": 404,
  "request.method": 405,
  "request.too_slow": 408,
  "request.too_large": 413,
  "request.content_type": 415,
  "request.invalid": 422,
  "request.too_many": 429,
  "request.headers_too_large": 431,
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A request that is not answered as it was asked. Its message is a lower-case clause. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly hint: string | undefined;
  /** Of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RefusalCode,
    message: string,
    details: { readonly hint?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = REFUSALS[code];
    this.hint = details.hint;
    this.headers = details.headers ?? {};
  }
}

/** What is answered where something went wrong. */
export interface FailureAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly failure: {
    readonly code: string;
    readonly kind: FailureKind;
    readonly message: string;
    readonly hint?: string;
  };
}

/** The answer for whatever was thrown. Of a bug it says nothing: its words are nobody's but the log's. */
export function failureAnswer(thrown: unknown): FailureAnswer {
  if (thrown instanceof Refusal) {
    const { code, status, message, hint, headers } = thrown;
    const failure = { code, kind: "config_error", message, ...(hint && { hint }) } as const;
    return { status, headers, failure };
  }
  const failure = asFailure(thrown);
  const { code, kind, hint } = failure;
  const isBug = code === "internal.bug";
  const message = isBug
    ? "a mistake of syncline's own, which its output tells more of"
    : failure.message;
  return {
    status: statusOf(failure),
    headers: {},
    failure: { code, kind, message, ...(hint && !isBug && { hint }) },
  };
}

/** What stays wrong until somebody changes something is 422; what a database or connector did, 502. */
function statusOf({ code, kind }: Failure): number {
  if (code === "sync.locked") return 409;
  if (code === "sync.interrupted" || code === "state.unwritable") return 503;
  if (code === "internal.bug") return 500;
  return kind === "config_error" ? 422 : 502;
}
