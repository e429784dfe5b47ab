import type { Option } from "./command.ts";

/** What is run, as options say it: one of them, as one key of a connector in the configuration. */
export const GIVEN: readonly Option[] = [
  {
    flags: "--connector <name>",
    description: "source-postgres, destination-postgres, or the path of a program",
  },
  {
    flags: "--command <words>",
    description: "a program and its arguments: 'python3 ./source.py', or '[a, \"b c\"]'",
  },
  { flags: "--npm <package>", description: "a package that is installed: some-source@1.2.3" },
  { flags: "--python <package>", description: "a package of PyPI: airbyte-source-faker==7.2.1" },
  { flags: "--interpreter <python>", description: "the Python it is run by (default: python3)" },
  { flags: "--manifest <file>", description: "a declarative source" },
  { flags: "--image <image>", description: "a container image: airbyte/source-faker:6.2.21" },
];

/** Options of a command with `GIVEN`. */
export type GivenOptions = {
  readonly [kind in "connector" | "npm" | "python" | "interpreter" | "manifest" | "image"]?: string;
} & { readonly command?: string };
