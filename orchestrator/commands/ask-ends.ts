import { streamKey, type Catalog } from "../../protocol/catalog.ts";
import { asFailure, Failure } from "../../protocol/errors.ts";
import type { TraceEstimate } from "../../protocol/messages.ts";
import { connectorAt, tryOut } from "../api/try-out.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { loginOf, type Login } from "../libpq/login.ts";
import { askPassword } from "../setup/ask-password.ts";
import { answered, CANCELLED, prompts } from "../setup/prompts.ts";
import { withConnectors, type OpenConnector } from "./ask-connectors.ts";
import { EXIT } from "../output/exit-status.ts";

/** A database that answered, and what it offers. */
export interface AskedSource {
  readonly login: Login;
  readonly catalog: Catalog;
  /** By `streamKey`, as far as they are known. */
  readonly sizes: ReadonlyMap<string, TraceEstimate>;
}

/** Asks where the source is until it answers with tables. Throws `CANCELLED`. */
export function askSource(invocation: Invocation): Promise<AskedSource> {
  return askUntil(invocation, "source", async ({ connector }, login) => {
    const sizes = new Map<string, TraceEstimate>();
    const catalog = await connector.discover((size) => sizes.set(streamKey(size), size));
    if (catalog.streams.length > 0) return { login, catalog, sizes };
    throw new Failure("stream.missing", "there is no table that this user may read");
  });
}

/** Asks where the destination is until it answers. Throws `CANCELLED`. */
export function askDestination(invocation: Invocation): Promise<Login> {
  return askUntil(invocation, "destination", async (open, login) => {
    await tryOut(open);
    return login;
  });
}

async function askUntil<Answer>(
  invocation: Invocation,
  role: "source" | "destination",
  attempt: (open: OpenConnector, login: Login) => Promise<Answer>,
): Promise<Answer> {
  const { log, text } = await prompts();
  let before = "";
  for (;;) {
    const given = await answered(
      text({
        message: `Where is the ${role}?`,
        placeholder: "postgres://user@host:5432/database",
        initialValue: before,
        validate: (value) => (value ? undefined : "A PostgreSQL URL, or service=name"),
      }),
    );
    before = given.replace(/:[^:@/]*@/, "@");
    try {
      const found = loginOf(given, `the ${role}`, process.env, (note) =>
        log.warn(escapeControls(note)),
      );
      const isKnown = found.password !== undefined || found.host.startsWith("/");
      const login = isKnown ? found : await askPassword(found);
      log.step(`Connecting to ${escapeControls(placeOf(login))} …`);
      let answer: Answer | undefined;
      const status = await withConnectors(invocation, async (open) => {
        answer = await attempt(await open(connectorAt(role, login)), login);
        return EXIT.done;
      });
      if (status !== EXIT.done) throw CANCELLED; // a signal
      return answer!;
    } catch (error) {
      if (error === CANCELLED) throw error;
      const { message, hint } = asFailure(error);
      log.error(escapeControls(hint ? `${message} (${hint})` : message));
    }
  }
}

function placeOf({ host, port, database }: Login): string {
  return `${database} at ${host}:${port}`;
}
