import { Failure } from "../../protocol/errors.ts";

/** Commands that connectors have and `syncline` has not, and a connector that has them. */
const COMMANDS: ReadonlyMap<string | undefined, string> = new Map([
  ["spec", "source-postgres"],
  ["read", "source-postgres"],
  ["write", "destination-postgres"],
]);

/** Throws `usage.invalid` for the name of a connector's command: it is no mistyped one of ours. */
export function refuseConnectorCommand(name: string | undefined): void {
  const connector = COMMANDS.get(name);
  if (connector === undefined) return;
  throw new Failure("usage.invalid", `${name} is a command of connectors, not of syncline`, {
    hint: `run \`${connector} ${name}\`; \`syncline sync\` starts and joins connectors`,
  });
}
