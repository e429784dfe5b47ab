import type { Catalog, ConfiguredCatalog } from "../../protocol/catalog.ts";
import { compileConfigValidator } from "../../protocol/config-validator.ts";
import { asFailure, Failure } from "../../protocol/errors.ts";
import { LineSplitter } from "../../protocol/framing.ts";
import type {
  ConnectorSpecification,
  ControlMessage,
  JsonObject,
  Message,
} from "../../protocol/messages.ts";
import type { ConnectorConfig, TimeLimits } from "../config/config.ts";
import { coerced } from "../config/coerce.ts";
import { readStateLine, type StateLine } from "../../protocol/state.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { redactor, secretsOf, type Redact } from "../output/redact.ts";
import { ConfigUpdates } from "./config-updates.ts";
import { connectorEnvironment, type RunIdentity } from "./environment.ts";
import { noAnswerFailure } from "./exit-failure.ts";
import { launchOf, type Launch } from "./launch.ts";
import { logOf, readOtherLine, reportedFailure } from "./messages.ts";
import type { PrivateFolder } from "./private-folder.ts";
import { startConnector, type ConnectorProcess, type Exit } from "./process.ts";
import type { SpecCache } from "./spec-cache.ts";
import { StderrLines } from "./stderr-lines.ts";

/** Longest answer of a one-answer command, in bytes: 5,000 tables of 1,600 columns fit. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** A connector's settings need a name each in the shared private folder. */
let filesWritten = 0;

/** What a connector may use of the run it belongs to. */
export interface Surroundings {
  readonly folder: PrivateFolder;
  readonly limits: TimeLimits;
  readonly log: AttemptLog;
  readonly specs: SpecCache;
  readonly signal: AbortSignal;
  readonly run?: RunIdentity;
}

/** A connector that can be asked things, each by a process of its own. */
export class Connector {
  readonly settings: ConnectorConfig;
  readonly launch: Launch;
  readonly #around: Surroundings;
  readonly #updates: ConfigUpdates | undefined;
  #configPath: string | undefined;

  /** Throws `connector.not_found`. */
  constructor(settings: ConnectorConfig, around: Surroundings) {
    this.settings = settings;
    this.launch = launchOf(settings);
    this.#around = around;
    const { config, configUpdates } = settings;
    this.#updates =
      configUpdates === undefined ? undefined : new ConfigUpdates(configUpdates, config);
  }

  get label(): string {
    return this.launch.label;
  }

  /** The connector's own description; from the cache when the program has not changed. */
  async spec(): Promise<ConnectorSpecification> {
    const cached = this.#around.specs.get(this.launch);
    if (cached) return cached;
    const answer = await this.#ask(["spec"], "SPEC", "spec");
    const spec = answer as unknown as ConnectorSpecification;
    this.#around.specs.put(this.launch, spec);
    return spec;
  }

  async check(): Promise<{ status: "SUCCEEDED" | "FAILED"; message?: string }> {
    const args = ["check", "--config", await this.#config()];
    const answer = await this.#ask(args, "CONNECTION_STATUS", "connectionStatus");
    return answer as unknown as { status: "SUCCEEDED" | "FAILED"; message?: string };
  }

  async discover(): Promise<Catalog> {
    const args = ["discover", "--config", await this.#config()];
    const catalog = (await this.#ask(args, "CATALOG", "catalog")) as unknown as Catalog;
    if (!Array.isArray(catalog.streams))
      throw new Failure("protocol.bad_message", `${this.label}: its CATALOG has no streams`);
    return catalog;
  }

  /** Whether the destination remembers what it committed (`state`). */
  async remembers(): Promise<boolean> {
    return (await this.spec()).supports_state_command === true;
  }

  /** What the destination has committed for this connection, in its names for the streams. */
  async committedStates(catalog: ConfiguredCatalog): Promise<StateLine[]> {
    const args = ["state", "--config", await this.#config()];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    const states: StateLine[] = [];
    const { exit, reported } = await this.#listen(args, (message, line) => {
      if (message.type !== "STATE") return;
      const own = Buffer.from(line);
      const state = readStateLine(own, 0, own.length);
      if (state) states.push(state);
    });
    if (reported) throw reported;
    if (exit.kind !== "exited" || exit.code !== 0) throw noAnswerFailure(this.label, "state", exit);
    return states;
  }

  /** Must have resolved before `read` and `write`, which start in the same tick. */
  async prepare(): Promise<void> {
    await this.#config();
  }

  /** Starts `read`. `state` is the content of the state file; undefined leaves the flag out. */
  read(catalog: ConfiguredCatalog, state: Buffer | undefined): ConnectorProcess {
    const args = ["read", "--config", this.#configPath!];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    if (state) args.push("--state", this.#write("state", state));
    return this.#start(args, "ignore");
  }

  /** Starts `write`. */
  write(catalog: ConfiguredCatalog): ConnectorProcess {
    const args = ["write", "--config", this.#configPath!];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    return this.#start(args, "pipe");
  }

  /** Starts `normalize`, which rebuilds typed tables. `prepare` must have resolved. */
  normalize(catalog: ConfiguredCatalog): ConnectorProcess {
    const args = ["normalize", "--config", this.#configPath!];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    return this.#start(args, "ignore");
  }

  #write(what: string, content: string | Buffer): string {
    const { role } = this.settings;
    return this.#around.folder.write(`${role}-${what}-${++filesWritten}.json`, content);
  }

  /** Hides its secrets from the log. Asks for the spec, which says what is secret. */
  async hideSecrets(): Promise<Redact> {
    const { connectionSpecification } = await this.spec();
    const configs = [this.settings.config, this.#updates?.current()];
    const redact = redactor(
      configs.flatMap((config) => (config ? secretsOf(config, connectionSpecification) : [])),
    );
    this.#around.log.hide(redact);
    return redact;
  }

  /**
   * Takes the settings that the connector asks to be kept instead of its own. They count from the
   * next process on. What is wrong with them, or with keeping them, is a warning: this run goes on.
   */
  async updateConfig(config: JsonObject): Promise<void> {
    const { log } = this.#around;
    if (this.#updates === undefined)
      return log.own(
        "WARN",
        `${this.label} wants its settings changed, a renewed token perhaps, and they are lost; \`config_updates: FILE\` in its part of the configuration keeps them`,
      );
    try {
      const { connectionSpecification } = await this.spec();
      log.hide(redactor(secretsOf(config, connectionSpecification)));
      const [problem] = (await compileConfigValidator(connectionSpecification))(config);
      if (problem)
        return log.own(
          "WARN",
          `${this.label} wants its settings changed to some that do not fit its spec (${problem.path || "they"}: ${problem.message}); they are not kept`,
        );
      this.#updates.save(config);
      this.#configPath = undefined;
      log.own(
        "INFO",
        `${this.label} changed its settings; they are kept in ${this.settings.configUpdates}`,
      );
    } catch (error) {
      log.own("WARN", `the new settings of ${this.label} are lost: ${asFailure(error).message}`);
    }
  }

  async #config(): Promise<string> {
    if (this.#configPath) return this.#configPath;
    const { config, interpolated } = this.settings;
    const { connectionSpecification } = await this.spec();
    const updated = this.#updates?.current();
    const typed: JsonObject = updated ?? coerced(config, interpolated, connectionSpecification);
    return (this.#configPath = this.#write("config", JSON.stringify(typed)));
  }

  #start(args: readonly string[], stdin: "pipe" | "ignore"): ConnectorProcess {
    const { folder, limits, log, run } = this.#around;
    const stderr = new StderrLines((line) => log.connector(this.label, "INFO", line));
    return startConnector({
      launch: this.launch,
      args,
      cwd: folder.path,
      env: connectorEnvironment(this.settings.env, run),
      stdin,
      stopMs: limits.stopSeconds * 1000,
      stderr,
    });
  }

  /** Runs a command that answers with one message of `type`; the value under `key` is returned. */
  async #ask(args: readonly string[], type: string, key: string): Promise<JsonObject> {
    const messages: Message[] = [];
    const exit = await this.#listen(args, (message) => {
      if (message.type === type) messages.push(message);
    });
    const answer = (messages[0] as unknown as Record<string, unknown> | undefined)?.[key];
    if (answer !== null && typeof answer === "object" && !Array.isArray(answer))
      return answer as JsonObject;
    if (exit.reported) throw exit.reported;
    throw noAnswerFailure(this.label, args[0]!, exit.exit);
  }

  /**
   * Runs a command to its end and hands over each message. A connector that has said nothing after
   * `startSeconds` is stopped: `connector.silent`.
   */
  async #listen(
    args: readonly string[],
    onMessage: (message: Message, line: Buffer) => void,
  ): Promise<{ exit: Exit; reported: Failure | undefined }> {
    const { limits, log, signal } = this.#around;
    signal.throwIfAborted();
    const child = this.#start(args, "ignore");
    let reported: Failure | undefined;
    const controls: ControlMessage[] = [];
    let silent = false;
    const timer = setTimeout(() => {
      silent = true;
      child.kill();
    }, limits.startSeconds * 1000);
    const interrupt = () => child.stop();
    signal.addEventListener("abort", interrupt);
    const splitter = new LineSplitter(MAX_ANSWER_BYTES);
    const onLine = (bytes: Buffer, start: number, end: number) => {
      const line = readOtherLine(bytes, start, end);
      if (line.kind === "noise") log.connector(this.label, "DEBUG", line.text);
      if (line.kind !== "message") return;
      const { message } = line;
      if (message.type === "LOG") {
        const { level, text } = logOf(message);
        log.connector(this.label, level, text);
      } else if (message.type === "TRACE" && message.trace.error)
        reported ??= reportedFailure(message.trace.error, this.label);
      else if (message.type === "CONTROL") controls.push(message);
      else onMessage(message, bytes.subarray(start, end));
    };
    try {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        clearTimeout(timer);
        splitter.push(chunk, onLine);
      }
      splitter.end(onLine);
    } catch (error) {
      child.kill();
      throw error instanceof Failure ? inCommand(error, this.label, args[0]!) : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
    }
    const exit = await child.exit;
    const wanted = controls.at(-1)?.control.connectorConfig;
    if (wanted) await this.updateConfig(wanted.config);
    signal.throwIfAborted();
    if (silent)
      throw new Failure(
        "connector.silent",
        `${this.label} said nothing for ${limits.startSeconds} s after \`${args[0]}\` was started`,
        { hint: "limits.start_seconds in the connection allows it more" },
      );
    return { exit, reported };
  }
}

function inCommand(failure: Failure, label: string, command: string): Failure {
  return new Failure(
    failure.code,
    `${label}, in its answer to \`${command}\`: ${failure.message}`,
    {
      cause: failure,
    },
  );
}
