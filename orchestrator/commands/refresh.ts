import { Failure } from "../../protocol/errors.ts";
import type { Session } from "../cli.ts";
import { requestFor } from "../sync/request.ts";
import { chooseConnections, runJobs } from "./sync.ts";

interface StreamOptions {
  readonly stream?: string[];
}

/** Empties the tables of a connection or of some of its streams, and forgets their positions. */
export async function clearCommand(
  session: Session,
  [connection]: readonly string[],
  { stream = [] }: StreamOptions,
): Promise<number> {
  const connections = chooseConnections(await session.config(), [connection!]);
  const request = requestFor("clear", false, stream);
  return runJobs(connections, request, await session.home(), session.console);
}

/** Reads everything again; old rows go (`--remove`) when the new ones are whole, or stay (`--keep`). */
export async function refreshCommand(
  session: Session,
  [connection]: readonly string[],
  { stream = [], keep, remove }: StreamOptions & { keep?: boolean; remove?: boolean },
): Promise<number> {
  if (keep === remove)
    throw new Failure("usage.invalid", "refresh wants either --keep or --remove", {
      hint: "--keep leaves the rows that are there, --remove replaces them once everything was read",
    });
  const connections = chooseConnections(await session.config(), [connection!]);
  const request = requestFor("refresh", keep === true, stream);
  return runJobs(connections, request, await session.home(), session.console);
}
