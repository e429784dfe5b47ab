import { membersOf, numberAt, textAt } from "../../protocol/json-scan.ts";
import { byteSize } from "./table.ts";
import { age } from "./times.ts";

/** How far a source that follows its server's log has come, as the state of all its streams tells. */
export interface LogPosition {
  /** Everything committed at or before it is delivered. */
  readonly lsn: string;
  /** When the last transaction before it was committed; undefined: there was none yet. */
  readonly committed_at: string | undefined;
  /** What the server had written beyond it when the source last looked, in bytes. */
  readonly lag_bytes: number | undefined;
  /** The age of the last transaction at that moment; 0 when there was nothing beyond it. */
  readonly lag_seconds: number | undefined;
  readonly slot: string | undefined;
  /** WAL that the slot kept the server from removing then. */
  readonly retained_bytes: number | undefined;
  readonly looked_at: string | undefined;
}

/** Reads the shared part of a GLOBAL state; undefined for one of another kind. */
export function logPosition(shared: Buffer | undefined): LogPosition | undefined {
  const members = shared && membersOf(shared, 0, shared.length);
  if (members === undefined || textAt(shared!, members.of("state_type")) !== "cdc")
    return undefined;
  const text = (name: string) => textAt(shared!, members.of(name));
  const lsn = text("lsn");
  if (lsn === undefined) return undefined;
  const [here, there] = [bytesOf(lsn), bytesOf(text("server_lsn"))];
  const lag = here === undefined || there === undefined ? undefined : Math.max(0, there - here);
  const [committed, looked] = [text("committed_at"), text("looked_at")];
  const seconds = (Date.parse(looked ?? "") - Date.parse(committed ?? "")) / 1000;
  return {
    lsn,
    committed_at: committed,
    lag_bytes: lag,
    lag_seconds: lag === 0 ? 0 : Number.isNaN(seconds) ? undefined : Math.max(0, seconds),
    slot: text("slot"),
    retained_bytes: numberAt(shared!, members.of("retained_bytes")),
    looked_at: looked,
  };
}

/** `up to 0/16B3748, committed 5 seconds ago; …`, for people. */
export function logPositionText(position: LogPosition, now = Date.now()): string {
  const { lsn, committed_at, lag_bytes, lag_seconds, slot, retained_bytes, looked_at } = position;
  const lag =
    lag_bytes === 0
      ? "nothing was behind it"
      : `${byteSize(lag_bytes ?? 0)} of the log were behind it${lag_seconds === undefined ? "" : `, ${Math.round(lag_seconds)} s`}`;
  const retained =
    retained_bytes === undefined ? "" : ` retained ${byteSize(retained_bytes)} of WAL`;
  const facts = [
    ...(lag_bytes === undefined ? [] : [lag]),
    ...(slot !== undefined && retained !== "" ? [`slot ${slot}${retained}`] : []),
  ];
  const seen = facts.length > 0 && looked_at ? `; ${age(looked_at, now)} ${facts.join(", ")}` : "";
  return `up to ${lsn}${committed_at ? `, committed ${age(committed_at, now)}` : ""}${seen}`;
}

/** A position as a number of bytes; undefined for a text that is none. Exact up to 8 PB of log. */
function bytesOf(lsn: string | undefined): number | undefined {
  const parts = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn ?? "");
  return parts
    ? Number.parseInt(parts[1]!, 16) * 2 ** 32 + Number.parseInt(parts[2]!, 16)
    : undefined;
}
