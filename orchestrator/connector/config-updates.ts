import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/messages.ts";
import { replaceFile } from "../store/atomic-file.ts";

/**
 * Settings that a connector changed itself (CONTROL, protocol reference §1.6), such as a token that
 * is good for one use only. They live in a file of the user's choice and take the place of those in
 * the configuration, until these are edited: then what was made from the old ones no longer counts.
 */
export class ConfigUpdates {
  readonly #path: string;
  readonly #madeFrom: string;

  /** @param config the settings in the configuration, variables filled in. */
  constructor(path: string, config: JsonObject) {
    this.#path = path;
    this.#madeFrom = createHash("sha256").update(JSON.stringify(config)).digest("hex");
  }

  /**
   * The settings the connector asked for last; undefined when there are none, or they were made from
   * other ones. Throws `config.unreadable`: going on with the old settings would use up what they
   * still may be good for.
   */
  current(): JsonObject | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw this.#unreadable(error);
    }
    try {
      const { made_from: madeFrom, config } = JSON.parse(text) as Record<string, unknown>;
      if (typeof config !== "object" || config === null) throw new Error("no config");
      return madeFrom === this.#madeFrom ? (config as JsonObject) : undefined;
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  /** Keeps them durably, readable by the owner only. Throws `state.unwritable`. */
  save(config: JsonObject): void {
    const text = `${JSON.stringify({ made_from: this.#madeFrom, config }, null, 2)}\n`;
    try {
      replaceFile(this.#path, text, { durable: true });
    } catch (error) {
      throw new Failure("state.unwritable", `${this.#path} cannot be written`, { cause: error });
    }
  }

  #unreadable(cause: unknown): Failure {
    return new Failure(
      "config.unreadable",
      `${this.#path} (config_updates) is not readable as what syncline wrote there`,
      { hint: "delete it to go back to the settings in the configuration", cause },
    );
  }
}
