import fc from "fast-check";

const HOSTILE = [
  "{",
  "}",
  '"',
  ",",
  ";",
  "\\",
  "\n",
  "\t",
  "\r",
  "\b",
  "\f",
  "\v",
  "\u0001",
  " ",
  "NULL",
  "[",
  ":",
  "é",
  "😀",
];

/** Any text that PostgreSQL takes; often one that arrays have to quote. */
export const anyText = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...HOSTILE), maxLength: 8 }),
  )
  .filter((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text));

const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/** Arrays in all forms: their text, with every element quoted that is not NULL. */
export const anyArray = (element: fc.Arbitrary<string>, delimiter = ",") => {
  return fc
    .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.option(fc.integer({ min: -3, max: 3 })))
    .chain(([rows, columns, bound]) => {
      const item = fc.option(element.map(quoted), { nil: "NULL", freq: 5 });
      const list = (length: number) =>
        fc.array(item, { minLength: length, maxLength: length }).map((all) => all.join(delimiter));
      const wrapped = (from: number, length: number) => `[${from}:${from + length - 1}]`;
      if (columns === 0) return fc.constant("{}");
      if (rows === 0)
        return list(columns).map(
          (all) => `${bound === null ? "" : `${wrapped(bound, columns)}=`}{${all}}`,
        );
      return fc.array(list(columns), { minLength: rows, maxLength: rows }).map((all) => {
        const bounds = `${wrapped(1, rows)}${wrapped(bound ?? 1, columns)}=`;
        return `${bound === null ? "" : bounds}{${all.map((one) => `{${one}}`).join(delimiter)}}`;
      });
    });
};

const day = fc.constantFrom("2020-02-29", "0044-03-15 BC", "infinity", "-infinity", "12000-01-01");
export const moment = fc.constantFrom(
  "2020-02-29 01:02:03",
  "2020-02-29 01:02:03.5",
  "2020-02-29 23:59:59.123456",
  "0044-03-15 01:02:03.000001 BC",
  "infinity",
  "-infinity",
);
const address = fc.constantFrom("10.0.0.1", "10.0.0.0/8", "::1", "fe80::/10", "1::2/128");
export const number = fc.constantFrom(
  "0",
  "-1.50",
  "1e100",
  "NaN",
  "123456789012345678901234567890",
);

/** Types whose arrays differ in how their elements are printed. */
export const ARRAYS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "text[]": anyArray(anyText),
  "varchar(90)[]": anyArray(anyText),
  "char(90)[]": anyArray(anyText),
  "words[]": anyArray(anyText),
  "json[]": anyArray(anyText.map((text) => JSON.stringify({ [text]: [text, null, 1.5] }))),
  "bytea[]": anyArray(fc.constantFrom(String.raw`\x`, String.raw`\x00ff`)),
  "numeric[]": anyArray(number),
  "price[]": anyArray(fc.constantFrom("0", "12.3", "NaN")),
  "float8[]": anyArray(fc.constantFrom("0", "-0", "1e100", "-Infinity", "NaN", "1.5e-7")),
  "bool[]": anyArray(fc.constantFrom("t", "f")),
  "oid[]": anyArray(fc.constantFrom("0", "4294967295")),
  "money[]": anyArray(fc.constantFrom("0", "-1234567.89", "12.3", "-0.01")),
  "date[]": anyArray(day),
  "timestamp[]": anyArray(moment),
  "timestamptz[]": anyArray(moment),
  "time[]": anyArray(fc.constantFrom("24:00", "01:02:03.5")),
  "timetz[]": anyArray(fc.constantFrom("24:00+05:30", "01:02:03.5-15:59:59")),
  "inet[]": anyArray(address),
  "box[]": anyArray(fc.constantFrom("(1,1),(0,0)", "(1.5,2),(-1,-1)"), ";"),
  "dotted[]": anyArray(anyText, ":"),
};
