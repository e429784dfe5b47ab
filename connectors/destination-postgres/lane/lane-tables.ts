import type { StreamNumber } from "../../kit/destination/ledger.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import type { LaneSetup } from "./lane-setup.ts";
import { lockTables } from "./loader.ts";
import type { Standings } from "./standings.ts";
import { creating, logStatements } from "./statement-log.ts";

/** Makes tables of streams, inside the open transaction of a lane. */
export class LaneTables {
  readonly #session: Session;
  readonly #setup: LaneSetup;
  readonly #standings: Standings;

  constructor(session: Session, setup: LaneSetup, standings: Standings) {
    this.#session = session;
    this.#setup = setup;
    this.#standings = standings;
  }

  /** Whether rows of a stream can be loaded at once. */
  areReady(number: StreamNumber): boolean {
    const { isCreated, hasStage, isLocked } = this.#standings.of(number);
    const needsStage = this.#setup.streams[number]!.isStaged;
    return this.#session.inTransaction && isCreated && isLocked && (hasStage || !needsStage);
  }

  /** Creates and locks the tables of a stream, in one turn. */
  async makeReady(number: StreamNumber): Promise<void> {
    const stream = this.#setup.streams[number]!;
    const { isLocked } = this.#standings.of(number);
    await together([
      this.create(number),
      isLocked
        ? Promise.resolve()
        : forStream(stream.stream, () => lockTables(this.#session, stream)),
    ]);
    this.#standings.learn(number, { isLocked: true });
  }

  /** Creates the tables that rows of a stream are loaded into; begins a transaction where none is open. */
  async create(number: StreamNumber): Promise<void> {
    const begun = this.#session.begin();
    const stream = this.#setup.streams[number]!;
    const { isCreated, hasStage } = this.#standings.of(number);
    const statements = [
      ...(isCreated ? [] : stream.createStatements()),
      ...(hasStage ? [] : stream.stageStatements()),
    ];
    const create = () =>
      this.#session.run(`create the tables of ${stream.plan.label}`, ...statements);
    await together([
      begun,
      statements.length > 0 ? forStream(stream.stream, create) : Promise.resolve(),
    ]);
    logStatements(this.#setup.context, creating(statements));
    if (!isCreated || !hasStage) this.#standings.learn(number, { isCreated: true, hasStage: true });
  }

  /** After the first rows: an index built at once costs a fraction of one kept up row by row. */
  async index(number: StreamNumber): Promise<void> {
    if (this.#standings.of(number).hasIndexes) return;
    const stream = this.#setup.streams[number]!;
    const statements = stream.indexStatements();
    await this.#session.run(`index the tables of ${stream.plan.label}`, ...statements);
    logStatements(this.#setup.context, creating(statements));
    this.#standings.learn(number, { hasIndexes: true });
  }
}
