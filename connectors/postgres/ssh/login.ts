import type { Client, ConnectConfig, ParsedKey, PublicKeyAuthMethod } from "ssh2";
import { Failure } from "../../../protocol/errors.ts";
import { withLineBreaks } from "../pem.ts";
import type { SshTunnel } from "./settings.ts";

/** How to log in at an SSH server. */
export interface Login {
  readonly config: ConnectConfig;
  /** Answers what the server asks for beyond `config`. */
  readonly answerWith?: (client: Client) => void;
}

/**
 * The login that the settings ask for, and no other: no agent, and no key of the user's folder.
 *
 * @param parseKey ssh2's.
 * @throws `config.invalid` for a key that cannot be used.
 */
export function loginOf(
  tunnel: SshTunnel,
  parseKey: (text: string, passphrase?: string) => ParsedKey | Error,
): Login {
  if (tunnel.tunnel_method === "SSH_KEY_AUTH") {
    // Parsed once: with a passphrase it takes a second.
    const key = usableKey(tunnel, parseKey);
    const login: PublicKeyAuthMethod = { type: "publickey", username: tunnel.tunnel_user, key };
    return { config: { authHandler: [login] } };
  }
  const { tunnel_user_password: password } = tunnel;
  return {
    // Many servers ask for the password by the second way only.
    config: { password, tryKeyboard: true, authHandler: ["password", "keyboard-interactive"] },
    answerWith: (client) =>
      client.on("keyboard-interactive", (_name, _about, _language, prompts, answer) => {
        const isPassword = prompts.length === 1 && prompts[0]!.echo !== true;
        answer(isPassword ? [password] : prompts.map(() => ""));
      }),
  };
}

function usableKey(
  { ssh_key, ssh_key_passphrase: given }: Extract<SshTunnel, { tunnel_method: "SSH_KEY_AUTH" }>,
  parseKey: (text: string, passphrase?: string) => ParsedKey | Error,
): ParsedKey {
  const text = `${withLineBreaks(ssh_key).replaceAll("\r", "").trim()}\n`;
  const passphrase = given || undefined;
  const parsed = parseKey(text, passphrase);
  const key = [parsed].flat()[0]!; // a file of OpenSSH's may hold several
  if (!(key instanceof Error)) {
    if (key.isPrivateKey()) return key;
    throw unusable("it is a public key", "give the private one, of the file without .pub");
  }
  if (/encrypted/i.test(key.message) && passphrase === undefined)
    throw unusable("a passphrase protects it", "set tunnel_method.ssh_key_passphrase");
  if (/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text))
    throw unusable(
      "PKCS#8 is not supported",
      "`ssh-keygen -p -f <file>` writes the key in the format of OpenSSH",
    );
  if (passphrase !== undefined)
    throw unusable(
      "ssh_key_passphrase does not open it, or it is damaged",
      "try them with `ssh-keygen -y -f <file>`",
    );
  throw unusable("it is not a private key that can be read", "give the text of the whole file");
}

const unusable = (why: string, hint: string) =>
  new Failure("config.invalid", `tunnel_method.ssh_key cannot be used: ${why}`, { hint });
