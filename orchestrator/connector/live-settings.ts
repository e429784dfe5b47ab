import { compileValidator } from "../../protocol/config/compile.ts";
import { explain } from "../../protocol/config/explain.ts";
import { problemText } from "../../protocol/config/problems.ts";
import { redactorOf, type Redact } from "../../protocol/config/secrets.ts";
import { asFailure } from "../../protocol/errors.ts";
import type { ConnectorSpecification, JsonObject } from "../../protocol/messages.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { typedVariables } from "../config/variables.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { ConfigUpdates } from "./config-updates.ts";

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
