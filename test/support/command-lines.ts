import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The command lines of ours that a shell makes of an example. Nothing of it is run.
 *
 * @param folder stands in for the user's own, which examples write to.
 */
export function commandLines(example: string, folder: string): string[][] {
  const log = join(folder, "log");
  const script = `
    : > "$LOG"
    mkdir -p ~/.config/fish/completions
    PATH=/nowhere
    command_not_found_handle() { [[ -t 0 ]] || cat > /dev/null; }
    cat() { command -p cat "$@"; }
    # In one write, which a newline would divide: both ends of a pipe come here at once.
    syncline() { printf '%s\\0' "$@" $'\\x1e' >> "$LOG"; }
    ${example}
    eval "$(cat ~/.bashrc ~/.zshrc 2>/dev/null)"`;
  execFileSync("bash", ["--norc", "-euo", "pipefail", "-c", script], {
    cwd: folder,
    input: "",
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      LOG: log,
      SHOP_URL: "postgres://a/b",
      WAREHOUSE_URL: "postgres://c/d",
    },
  });
  const lines = readFileSync(log, "utf8").split("\0\x1e\0").slice(0, -1);
  return lines.map((line) => line.split("\0").filter((word, i) => i > 0 || word !== ""));
}
