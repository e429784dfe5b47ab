const NOTIFY = "orchestrator/serve/notify";
const NEWS = "test/orchestrator/serve/notify/news.test.ts > news of a connection";
const NOTIFIER = "test/orchestrator/serve/notify/notifier.test.ts";
const WEBHOOK = `${NOTIFIER} > a webhook`;
const SPANS = "test/orchestrator/serve/telemetry/spans.test.ts";

/** Who is told of what, and what leaves the machine. @type {import("../mutant.mjs").Mutant[]} */
export const NOTIFIED = [
  {
    name: "notify: a cause is told with each job",
    file: `${NOTIFY}/news.ts`,
    find: "causesOf(job).filter((cause) => !known.includes(cause))",
    replace: "causesOf(job)",
    tests: [`${NEWS} > are each cause once`],
  },
  {
    name: "notify: a refresh of some streams says that all work",
    file: `${NOTIFY}/news.ts`,
    find: 'if (job.type !== "sync") return false;',
    replace: "",
    tests: [`${NEWS} > are each cause once`],
  },
  {
    name: "notify: what follows fails without a word",
    file: `${NOTIFY}/news.ts`,
    find: " && attemptsInVain(job) < ATTEMPTS_IN_VAIN",
    replace: "",
    tests: [`${NEWS} that is followed > are three attempts in vain`],
  },
  {
    name: "notify: what was not delivered counts as told",
    file: `${NOTIFY}/notifier.ts`,
    find: "if (!isTold) return;",
    replace: "",
    tests: [`${WEBHOOK} > is tried three times`],
  },
  {
    name: "notify: what was told is forgotten by a restart",
    file: `${NOTIFY}/told.ts`,
    find: "this.#troubles = this.#read();",
    replace: "this.#troubles = new Map();",
    tests: [`${WEBHOOK} > is told again after a restart`],
  },
  {
    name: "notify: what failed while nobody was there is not told",
    file: `${NOTIFY}/notifier.ts`,
    find: "if (last) this.look(connection, last.id);",
    replace: "void last;",
    tests: [`${WEBHOOK} > is told again after a restart`],
  },
  {
    name: "notify: a redirection is followed",
    file: `${NOTIFY}/webhook.ts`,
    find: 'redirect: "manual"',
    replace: 'redirect: "follow"',
    tests: [`${WEBHOOK} > is not followed elsewhere`],
  },
  {
    name: "notify: the log has the key in a URL",
    file: `${NOTIFY}/target.ts`,
    find: "new URL(target.url).origin",
    replace: "target.url",
    tests: [`${WEBHOOK} > gets the failure and the recovery`],
  },
  {
    name: "notify: a command gets the token",
    file: `${NOTIFY}/command.ts`,
    find: '["SYNCLINE_SERVE_TOKEN"]',
    replace: '["SOMETHING_ELSE"]',
    tests: [`${NOTIFIER} > a command > does not get to know`],
  },
  {
    name: "notify: what a command started outlives its time",
    file: `${NOTIFY}/command.ts`,
    find: "process.kill(-pid,",
    replace: "process.kill(pid,",
    tests: [`${NOTIFIER} > a command > that does not end is ended`],
  },
  {
    name: "spans: a service's jobs are all one trace",
    file: "orchestrator/serve/telemetry/service-spans.ts",
    find: "{ ...env, TRACEPARENT: undefined }",
    replace: "env",
    tests: [`${SPANS} > spans of a service`],
  },
  {
    name: "spans: are sent of what is not recorded",
    file: "orchestrator/serve/telemetry/tracer.ts",
    find: "parent === null ? undefined : new Tracer(found.settings, parent, note)",
    replace: "new Tracer(found.settings, parent ?? undefined, note)",
    tests: [`${SPANS} > spans of \`syncline sync\` > are not sent where TRACEPARENT`],
  },
  {
    name: "notify: a command is waited for until all it started has ended",
    file: "orchestrator/serve/notify/command.ts",
    find: 'subprocess.once("exit", () => setTimeout(leaveOutput, LINGER_MS).unref());',
    replace: "void leaveOutput;",
    tests: [
      "test/orchestrator/serve/notify/notifier.test.ts > leaves something going in the background",
    ],
  },
];
