import type { Session } from "../cli.ts";
import { requestFor } from "../sync/request.ts";
import { chooseConnections, runJobs } from "./sync.ts";

/** Lets the destination of a connection make its typed tables anew from the raw ones. */
export async function normalizeCommand(
  session: Session,
  [connection]: readonly string[],
  { stream = [] }: { readonly stream?: string[] },
): Promise<number> {
  const connections = chooseConnections(await session.config(), [connection!]);
  const request = requestFor("normalize", true, stream);
  return runJobs(connections, request, await session.home(), session.console);
}
