import { isIP, isIPv6 } from "node:net";
import { Failure } from "../../../protocol/errors.ts";

/** Where the server listens. */
export interface ListenAddress {
  /** An address, or the name of one, without brackets. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Reads `127.0.0.1:8130`, `[::1]:8130`, `localhost:8130` or `8130`. Throws `usage.invalid`. */
export function listenAddress(text: string): ListenAddress {
  const [, inBrackets, name, digits = ""] =
    /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const isAddress = inBrackets === undefined || isIPv6(inBrackets);
  if (digits !== "" && isAddress && port <= 65_535)
    return { host: inBrackets ?? name ?? "127.0.0.1", port };
  throw new Failure(
    "usage.invalid",
    `--listen wants an address and a port, and ${JSON.stringify(text)} is none`,
    {
      hint: "127.0.0.1:8130, [::1]:8130, localhost:8130, or 0.0.0.0:8130 for everybody, who then needs a token",
    },
  );
}

/** Whether nobody but this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** `http://127.0.0.1:8130`. */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
