import type { Catalog, ConfiguredCatalog } from "../../protocol/catalog.ts";
import type {
  ConnectorSpecification,
  JsonObject,
  LogLevel,
  Message,
} from "../../protocol/messages.ts";

/** What every command of a connector may use. */
export interface Context {
  /** Prints one LOG message. Never row values, never secrets. */
  log(level: LogLevel, message: string): void;
  /** Aborts on SIGTERM or SIGINT: stop at the next safe point and return normally. */
  readonly signal: AbortSignal;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where a connector prints protocol lines. Not safe for concurrent use: await each call. */
export interface Output {
  /** Appends a message; resolves when the reader has room for more. */
  message(message: Message): Promise<void>;
  /** Appends whole lines, each ended by a newline; resolves when the reader has room for more. */
  lines(bytes: Buffer): Promise<void>;
  /** Hands everything appended so far to the pipe. */
  flush(): Promise<void>;
}

export interface WriteContext extends Context {
  readonly output: Output;
}

/** The state a `read` starts from: the bytes of the state file, undefined when there is none. */
export type StateInput = Buffer | undefined;

export type CheckResult = { status: "SUCCEEDED" } | { status: "FAILED"; message: string };

/**
 * A source. The kit owns the command line, stdin, stdout, TRACE messages and the exit status; a
 * source owns the data. Every method may throw a `Failure`; the kit turns it into a TRACE ERROR (or
 * a FAILED connection status in `check`) and a non-zero exit.
 */
export interface Source<Config> {
  /** Whether the config works. Throwing a `config_error` or `transient_error` counts as FAILED. */
  check(config: Config, context: Context): Promise<CheckResult>;
  discover(config: Config, context: Context): Promise<Catalog>;
  /**
   * Prints RECORD and STATE lines and STREAM_STATUS traces through `context.output`.
   *
   * Everything printed before a STATE must be enough to resume after it. When `context.signal`
   * aborts, finish the rows in hand, print a last STATE where one is safe, and return.
   */
  read(
    config: Config,
    catalog: ConfiguredCatalog,
    state: StateInput,
    context: WriteContext,
  ): Promise<void>;
}

/** A destination; the rules of `Source` hold. */
export interface Destination<Config> {
  check(config: Config, context: Context): Promise<CheckResult>;
  /**
   * Consumes the NDJSON of `input` to its end and prints each STATE back once everything before it
   * is committed, blob unchanged, in the order received.
   */
  write(
    config: Config,
    catalog: ConfiguredCatalog,
    input: AsyncIterable<Buffer>,
    context: WriteContext,
  ): Promise<void>;
  /**
   * Prints the STATE messages committed together with the data for this connection. Optional: a
   * destination without it gives at-least-once only. Announced in the spec by the kit.
   */
  state?(config: Config, catalog: ConfiguredCatalog, context: WriteContext): Promise<void>;
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
  /** A precompiled validator of `spec.connectionSpecification`; without it ajv compiles at start. */
  readonly validateConfig?: (config: JsonObject) => boolean;
  load(): Promise<Implementation>;
}
