import type { Catalog, ConfiguredCatalog } from "../../protocol/catalog.ts";
import { withoutNulls } from "../../protocol/config/adapted.ts";
import { withDefaults } from "../../protocol/config/defaults.ts";
import type { Redact } from "../../protocol/config/secrets.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type {
  ConnectionStatusMessage,
  ConnectorSpecification,
  Message,
  PlanMessage,
  TraceEstimate,
} from "../../protocol/messages.ts";
import { ownCopy, type StateLine } from "../../protocol/state.ts";
import type { ConnectorConfig, TimeLimits } from "../config/config.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { connectorEnvironment, type RunIdentity } from "./environment.ts";
import { noAnswerFailure } from "./failures.ts";
import type { ConnectorName } from "./launch.ts";
import { launchOf, type Launch } from "./launch.ts";
import { listenTo, type Heard, type ListenOptions } from "./listen.ts";
import { containerCommand } from "./container.ts";
import { wordsThatMatter } from "./last-words.ts";
import { LiveSettings } from "./live-settings.ts";
import type { PrivateFolder } from "./private-folder.ts";
import { startConnector, type ConnectorProcess, type Exit } from "./process.ts";
import type { Sessions } from "./sessions.ts";
import type { SpecCache } from "./spec-cache.ts";
import { StderrLines } from "./stderr-lines.ts";
import { withPlaces, wrongSettings } from "./wrong-settings.ts";

/** A connector's settings need a name each in the shared private folder. */
let filesWritten = 0;

type ConnectionStatus = ConnectionStatusMessage["connectionStatus"];

/** What a connector may use of the run it belongs to. */
export interface Surroundings {
  readonly folder: PrivateFolder;
  readonly limits: TimeLimits;
  readonly log: AttemptLog;
  readonly specs: SpecCache;
  readonly signal: AbortSignal;
  readonly run?: RunIdentity;
  /** Takes processes that are good for several commands; without it each command has its own. */
  readonly sessions?: Sessions;
}

/** What a command may answer with. */
type Answers = Pick<ListenOptions, "answer" | "onState" | "onOther" | "onEstimate">;

/**
 * A connector that can be asked things, each by a process of its own, which is gone when the answer
 * is there; one that announces `session` is asked all of them by one process. Failures that come from it say so (`origin`).
 */
export class Connector implements ConnectorName {
  readonly settings: ConnectorConfig;
  #launch: Launch;
  readonly #around: Surroundings;
  readonly #settings: LiveSettings;
  /** The stderr of the process that was started last. */
  #stderr: StderrLines | undefined;
  #spec: Promise<ConnectorSpecification> | undefined;
  #configPath: string | undefined;
  /** Its process, while that waits for a command. */
  #session: ConnectorProcess | undefined;

  /** Throws `connector.not_found`. */
  constructor(settings: ConnectorConfig, around: Surroundings) {
    this.settings = settings;
    this.#launch = launchOf(settings);
    this.#around = around;
    this.#settings = new LiveSettings(settings, around.log);
  }

  get label(): string {
    return this.#launch.label;
  }

  get role(): ConnectorName["role"] {
    return this.#launch.role;
  }

  /** The connector's own description, asked for once; from the cache when the program has not changed. */
  spec(): Promise<ConnectorSpecification> {
    this.#spec ??= this.#findSpec();
    return this.#spec;
  }

  async #findSpec(): Promise<ConnectorSpecification> {
    const { specs, log, signal } = this.#around;
    const cached = specs.get(this.#launch);
    if (cached) return cached;
    if (this.#launch.file === "") {
      const { made } = await import("./made.ts");
      const say = (text: string) => log.own("WARN", `${this.label}: ${text}`);
      this.#launch = await made(this.#launch, { say, signal });
    }
    const answer = this.#launch.spec ?? (await this.#ask(["spec"], "SPEC", "spec"));
    const spec = answer as unknown as ConnectorSpecification;
    specs.put(this.#launch, spec);
    return spec;
  }

  /** Has its process start, where it is good for several commands, before the first one is given. */
  async open(): Promise<void> {
    const { sessions, signal } = this.#around;
    if (sessions === undefined || (await this.spec()).supports_session_command !== true) return;
    signal.throwIfAborted();
    this.#session = this.#start(["session"], "pipe");
    sessions.add(this.#session);
  }

  async check(): Promise<ConnectionStatus> {
    const args = ["check", "--config", await this.#config()];
    const answer = await this.#ask(args, "CONNECTION_STATUS", "connectionStatus");
    const status = answer as unknown as ConnectionStatus;
    if (status.status !== "FAILED") return status;
    const places = await this.#wrongSettings(status.message ?? "");
    return places === undefined ? status : { ...status, message: places };
  }

  /** @param onEstimate told how large streams are, by a source that says so. */
  async discover(onEstimate?: (estimate: TraceEstimate) => void): Promise<Catalog> {
    const args = ["discover", "--config", await this.#config()];
    const answer = await this.#ask(args, "CATALOG", "catalog", onEstimate);
    const catalog = answer as unknown as Catalog;
    if (!Array.isArray(catalog.streams))
      throw new Failure("protocol.bad_message", `${this.label}: its CATALOG has no streams`, {
        origin: this.role,
      });
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
    const { exit, reported } = await this.#listen(args, {
      onState: (line) => states.push(ownCopy(line)),
    });
    if (reported) throw await this.#placed(reported);
    if (exit.kind !== "exited" || exit.code !== 0) throw this.#noAnswer("state", exit);
    return states;
  }

  /** What it would do in `read` or `write`; undefined when it cannot tell. */
  async plan(catalog: ConfiguredCatalog): Promise<PlanMessage["plan"] | undefined> {
    if ((await this.spec()).supports_plan_command !== true) return undefined;
    const args = ["plan", "--config", await this.#config()];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    return (await this.#ask(args, "PLAN", "plan")) as unknown as PlanMessage["plan"];
  }

  /**
   * Where a destination puts streams without a namespace: its setting `schema`, as Airbyte's
   * destinations for databases call it; undefined when it has none.
   */
  async defaultNamespace(): Promise<string | undefined> {
    const spec = await this.spec();
    const { connectionSpecification: described } = spec;
    const { config } = withoutNulls(described, this.#settings.current(spec));
    const { schema } = withDefaults(described, config);
    return typeof schema === "string" && schema !== "" ? schema : undefined;
  }

  /** Must have resolved before `read` and `write`, which start in the same tick. */
  async prepare(): Promise<void> {
    await this.#config();
  }

  /** Starts `read`. `state` is the content of the state file; undefined leaves the flag out. */
  read(
    catalog: ConfiguredCatalog,
    state: Buffer | undefined,
    { acknowledges, follows }: { readonly acknowledges: boolean; readonly follows: boolean },
  ): ConnectorProcess {
    const args = ["read", "--config", this.#configPath!];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    if (state) args.push("--state", this.#write("state", state));
    if (acknowledges) args.push("--acknowledged");
    if (follows) args.push("--follow");
    return this.#takeSession(args) ?? this.#start(args, acknowledges ? "pipe" : "ignore");
  }

  /** Starts `write`. */
  write(
    catalog: ConfiguredCatalog,
    { commitsAtOnce }: { readonly commitsAtOnce: boolean },
  ): ConnectorProcess {
    const args = ["write", "--config", this.#configPath!];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    if (commitsAtOnce) args.push("--follow");
    return this.#takeSession(args) ?? this.#start(args, "pipe");
  }

  /** Starts `normalize`, which rebuilds typed tables. `prepare` must have resolved. */
  normalize(catalog: ConfiguredCatalog): ConnectorProcess {
    const args = ["normalize", "--config", this.#configPath!];
    args.push("--catalog", this.#write("catalog", JSON.stringify(catalog)));
    return this.#start(args, "ignore");
  }

  /** Has the destination make the tables of these streams this connection's. */
  async adopt(catalog: ConfiguredCatalog): Promise<void> {
    const file = this.#write("catalog", JSON.stringify(catalog));
    await this.#do("adopt", "--catalog", file);
  }

  /** Has the destination hand over what it has of a connection that was renamed to this one. */
  async takeOver(from: string): Promise<void> {
    await this.#do("move", "--from", from);
  }

  /** Has the source take away what it set up at its server to follow its log. */
  async dropSlot(): Promise<void> {
    await this.#do("drop-slot");
  }

  /** Runs a command that does something and answers nothing. Throws what it reports. */
  async #do(command: string, ...options: readonly string[]): Promise<void> {
    const { exit, reported } = await this.#listen(
      [command, "--config", await this.#config(), ...options],
      {},
    );
    if (reported) throw reported;
    if (exit.kind !== "exited" || exit.code !== 0) throw this.#noAnswer(command, exit);
  }

  #write(what: string, content: string | Buffer): string {
    const { role } = this.settings;
    const name = `${role}-${what}-${++filesWritten}.json`;
    return this.#around.folder.write(name, content, this.#filesFolder());
  }

  /** Where its files are: a container sees them, and those of no other connector. */
  #filesFolder(): string {
    const { folder } = this.#around;
    const { role, name } = this.settings;
    return this.#launch.container ? folder.openFolder(`${role}-${name}`) : folder.path;
  }

  /** Hides its secrets from the log. Asks for the spec, which says what is secret. */
  async hideSecrets(): Promise<Redact> {
    return this.#settings.hideSecrets(await this.spec());
  }

  /** Takes settings that it asks to be kept, from its next process on; see `LiveSettings`. */
  async updateConfig(config: JsonObject): Promise<void> {
    await this.#settings.update(config, await this.spec(), this.label);
    this.#configPath = undefined;
  }

  async #config(): Promise<string> {
    const spec = await this.spec();
    this.#configPath ??= this.#write("config", JSON.stringify(this.#settings.current(spec)));
    return this.#configPath;
  }

  /** A failure that says where in the user's file a wrong setting stands, if it is about one. */
  async #placed(failure: Failure): Promise<Failure> {
    const places = await this.#wrongSettings(failure.message);
    return places === undefined ? failure : withPlaces(failure, this.label, places);
  }

  async #wrongSettings(said: string): Promise<string | undefined> {
    const spec = await this.spec();
    return wrongSettings(said, this.settings, this.#settings.current(spec), spec);
  }

  /** Gives a command to the process that waits for one, if there is any: it waits no more. */
  #takeSession(args: readonly string[]): ConnectorProcess | undefined {
    const session = this.#session;
    this.#session = undefined;
    session?.stdin.write(`${JSON.stringify(args)}\n`);
    return session;
  }

  #start(args: readonly string[], stdin: "pipe" | "ignore"): ConnectorProcess {
    const { folder, limits, log, run } = this.#around;
    const { env: own } = this.settings;
    const env = connectorEnvironment(own, run);
    const { file, container, flags = [] } = this.#launch;
    const contained =
      container &&
      containerCommand(file, container, { args, folder: this.#filesFolder(), env, own });
    this.#stderr = new StderrLines((line) => log.connector(this.label, "INFO", line));
    return startConnector({
      launch: this.#launch,
      args: args[0] === "spec" ? args : [...args, ...flags],
      cwd: folder.path,
      env,
      ...contained,
      stdin,
      // A destination commits what it has when its input ends.
      graceSeconds: this.role === "destination" && stdin === "pipe" ? limits.stopSeconds : 0,
      stopMs: limits.stopSeconds * 1000,
      stderr: this.#stderr,
    });
  }

  /** Runs a command that answers with one message of `type`; the value under `key` is returned. */
  async #ask(
    args: readonly string[],
    type: Message["type"],
    key: string,
    onEstimate?: (estimate: TraceEstimate) => void,
  ): Promise<JsonObject> {
    const messages: Message[] = [];
    const { exit, reported } = await this.#listen(args, {
      answer: type,
      ...(onEstimate && { onEstimate }),
      onOther: (message) => {
        if (message.type === type) messages.push(message);
      },
    });
    // What comes beside an error may be a part. The answer to `check` says itself how things are.
    if (reported && type !== "CONNECTION_STATUS") throw await this.#placed(reported);
    const answer = (messages[0] as unknown as Record<string, unknown> | undefined)?.[key];
    if (answer !== null && typeof answer === "object" && !Array.isArray(answer))
      return answer as JsonObject;
    if (reported) throw reported;
    throw this.#noAnswer(args[0]!, exit);
  }

  #noAnswer(command: string, exit: Exit): Failure {
    const words = wordsThatMatter(this.#stderr?.last ?? []);
    return noAnswerFailure(this.#launch, command, exit, this.#around.log.redacted(words));
  }

  /** Runs a command to its end and hands over what it answers. */
  async #listen(args: readonly string[], answers: Answers): Promise<Heard> {
    const { limits, log, signal } = this.#around;
    signal.throwIfAborted();
    const { startSeconds } = limits;
    let wanted: JsonObject | undefined;
    const session = this.#takeSession(args);
    const heard = await listenTo(session ?? this.#start(args, "ignore"), {
      ...answers,
      who: this,
      command: args[0]!,
      inSession: session !== undefined,
      startSeconds,
      log,
      signal,
      onControl: async (config) => void (wanted = config),
    });
    if (heard.goesOn) this.#session = session;
    if (wanted) await this.updateConfig(wanted);
    return heard;
  }
}
