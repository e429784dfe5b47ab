import type { JsonSchema } from "../../../protocol/config/schema.ts";
import { ANSWER_SCHEMAS } from "./answer-schemas.ts";
import { OPERATIONS, type Operation } from "./operations.ts";

/** Where the operations are. */
export const API = "/api/v1";

const PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  connection: { type: "string", description: "The name of a connection." },
  job: { type: "integer", minimum: 1 },
  attempt: { type: "integer", minimum: 0, description: "The first one is 0." },
};

/**
 * The OpenAPI document of the server.
 *
 * @param version of the package.
 */
export function openApiDocument(version: string): JsonSchema {
  const paths: Record<string, Record<string, object>> = {};
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS))
    (paths[`${API}${operation.path}`] ??= {})[operation.method] = described(id, operation);
  return {
    openapi: "3.1.0",
    info: {
      title: "syncline serve",
      version,
      description:
        "What the page of `syncline serve` does, for programs. Names are those of `--json`; times are in UTC. Where the server was started with a token, it is wanted as `Authorization: Bearer <token>`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{}, { token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { ...ANSWER_SCHEMAS, Document: { type: "object", additionalProperties: true } },
    },
  };
}

function described(id: string, operation: Operation): object {
  const { path, summary, query = {}, needsQuery = [], body, answer, status = 200 } = operation;
  const schema = { $ref: `#/components/schemas/${answer}` };
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: PARAMETERS[name!],
  }));
  const inQuery = Object.entries(query).map(([name, given]) => ({
    name,
    in: "query",
    required: needsQuery.includes(name),
    schema: given,
  }));
  const content = operation.isStream
    ? { "text/event-stream": { schema: { type: "string" }, "x-data": schema } }
    : { "application/json": { schema } };
  return {
    operationId: id,
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: body } } },
    }),
    responses: {
      [status]: { description: "Done.", content },
      default: {
        description: "It was not done.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
      },
    },
  };
}
