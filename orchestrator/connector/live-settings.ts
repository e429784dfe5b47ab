import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { compileValidator } from "../../protocol/config/compile.ts";
import { explain } from "../../protocol/config/explain.ts";
import { problemText } from "../../protocol/config/problems.ts";
import { redactorOf, type Redact } from "../../protocol/config/secrets.ts";
import { asFailure, Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { typedVariables } from "../config/variables.ts";
import { replaceFile } from "../store/atomic-file.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { stateUnwritable } from "../store/unwritable.ts";

/** The settings a connector is started with: the user's, or those that it changed itself. */
export class LiveSettings {
  readonly #given: ConnectorConfig;
  readonly #updates: ConfigUpdates | undefined;
  readonly #log: AttemptLog;

  constructor(given: ConnectorConfig, log: AttemptLog) {
    this.#given = given;
    this.#log = log;
    const { config, configUpdates: path } = given;
    this.#updates = path === undefined ? undefined : new ConfigUpdates(path, config);
  }

  /** What counts now. Throws `config.unreadable` for changed settings that cannot be read. */
  current(spec: ConnectorSpecification): JsonObject {
    const { config, interpolated } = this.#given;
    return (
      this.#updates?.current() ?? typedVariables(config, interpolated, spec.connectionSpecification)
    );
  }

  /** Hides the secrets of both from the log. Throws `config.unreadable`. */
  hideSecrets({ connectionSpecification }: ConnectorSpecification): Redact {
    const updated = this.#updates?.current();
    const configs = [this.#given.config, ...(updated ? [updated] : [])];
    const redact = redactorOf(connectionSpecification, ...configs);
    this.#log.hide(redact);
    return redact;
  }

  /**
   * Takes the settings that the connector asks to be kept instead of its own. They count from its
   * next process on. What is wrong with them, or with keeping them, is a warning: a run goes on.
   *
   * @param label how messages call the connector.
   */
  async update(
    config: JsonObject,
    { connectionSpecification }: ConnectorSpecification,
    label: string,
  ): Promise<void> {
    if (this.#updates === undefined)
      return this.#log.own(
        "WARN",
        `${label} wants its settings changed, a renewed token perhaps, and they are lost; \`config_updates: FILE\` in its part of the configuration keeps them`,
      );
    try {
      this.#log.hide(redactorOf(connectionSpecification, config));
      const validator = await compileValidator(connectionSpecification);
      const [problem] = explain(validator, connectionSpecification, config);
      if (problem)
        return this.#log.own(
          "WARN",
          `${label} wants its settings changed to some that do not fit its spec (${problemText(problem)}); they are not kept`,
        );
      this.#updates.save(config);
      const path = this.#given.configUpdates;
      this.#log.own("INFO", `${label} changed its settings; they are kept in ${path}`);
    } catch (error) {
      this.#log.own("WARN", `the new settings of ${label} are lost: ${asFailure(error).message}`);
    }
  }
}

/**
 * Settings that a connector changed itself (a CONTROL message), such as a token that is good for one
 * use only. They live in a file of the user's choice and take the place of those in the
 * configuration, until these are edited: then what was made from the old ones no longer counts.
 */
class ConfigUpdates {
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
      throw stateUnwritable(`${this.#path} cannot be written`, error);
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
