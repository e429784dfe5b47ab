import type { Command } from "./command.ts";
import type { ServeCommandOptions } from "./serve-connections.ts";

export const serve: Command<ServeCommandOptions> = {
  name: "serve",
  description: "run connections by their schedules, and show them on a page",
  options: [
    {
      flags: "--listen <address>",
      description: "where the page is; beyond this machine, a token is needed",
      default: "127.0.0.1:8130",
    },
    {
      flags: "--token-file <file>",
      description:
        "a token of 16 characters or more, without which nothing is shown or done; also in SYNCLINE_SERVE_TOKEN",
    },
    {
      flags: "--at-once <number>",
      description: "how many scheduled jobs run at once; what follows does not count",
      default: "4",
    },
  ],
  note: `Connections with \`schedule\`, \`every\` or \`follow: true\` run by themselves,
the others by hand on the page. /api/v1 does for programs what the page does,
/metrics is for Prometheus, and /healthz for whoever supervises the process.

Ctrl-C, or SIGTERM, starts nothing more and lets what runs commit what it has
read; once more, and it stops at once. What was stopped goes on at the next
start. Exit status: 0 stopped, 2 wrong configuration, address or token,
4 the home is served already.`,
  examples: [
    "syncline serve",
    "syncline serve --listen 127.0.0.1:9000 --at-once 8",
    "syncline serve --listen 0.0.0.0:8130 --token-file /run/secrets/token",
    "syncline serve --json | jq 'select(.event == \"job_ended\")'",
  ],
  run: async (invocation, _args, options) =>
    (await import("./serve-connections.ts")).serveConnections(invocation, options),
};
