/** How connections to PostgreSQL are made, and when they are given up. @type {import("../mutant.mjs").Mutant[]} */
export const CONNECTION = [
  {
    name: "tls: a wildcard stands for several labels",
    file: "connectors/postgres/certificate-names.ts",
    find: 'wanted.indexOf(".")',
    replace: "Math.max(0, wanted.length - given.length + 1)",
    tests: ["test/connectors/postgres/certificate-names.test.ts"],
  },
  {
    name: "tls: require does not show the client's certificate",
    file: "connectors/postgres/tls.ts",
    find: "return { ...options, ...own, rejectUnauthorized: false };",
    replace: "return { ...options, rejectUnauthorized: false };",
    tests: ["test/connectors/postgres/tls.test.ts > may be the client's alone"],
  },
  {
    name: "answers: nobody looks over what the driver parses",
    file: "connectors/postgres/driver.ts",
    find: "answers.push(chunk);",
    replace: "parser(chunk);",
    tests: ["test/connectors/postgres/answers.test.ts > is said to be no server: a web server"],
  },
  {
    name: "answers: a sign-in may begin with its end",
    file: "connectors/postgres/sign-in.ts",
    find: "nothing: [0, 2, 3, 5, 6, 7, 9, 10],",
    replace: "nothing: [0, 2, 3, 5, 6, 7, 9, 10, 12],",
    tests: ["test/connectors/postgres/answers.test.ts > the end of a sign-in that did not begin"],
  },
  {
    name: "answers: a copy that nobody asked for is waited for",
    file: "connectors/postgres/driver.ts",
    find: "if (expectedCopies.get(connection) !== response)",
    replace: "if (expectedCopies.get(connection) === null)",
    tests: ["test/connectors/postgres/answers.test.ts > when it answers that it takes rows"],
  },
  {
    name: "answers: being ready is taken for an answer",
    file: "connectors/postgres/session.ts",
    find: "if (!isAnswered && statements > 0) throw brokenProtocol();",
    replace: "",
    tests: ["test/connectors/postgres/answers.test.ts > when it answers nothing but"],
  },
  {
    name: "answers: one without an end is read to it",
    file: "connectors/postgres/answers.ts",
    find: "this.#answerBytes + size > this.#maxBytes",
    replace: "size > this.#maxBytes",
    tests: ["test/connectors/postgres/answers.test.ts > is refused when it does not end"],
  },
  {
    name: "answers: what is left of one counts for the next",
    file: "connectors/postgres/answers.ts",
    find: "this.#answerBytes = 0;\n    } else",
    replace: "} else",
    tests: ["test/connectors/postgres/answers.test.ts > is refused when it does not end"],
  },
];
