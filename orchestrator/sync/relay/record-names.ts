import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { forEachMember } from "../../../protocol/json-scan.ts";
import { spliced, type Splice } from "../../../protocol/json-members.ts";

/** Ends a head (up to `"data":`) so that it is a whole line, to be cut off again. */
const REST = Buffer.from("{}}}");

/**
 * The RECORD line `bytes[start..end)` under another stream name and namespace, with a newline.
 * Everything else stays byte for byte, in any key order.
 */
export function renameRecord(
  bytes: Buffer,
  start: number,
  end: number,
  to: StreamDescriptor,
): Buffer {
  return spliced(bytes, start, end, nameSplices(bytes, start, end, to), "\n");
}

/** A canonical head, `{"type":"RECORD",…,"data":`, under another name. */
export function renameHead(head: Buffer, to: StreamDescriptor): Buffer {
  const line = renameRecord(Buffer.concat([head, REST]), 0, head.length + REST.length, to);
  return line.subarray(0, line.length - REST.length - 1);
}

function nameSplices(bytes: Buffer, start: number, end: number, to: StreamDescriptor): Splice[] {
  const splices: Splice[] = [];
  let at = start;
  while (bytes[at] !== 0x7b && at < end) at++;
  forEachMember(bytes, at, end, (keyStart, keyEnd, valueStart) => {
    if (bytes.toString("latin1", keyStart, keyEnd) !== '"record"') return;
    let namespace: Splice | undefined;
    let nameEnd = -1;
    forEachMember(bytes, valueStart, end, (innerKeyStart, innerKeyEnd, from, to_) => {
      const key = bytes.toString("latin1", innerKeyStart, innerKeyEnd);
      if (key === '"stream"') {
        nameEnd = to_;
        splices.push({ start: from, end: to_, text: JSON.stringify(to.name) });
      } else if (key === '"namespace"') namespace = { start: from, end: to_, text: "" };
    });
    const text = JSON.stringify(to.namespace ?? null);
    if (namespace) splices.push({ ...namespace, text });
    else if (to.namespace && nameEnd !== -1)
      splices.push({ start: nameEnd, end: nameEnd, text: `,"namespace":${text}` });
  });
  return splices;
}
