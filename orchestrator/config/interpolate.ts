/** What became of one scalar: its value, or why it has none. */
export type Interpolation =
  { readonly text: string; readonly changed: boolean } | { readonly problem: string };

const REFERENCE = /\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([^}]*))?\}|\{[^}]*\}?)/g;

/**
 * Fills in `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`, as Docker Compose spells
 * them. A single `$` before anything else stays. An unset variable is a problem, never an empty
 * text: a password that silently became empty is worse than an error. Names in `keep` stay as they
 * are spelled. Works on one parsed scalar, so a value cannot change the document around it.
 */
export function interpolate(
  scalar: string,
  env: Readonly<Record<string, string | undefined>>,
  keep: ReadonlySet<string> = new Set(),
): Interpolation {
  let problem: string | undefined;
  let changed = false;
  const text = scalar.replace(
    REFERENCE,
    (spelled: string, name?: string, operator?: string, word?: string) => {
      if (name !== undefined && keep.has(name)) return spelled;
      changed = true;
      if (spelled === "$$") return "$";
      if (name === undefined) {
        problem ??= "a variable is spelled ${NAME}; write $$ for a plain dollar sign";
        return spelled;
      }
      const value = env[name];
      if (operator === ":-") return value || (word ?? "");
      if (value !== undefined && (operator !== ":?" || value !== "")) return value;
      problem ??=
        operator === ":?" && word
          ? `${name}: ${word}`
          : `the environment variable ${name} is not set`;
      return "";
    },
  );
  return problem === undefined ? { text, changed } : { problem };
}
