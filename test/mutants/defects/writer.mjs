const WRITER_FILE = "connectors/kit/destination/writer.ts";
const COMMITS_FILE = "connectors/kit/destination/commits.ts";
const MESSAGES_FILE = "connectors/kit/destination/input-messages.ts";
const LANES_FILE = "connectors/kit/destination/open-lanes.ts";
const LANE_FILE = "connectors/destination-postgres/lane/postgres-lane.ts";
const STANDINGS_FILE = "connectors/destination-postgres/lane/standings.ts";
const MERGING_FILE = "connectors/destination-postgres/lane/merging.ts";
const BATCHES = "connectors/destination-postgres/lane/copy-batches.ts";
const MODEL = "test/connectors/kit/writer.test.ts";
const ROWS = "test/connectors/destination-postgres/copy-rows.test.ts";
const ANY = `${MODEL} > commits and prints what its input makes true`;

/** When the kit sends, commits and prints. @type {import("../mutant.mjs").Mutant[]} */
export const WRITER = [
  {
    name: "writer: a STATE is printed before its commit",
    file: COMMITS_FILE,
    find: "await lane.commit({ ...this.#workOf(lane, commit), replaces });",
    replace: `for (const { line, records } of commit.states)
      await this.#context.output.lines(editState(line, { destinationStats: { recordCount: records } }));
    commit.states.splice(0);
    await lane.commit({ ...this.#workOf(lane, commit), replaces });`,
    tests: [ANY],
  },
  {
    name: "writer: the load that is under way is not waited for before a commit",
    file: COMMITS_FILE,
    find: "await this.#loads.all;\n    const commit = this.#ledger.beginCommit(lane, replaces);\n    await",
    replace: "const commit = this.#ledger.beginCommit(lane, replaces);\n    await",
    tests: [ANY],
  },
  {
    name: "writer: three batches are under way",
    file: WRITER_FILE,
    find: "await (lane.loadsAhead === true ? this.#loads.former : this.#loads.all);",
    replace: "if (lane.loadsAhead !== true) await this.#loads.all;",
    tests: [ANY],
  },
  {
    name: "loads: what is behind a refused batch is sent before that is mended",
    file: "connectors/destination-postgres/lane/load-queue.ts",
    find: "for (const load of this.#sent.keys()) this.#holding.add(load);",
    replace: "",
    tests: [
      "test/connectors/destination-postgres/load-queue.test.ts > batches that are under way behind a refused one",
    ],
  },
  {
    name: "loads: what the server ignored behind a refused batch is not sent again",
    file: "connectors/destination-postgres/lane/load-queue.ts",
    find: "const known = isConsequence(outcome.refused) ? { taken: [] } : outcome;",
    replace: "if (isConsequence(outcome.refused)) return;\n    const known = outcome;",
    tests: [
      "test/connectors/destination-postgres/load-queue.test.ts > batches that are under way behind a refused one",
    ],
  },
  {
    name: "writer: two batches are loaded at once where the lane takes only one",
    file: WRITER_FILE,
    find: "await (lane.loadsAhead === true ? this.#loads.former : this.#loads.all);",
    replace: "await this.#loads.former;",
    tests: [ANY],
  },
  {
    name: "writer: rows that nothing covers go without a savepoint",
    file: WRITER_FILE,
    find: "if (isUncovered && this.#lanes.isClean(lane)) await this.#prepareForUncovered(open, stream);",
    replace: "",
    tests: [ANY],
  },
  {
    name: "writer: a lane is sent uncovered rows before it committed the others'",
    file: WRITER_FILE,
    find: "if (this.#ledger.streamsIn(lane).some(isOfOthers)) await this.#commits.commit(open);",
    replace: "",
    tests: [`${MODEL} > shares what can be rolled back`],
  },
  {
    name: "writer: streams share one lane",
    file: LANES_FILE,
    find: "this.#all.find(({ lane }) => this.isClean(lane));",
    replace: "first;",
    tests: [ANY],
  },
  {
    name: "writer: a part of a STATE's rows is committed when another stream needs their lane",
    file: WRITER_FILE,
    find: "(other) => this.#ledger.laneOf(other) === lane || !isOfOthers(other),",
    replace: "() => false,",
    tests: [ANY],
  },
  {
    name: "writer: lines are handed out while a commit is under way",
    file: WRITER_FILE,
    find: `while (await this.#commitWhileIdle(reader.fetch())) {
      // An abort cuts the input anywhere: half a line then is not a broken one.
      if (this.#context.signal.aborted || !reader.handOut(onLine)) return;`,
    replace: "while (await this.#commitWhileIdle(reader.next(onLine))) {",
    tests: [ANY],
  },
  {
    name: "writer: half a line at a signal is a broken line",
    file: WRITER_FILE,
    find: "if (this.#context.signal.aborted || !reader",
    replace: "if (!reader",
    tests: [`${MODEL} > commits what is covered when a signal cuts the input`],
  },
  {
    name: "writer: what a failed stream has in a lane stays there until the end",
    file: WRITER_FILE,
    find: "if (uncovered.length > 0 && isTheirs) await this.#rollBack(lane);",
    replace: "void isTheirs;",
    tests: [`${MODEL} > takes the rows of a stream that failed out of a lane`],
  },
  {
    name: "memory: a line that straddles chunks is kept where the next chunk is read",
    file: "protocol/framing.ts",
    find: "this.#held.push(Buffer.from(part));",
    replace: "this.#held.push(part);",
    tests: ["test/protocol/framing.test.ts > gives the same lines wherever the chunks are cut"],
  },
  {
    name: "memory: a block of the source is used again before it was taken",
    file: "connectors/kit/message-writer.ts",
    find: "const onTaken = this.#onTaken;",
    replace: "const onTaken = this.#onTaken; for (const tell of onTaken.splice(0)) tell();",
    tests: ["test/connectors/kit/message-writer.test.ts > tells that lines may change"],
  },
  {
    name: "rows: those that are moved to another batch change their order",
    file: "connectors/destination-postgres/lane/copy-rows.ts",
    find: "of moved.toReversed()",
    replace: "of moved",
    tests: [ROWS],
  },
  {
    name: "rows: a row that is taken back takes those before it along",
    file: "connectors/destination-postgres/lane/copy-rows.ts",
    find: "if (this.#isLarge) this.#pack(); // of",
    replace: "if (this.#isLarge) this.length = 0; // of",
    tests: [ROWS],
  },
  {
    name: "writer: a lane that cannot be rolled back keeps the others open",
    file: WRITER_FILE,
    find: "await step().catch((error: unknown) => failures.push(error));",
    replace: "await step();",
    tests: [`${MODEL} > ends every lane`],
  },
  {
    name: "writer: rows in hand behind lost ones are kept",
    file: WRITER_FILE,
    find: "if (this.#ledger.of(stream).hasLost)",
    replace: "if (false)",
    tests: [ANY],
  },
  {
    name: "writer: what no STATE covers is not taken back at the end",
    file: WRITER_FILE,
    find: "for (const { lane } of this.#lanes.all)\n      if (!this.#lanes.isClean(lane)) await this.#rollBack(lane);",
    replace: "",
    tests: [ANY],
  },
  {
    name: "writer: a rollback is not told to the ledger",
    file: WRITER_FILE,
    find: 'this.#ledger.rolledBack(lane, "savepoint");',
    replace: "",
    tests: [ANY],
  },
  {
    name: "writer: a replacement is put in place without being whole",
    file: WRITER_FILE,
    find: 'if (status !== "complete") continue;',
    replace: "",
    tests: [ANY],
  },
  {
    name: "writer: covered rows in hand are left out of the last commit",
    file: WRITER_FILE,
    find: "for (const open of loads.keys()) await loadAll(open);",
    replace: "",
    tests: [ANY],
  },
  {
    name: "writer: the batch does not learn what a STATE covers",
    file: MESSAGES_FILE,
    find: "for (const stream of streams) this.#coverBatch(stream);",
    replace: "",
    tests: [ANY],
  },
  {
    name: "writer: an input that ends too early is a success",
    file: WRITER_FILE,
    find: "if (incomplete.length === 0) return;",
    replace: "return;",
    tests: [ANY],
  },
  {
    name: "lane: a rollback forgets nothing of what the transaction had",
    file: STANDINGS_FILE,
    find: "this.#now = new Map(this.#atSavepoint ?? this.#atBegin);",
    replace: "",
    tests: ["test/connectors/destination-postgres/rolled-back.test.ts"],
  },
  {
    name: "lane: a savepoint outlives the transaction that it was set in",
    file: STANDINGS_FILE,
    find: `this.#atBegin = new Map(this.#now);
    this.#atSavepoint = undefined;`,
    replace: "this.#atBegin = new Map(this.#now);",
    tests: ["test/connectors/destination-postgres/standings.test.ts"],
  },
  {
    name: "lane: rows of the temporary table are not merged before the commit",
    file: MERGING_FILE,
    find: "for (const number of this.#standings.toMerge) await this.merge(number);",
    replace: "",
    tests: ["test/connectors/destination-postgres/dedup.test.ts > keeps the tutorial's history"],
  },
  {
    name: "lane: STATEs are not kept beside the rows",
    file: LANE_FILE,
    find: "      states.map(({ line, streams: of }) => ({",
    replace: "      states.slice(states.length).map(({ line, streams: of }) => ({",
    tests: [
      "test/connectors/destination-postgres/exactly-once.test.ts > keeps the last state beside the data and prints it back",
    ],
  },
  {
    name: "lane: why a session ended in a merge of several streams is hidden",
    file: MERGING_FILE,
    find: `await this.#session.run("take merges back", ...back).catch(() => {
        throw error;
      });`,
    replace: `await this.#session.run("take merges back", ...back);`,
    tests: [
      "test/connectors/destination-postgres/refused-together.test.ts > says why a session ended",
    ],
  },
  {
    name: "turns: a statement is sent between the rows of a load before it",
    file: "connectors/postgres/turns.ts",
    find: "else this.#mayGo = behind ? Promise.race([behind, this.#answered]) : sent;",
    replace: "else this.#mayGo = sent;",
    tests: [
      "test/connectors/postgres/session.test.ts > loads several tables without waiting in between: large ones",
    ],
  },
  {
    name: "turns: what was only refused because of another statement is thrown",
    file: "connectors/postgres/together.ts",
    find: "throw firstOf(causes.length > 0 ? causes : failures);",
    replace: "throw failures[0];",
    tests: [
      "test/connectors/postgres/together.test.ts > fail as the statement did that the server refused",
    ],
  },
  {
    name: "lane: a replacement is not called complete",
    file: LANE_FILE,
    find: "replaces.map((number) => streams[number]!.plan),",
    replace: "replaces.slice(replaces.length).map((number) => streams[number]!.plan),",
    tests: [
      "test/connectors/destination-postgres/generations.test.ts > goes on with an overwrite that was put in place by a run which did not end",
    ],
  },
  {
    name: "lane: staging that a STATE speaks of is removed",
    file: LANE_FILE,
    find: "streams[number]!.committed.isStagingKept = true;",
    replace: "void 0;",
    tests: [
      "test/connectors/destination-postgres/exactly-once.test.ts > goes on with an interrupted replacement of the same generation",
    ],
  },
  {
    name: "lane: the types that binary rows are made for are not locked again after a commit",
    file: STANDINGS_FILE,
    find: "{ ...kept, isLocked: false, rowsToMerge: 0 }",
    replace: "{ ...kept, isLocked: true, rowsToMerge: 0 }",
    tests: [
      "test/connectors/destination-postgres/binary.test.ts > loads nothing into a table that was altered after the run began",
    ],
  },
  {
    name: "writer: a line that is not UTF-8 is taken",
    file: WRITER_FILE,
    find: "if (!reader.lineIsUtf8) throw",
    replace: "if (false) throw",
    tests: [
      "test/connectors/destination-postgres/input.test.ts > refuses bytes that are not UTF-8",
    ],
  },
  {
    name: "batch: what no STATE covers goes with the rest",
    file: BATCHES,
    find: "taken.splitUncovered(this.#inHand());",
    replace: "{}",
    tests: ["test/connectors/destination-postgres/append.test.ts > commits a state's rows alone"],
  },
  {
    name: "batch: what was dropped is sent",
    file: BATCHES,
    find: "this.rows = this.covered.rows;\n",
    replace: "",
    tests: [
      "test/connectors/destination-postgres/rolled-back.test.ts > is forgotten, and the rows before it are committed",
    ],
  },
];
