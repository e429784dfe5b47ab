const PAGES = "test/orchestrator/serve/page/pages.test.ts";
const ACTIONS = "orchestrator/serve/page/action-routes.ts";
const REPORT = "test/orchestrator/report.test.ts";

/** The page of `serve`, and its report. @type {import("../mutant.mjs").Mutant[]} */
export const PAGE = [
  {
    name: "page: rows go without the name typed in full",
    file: ACTIONS,
    find: 'if (fields.get("confirm") !== name)',
    replace: 'if (!fields.has("confirm"))',
    tests: [PAGES],
  },
  {
    name: "page: no stream chosen clears all of them",
    file: ACTIONS,
    find: "if (streams.length === 0)",
    replace: "if (false)",
    tests: [PAGES],
  },
  {
    name: "page: control characters reach the browser",
    file: "orchestrator/serve/page/render.ts",
    find: ".map(escapeControls)",
    replace: "",
    tests: [PAGES],
  },
  {
    name: "page: an address is shown with its password",
    file: "orchestrator/serve/page/create/shown-end.ts",
    find: 'return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;',
    replace: "return address;",
    tests: [PAGES],
  },
  {
    name: "page: the reason of another connection's refusal is shown",
    file: "orchestrator/serve/page/outcomes.ts",
    find: "const failure = this.#failures.get(connection);",
    replace: "const [failure] = this.#failures.values();",
    tests: [PAGES],
  },
  {
    name: "report: its policy allows another script than the one in it",
    file: "orchestrator/report/report-page.tsx",
    find: '`script-src ${scripts.map(hashOf).join(" ")}`',
    replace: '`script-src ${styles.map(hashOf).join(" ")}`',
    tests: [REPORT],
  },
  {
    name: "page: a server that is gone is not noticed",
    file: "orchestrator/serve/page/assets/page.js",
    find: 'events.addEventListener("error", lost);',
    replace: "void lost;",
    tests: ["test/orchestrator/serve/page/in-a-browser.test.ts > says that it may be out of date"],
  },
];
