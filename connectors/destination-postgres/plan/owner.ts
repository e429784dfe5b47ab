/** The variable that names the connection a run writes for. */
export const CONNECTION_VARIABLE = "SYNCLINE_CONNECTION_ID";

/** The variable that names the project whose configuration has that connection. */
export const PROJECT_VARIABLE = "SYNCLINE_PROJECT_ID";

/** Who a run says it writes for. */
export interface Identity {
  readonly connection: string;
  /** Undefined: nobody said; then the connection's name alone has to tell. */
  readonly project: string | undefined;
}

/** A connection of a project, as tables and positions remember it. */
export interface Owner {
  readonly connection: string;
  /** Empty: of a run that named no project. */
  readonly project: string;
}

/** Who a run writes for, from its environment; undefined for one that nobody will come back to. */
export function identityOf(
  env: Readonly<Record<string, string | undefined>>,
): Identity | undefined {
  const connection = env[CONNECTION_VARIABLE];
  if (!connection) return undefined;
  return { connection, project: env[PROJECT_VARIABLE] || undefined };
}

/**
 * Whether `owner` is `other`. What a run without a project wrote belongs to the connection of that
 * name, whichever project claims it first.
 */
export function isSameOwner(owner: Owner, other: Owner): boolean {
  const isSameProject = owner.project === other.project || other.project === "";
  return owner.connection === other.connection && isSameProject;
}

/** For messages; the project only where it is what tells the two apart. */
export function ownerText({ connection, project }: Owner, other: Owner | undefined): string {
  if (project === "" || project === other?.project) return `the connection ${connection}`;
  return `the connection ${connection} of the project ${project}`;
}
