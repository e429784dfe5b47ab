import { describe, expect, it } from "vitest";
import { parseLsn } from "../../../../connectors/postgres/replication/lsn.ts";
import {
  judgeSlot,
  type SavedPosition,
} from "../../../../connectors/source-postgres/cdc/slot/judge-slot.ts";
import type { CdcMethod } from "../../../../connectors/source-postgres/cdc/slot/settings.ts";
import type {
  Slot,
  SlotFacts,
} from "../../../../connectors/source-postgres/cdc/slot/slot-facts.ts";

const slot: Slot = {
  plugin: "pgoutput",
  database: "shop",
  activePid: undefined,
  restartLsn: parseLsn("0/1000"),
  confirmedLsn: parseLsn("0/2000"),
  lostWhy: undefined,
  isSynced: false,
  retainedBytes: 4096,
};
const facts: SlotFacts = {
  version: 180000,
  walLevel: "logical",
  isStandby: false,
  systemIdentifier: "7000",
  timeline: "2",
  database: "shop",
  databaseOid: "16384",
  lsn: parseLsn("0/9000"),
  lookedAt: "2026-01-01T00:00:00.000000Z",
  slots: 1,
  maxSlots: 10,
  senders: 0,
  maxSenders: 10,
  user: "etl",
  mayCreate: true,
  slot,
  publication: {
    as: { altered: "740", leavesOut: [], otherwise: "o" },
    viaRoot: true,
    isOurs: true,
    mayAlter: true,
    oid: "16400",
    entries: undefined,
  },
};
const saved: SavedPosition = {
  lsn: parseLsn("0/3000"),
  systemIdentifier: "7000",
  timeline: "2",
  databaseOid: "16384",
  publication: "p",
  publicationOid: "16400",
};
const method: CdcMethod = { method: "CDC", replication_slot: "s", publication: "p" };
const history = [
  { timeline: "1", end: parseLsn("0/3000") },
  { timeline: "2", end: parseLsn("0/8000") },
];

interface Case {
  readonly is: string;
  readonly facts?: Partial<SlotFacts>;
  readonly slot?: Partial<Slot>;
  readonly saved?: Partial<SavedPosition> | undefined;
  readonly history?: typeof history;
}

function judge(given: Case, options: Partial<CdcMethod> = {}) {
  const server = {
    ...facts,
    ...(given.slot && { slot: { ...slot, ...given.slot } }),
    ...given.facts,
  };
  const state =
    "saved" in given && given.saved === undefined ? undefined : { ...saved, ...given.saved };
  return judgeSlot(server, { ...method, ...options }, state, given.history ?? []);
}

const KEPT: readonly Case[] = [
  { is: "a state behind the slot's place" },
  { is: "a state at the slot's place", saved: { lsn: parseLsn("0/2000") } },
  { is: "a state at the end of the log", saved: { lsn: parseLsn("0/9000") } },
  { is: "a slot that was never read", saved: undefined },
  {
    is: "a state that does not say where it comes from",
    saved: {
      systemIdentifier: undefined,
      timeline: undefined,
      databaseOid: undefined,
      publicationOid: undefined,
    },
  },
  {
    is: "a state of another publication than the one that is read from now on",
    saved: { publication: "other", publicationOid: "5" },
  },
  {
    is: "a standby that took over with everything the state has",
    facts: { timeline: "3" },
    saved: { timeline: "1" },
    history,
  },
  { is: "a standby since PostgreSQL 16", facts: { isStandby: true } },
];

const LOST: readonly (Case & { readonly says: RegExp; readonly slotBecomes: string })[] = [
  {
    is: "another server",
    saved: { systemIdentifier: "1" },
    says: /of another server/,
    slotBecomes: "keep",
  },
  {
    is: "another database",
    saved: { databaseOid: "5" },
    says: /of another database than today's shop/,
    slotBecomes: "keep",
  },
  {
    is: "a publication that was made again",
    saved: { publicationOid: "5" },
    says: /the publication p was dropped and created again/,
    slotBecomes: "keep",
  },
  {
    is: "a timeline of no past",
    facts: { timeline: "3" },
    saved: { timeline: "9" },
    history,
    says: /timeline 9, from which the server's timeline 3 does not come/,
    slotBecomes: "keep",
  },
  {
    is: "a standby that took over without all the state has",
    facts: { timeline: "3" },
    saved: { timeline: "1", lsn: parseLsn("0/3001") },
    history,
    says: /gone on from 0\/3000 of timeline 1, before the state's 0\/3001/,
    slotBecomes: "keep",
  },
  {
    is: "a log that ends before the state",
    saved: { lsn: parseLsn("0/9001") },
    says: /log ends at 0\/9000: a backup was restored/,
    slotBecomes: "keep",
  },
  {
    is: "a slot that is gone",
    facts: { slot: undefined },
    says: /the replication slot s is gone/,
    slotBecomes: "make",
  },
  {
    is: "a publication that is gone",
    facts: { publication: undefined },
    says: /the publication p is gone/,
    slotBecomes: "keep",
  },
  {
    is: "a slot beyond the state",
    saved: { lsn: parseLsn("0/1FFF") },
    says: /at 0\/2000, beyond the state's 0\/1FFF/,
    slotBecomes: "keep",
  },
  {
    is: "a slot whose log was removed",
    slot: { lostWhy: "wal_removed" },
    says: /max_slot_wal_keep_size/,
    slotBecomes: "replace",
  },
  {
    is: "a slot that nobody read for too long",
    slot: { lostWhy: "idle_timeout" },
    says: /idle_replication_slot_timeout/,
    slotBecomes: "replace",
  },
  {
    is: "a slot lost for a reason of tomorrow",
    slot: { lostWhy: "moon_phase" },
    says: /the server has invalidated it \(moon_phase\)/,
    slotBecomes: "replace",
  },
  {
    is: "a lost slot that was never read",
    slot: { lostWhy: "wal_removed" },
    saved: undefined,
    says: /the replication slot s is lost/,
    slotBecomes: "replace",
  },
];

const REFUSED: readonly (Case & { readonly says: RegExp; readonly code: string })[] = [
  {
    is: "a server without logical decoding",
    facts: { walLevel: "replica" },
    says: /wal_level of the server is replica/,
    code: "cdc.not_set_up",
  },
  {
    is: "a standby before PostgreSQL 16",
    facts: { isStandby: true, version: 150004 },
    says: /is a standby/,
    code: "cdc.not_set_up",
  },
  {
    is: "a slot of another database",
    slot: { database: "bank" },
    says: /belongs to the database bank/,
    code: "cdc.not_set_up",
  },
  {
    is: "a slot of another plugin",
    slot: { plugin: "wal2json" },
    says: /is decoded by wal2json/,
    code: "cdc.not_set_up",
  },
  {
    is: "a slot for standbys",
    slot: { database: undefined, plugin: undefined },
    says: /is one for standbys/,
    code: "cdc.not_set_up",
  },
  {
    is: "a slot that a standby keeps for its primary",
    facts: { isStandby: true },
    slot: { isSynced: true },
    says: /is the primary's/,
    code: "cdc.not_set_up",
  },
  {
    is: "a slot that is read",
    slot: { activePid: 42 },
    says: /read by the process 42/,
    code: "cdc.slot_in_use",
  },
];

const named = <Given extends Case>(cases: readonly Given[]) =>
  cases.map((given) => [given.is, given] as const);

/** @guarantee every-row-arrives */
describe("a slot is judged before it is read", () => {
  it.each(named(KEPT))("goes on with %s", (_, given) => {
    expect(judge(given)).toEqual({ slot: "keep", anew: undefined });
  });

  it.each(named(LOST))("stops at %s", (_, given) => {
    expect(() => judge(given)).toThrow(
      expect.objectContaining({
        code: "cdc.position_lost",
        message: expect.stringMatching(given.says) as string,
      }) as Error,
    );
  });

  it.each(named(LOST))("begins anew at %s, where that is asked for", (_, given) => {
    const options = { invalid_cdc_cursor_position_behavior: "Re-sync data" } as const;
    expect(judge(given, options)).toEqual({
      slot: given.slotBecomes,
      anew: expect.stringMatching(given.says) as string,
    });
  });

  it.each(named(REFUSED))("refuses %s, whatever is asked for", (_, given) => {
    const options = { invalid_cdc_cursor_position_behavior: "Re-sync data" } as const;
    expect(() => judge(given, options)).toThrow(
      expect.objectContaining({
        code: given.code,
        message: expect.stringMatching(given.says) as string,
      }) as Error,
    );
  });

  it("makes a slot where nothing was read so far, unless it may not", () => {
    const first: Case = { is: "", facts: { slot: undefined }, saved: undefined };
    expect(judge(first)).toEqual({ slot: "make", anew: undefined });
    expect(() => judge(first, { create_slot: false })).toThrow("no usable replication slot s");
  });
});
