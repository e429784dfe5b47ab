import type { Catalog, ConfiguredCatalog } from "../../protocol/catalog.ts";
import type {
  ConnectorSpecification,
  LogLevel,
  Message,
  PlanMessage,
} from "../../protocol/messages.ts";
import type { AdaptedConfig } from "../../protocol/config/adapted.ts";
import type { Validator } from "../../protocol/config/explain.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { SavedState } from "../../protocol/state-file.ts";
import type { Limits } from "./limits.ts";
import type { Shelf } from "./shelf.ts";

/** What every command of a connector may use. */
export interface Context {
  /** Prints one LOG message. Never row values; secrets of the config are masked. */
  readonly log: (level: LogLevel, message: string) => void;
  /**
   * Aborts on SIGTERM, SIGINT or SIGHUP: stop at the next safe point and return normally. The kit
   * reports the interruption and exits with 128 + the signal's number. After a second signal, or a
   * minute, it does so without waiting.
   */
  readonly signal: AbortSignal;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** When batches, commits and checkpoints are due. */
  readonly limits: Limits;
  /** For what is of use to the next command of the same process. Absent: there is none. */
  readonly shelf?: Shelf;
}

/**
 * Where a connector prints protocol lines; they come out in the order of the calls. Await each call,
 * or memory grows with what the reader has not taken. Rejects with `output.closed` once the reader
 * has gone: let that pass, the kit then ends the command quietly.
 */
export interface Output {
  /** Appends a message; resolves when the reader has room for more. */
  message(message: Message): Promise<void>;
  /**
   * Appends whole lines, each ended by a newline; resolves when the reader has room for more. The
   * bytes must not change afterwards, as they are not copied, until `onTaken` is called, if ever.
   */
  lines(bytes: Buffer, onTaken?: () => void): Promise<void>;
  /**
   * Resolves when the pipe has taken everything appended so far. Without it lines appear within
   * milliseconds; call it where the next step takes long or must not come before them.
   */
  flush(): Promise<void>;
}

/** What a command would do. */
export type Plan = PlanMessage["plan"];

export interface WriteContext extends Context {
  readonly output: Output;
}

/** What `read` may use beside. */
export interface ReadContext extends WriteContext {
  /**
   * The states that the destination has committed, as they come: each stands for all before it. Ends with
   * stdin. Undefined where nobody is going to tell (`read` without `--acknowledged`).
   */
  readonly acknowledged: AsyncIterable<SavedState> | undefined;
  /**
   * Aborts where `read` is to end in good order, as if there were nothing more to read: with a last
   * STATE, COMPLETE of every stream, and status 0. Never without `--acknowledged`.
   */
  readonly stop: AbortSignal;
  /** Whether to go on with what changes, instead of ending behind the last row (`--follow`). */
  readonly follow: boolean;
}

export type CheckResult =
  | { status: "SUCCEEDED"; message?: string }
  | {
      status: "FAILED";
      message: string;
      /** Said of what may pass by itself, such as a server that cannot be reached. */
      failure_type?: "transient_error";
      /** What the kit adds of a failure that was thrown. */
      failure_code?: string;
    };

/**
 * A source. The kit owns the command line, stdin, stdout, TRACE messages and the exit status; a
 * source owns the data. Every method may throw a `Failure`; the kit turns it into a TRACE ERROR (or
 * a FAILED connection status in `check`) and a non-zero exit.
 */
export interface Source<Config> {
  /** Whether the config works. Throwing a `config_error` or `transient_error` counts as FAILED. */
  check(config: Config, context: WriteContext): Promise<CheckResult>;
  /** May print estimates of how large the streams are. */
  discover(config: Config, context: WriteContext): Promise<Catalog>;
  /**
   * Prints RECORD and STATE lines and STREAM_STATUS traces through `context.output`; `readStreams`
   * does so for a source that can read one stream after the other.
   *
   * Everything printed before a STATE must be enough to resume after it. When `context.signal`
   * aborts, finish the rows in hand, print a last STATE where one is safe, and return.
   *
   * `supports_acknowledgements` and `supports_follow` in the spec announce that it heeds what the context
   * says of these.
   */
  read(
    config: Config,
    catalog: ConfiguredCatalog,
    state: SavedState,
    context: ReadContext,
  ): Promise<void>;
  /**
   * What `read` would find: how much there is to read, what would be refused, and what its user may
   * want to know before. Optional; announced by `supports_plan_command: true` in the spec.
   */
  plan?(config: Config, catalog: ConfiguredCatalog, context: Context): Promise<Plan>;
  /**
   * Takes away what `read` set up at the server to follow its log, and says what. Optional; announced by
   * `supports_drop_slot_command: true` in the spec.
   */
  dropSlot?(config: Config, context: Context): Promise<void>;
}

/** A destination; the rules of `Source` hold. */
export interface Destination<Config> {
  check(config: Config, context: Context): Promise<CheckResult>;
  /**
   * Consumes the NDJSON of `input` to its end and prints each STATE back once everything before it
   * is committed, blob unchanged, in the order received.
   *
   * `input` also ends when `context.signal` aborts: commit what is in hand, print its STATEs and
   * return. `MessageReader` cuts it into lines.
   */
  write(
    config: Config,
    catalog: ConfiguredCatalog,
    input: AsyncIterable<Buffer>,
    context: WriteContext,
  ): Promise<void>;
  /**
   * Prints the STATE messages committed together with the data for this connection. Optional: a
   * destination without it gives at-least-once only. Announced by `supports_state_command: true` in
   * the spec.
   */
  state?(config: Config, catalog: ConfiguredCatalog, context: WriteContext): Promise<void>;
  /**
   * Makes everything that `write` derives from the records as they came (typed tables, histories)
   * anew, for the streams of the catalog, and prints a STREAM_STATUS for each. What is there stays as
   * it is until its replacement is whole. Optional; announced by `supports_normalize_command: true`
   * in the spec.
   */
  normalize?(config: Config, catalog: ConfiguredCatalog, context: WriteContext): Promise<void>;
  /**
   * Makes the tables that the streams of the catalog are written to this connection's, whoever wrote
   * them before. Optional, for a destination that remembers whose its tables are; announced by
   * `supports_adopt_command: true` in the spec.
   */
  adopt?(config: Config, catalog: ConfiguredCatalog, context: WriteContext): Promise<void>;
  /**
   * Hands everything that the connection `from` has, tables and states, over to this one: it was
   * renamed. Optional; announced by `supports_move_command: true` in the spec.
   */
  move?(config: Config, from: string, context: WriteContext): Promise<void>;
  /**
   * What `write` would do before it loads the first row, and what it would refuse, without doing it.
   * Optional; announced by `supports_plan_command: true` in the spec.
   */
  plan?(config: Config, catalog: ConfiguredCatalog, context: Context): Promise<Plan>;
}

/**
 * What an executable is made of. `load` is called by every command but `spec`, so that `spec` needs
 * neither the driver nor the network.
 */
export interface ConnectorDefinition<Implementation> {
  /** The executable's name, for `--help` and messages. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly spec: ConnectorSpecification;
  /**
   * Makes a config written for other connectors of this kind fit the specification, before it is
   * checked. Without it, what the specification does not know is refused.
   */
  readonly adaptConfig?: (config: JsonObject) => AdaptedConfig;
  /**
   * A validator of `spec.connectionSpecification` that ajv compiled ahead, with `allErrors`. Without
   * one, every command but `spec` takes about 60 ms longer.
   */
  readonly validateConfig?: Validator;
  load(): Promise<Implementation>;
}
