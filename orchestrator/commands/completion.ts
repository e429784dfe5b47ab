import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { SCRIPTS } from "../completion/scripts.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";

export const completion: Command = {
  name: "completion",
  arguments: "<shell>",
  description:
    "print what bash, zsh or fish needs to complete commands, options and names with TAB; reads files only",
  examples: [
    "echo 'eval \"$(syncline completion bash)\"' >> ~/.bashrc",
    "echo 'eval \"$(syncline completion zsh)\"' >> ~/.zshrc",
    "syncline completion fish > ~/.config/fish/completions/syncline.fish",
  ],
  // oxlint-disable-next-line typescript/require-await -- as every command
  async run({ console }, [shell = ""]) {
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (script === undefined) {
      const known = Object.keys(SCRIPTS);
      const hint = didYouMean(shell, known) || ` (there is ${known.join(", ")})`;
      throw new Failure("usage.invalid", `no shell ${shell} is known${hint}`);
    }
    console.print(console.json ? JSON.stringify({ script }) : script);
    return EXIT.done;
  },
};
