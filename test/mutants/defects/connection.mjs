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
];
