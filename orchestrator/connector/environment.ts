import { temporaryFolder } from "../store/temporary-folder.ts";

/** Has our connectors repeat what their database says in its errors, which may quote rows. */
export const SERVER_MESSAGES_VARIABLE = "SYNCLINE_SHOW_SERVER_MESSAGES";

/** How the way out of a closed network is told; also spelled in small letters. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/** Variables of ours that a connector may see. Everything else stays out, PG* above all. */
const ALLOWED = new Set([
  "PATH",
  "HOME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  ...PROXIES,
  ...PROXIES.map((name) => name.toLowerCase()),
  "NO_COLOR",
  "SYNCLINE_LIMITS",
  SERVER_MESSAGES_VARIABLE,
]);

/** What tells a connector which run it belongs to. */
export interface RunIdentity {
  readonly project: string;
  readonly connection: string;
  readonly job: number;
  readonly attempt: number;
}

/** The environment of a connector: the allow-list, the run it belongs to, its own `env`. */
export function connectorEnvironment(
  own: Readonly<Record<string, string>>,
  run: RunIdentity | undefined,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env))
    if (ALLOWED.has(name) && value !== undefined) environment[name] = value;
  if (environment["TMPDIR"]) environment["TMPDIR"] = temporaryFolder(); // it runs in another folder
  environment["SYNCLINE_RUNNER"] = "1"; // errors need not be told on stderr, too
  if (run) {
    environment["SYNCLINE_PROJECT_ID"] = run.project;
    environment["SYNCLINE_CONNECTION_ID"] = run.connection;
    environment["WORKER_JOB_ID"] = String(run.job);
    environment["WORKER_JOB_ATTEMPT"] = String(run.attempt);
  }
  return { ...environment, ...own };
}
