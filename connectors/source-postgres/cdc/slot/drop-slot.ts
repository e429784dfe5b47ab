import { Failure } from "../../../../protocol/errors.ts";
import type { LogLevel } from "../../../../protocol/messages.ts";
import type { Session } from "../../../postgres/session.ts";
import { quoteName } from "../../../postgres/sql.ts";
import type { CdcMethod } from "./settings.ts";
import { lookAtSlot } from "./slot-facts.ts";
import { dropReplicationSlot } from "./slot-queries.ts";

/**
 * Removes the slot, whoever made it, and the publication if we did. Throws `cdc.slot_in_use` while the
 * slot is read.
 */
export async function dropSlot(
  session: Session,
  method: CdcMethod,
  log: (level: LogLevel, message: string) => void,
): Promise<void> {
  const { replication_slot: name, publication: publicationName } = method;
  const { slot, publication } = await session.whileReading(() => lookAtSlot(session, method));
  if (slot?.activePid !== undefined)
    throw new Failure(
      "cdc.slot_in_use",
      `the replication slot ${name} is read by the process ${slot.activePid} of the server`,
      { hint: "stop what reads it first" },
    );
  if (slot !== undefined) {
    await session.query(`drop the replication slot ${name}`, dropReplicationSlot(name));
    log(
      "INFO",
      `dropped the replication slot ${name}, for which the server kept ${slot.retainedBytes} bytes of its log`,
    );
  }
  if (publication?.isOurs === true) {
    await session.run(
      `drop the publication ${publicationName}`,
      `drop publication ${quoteName(publicationName)}`,
    );
    log("INFO", `dropped the publication ${publicationName}`);
  }
  if (slot === undefined && publication?.isOurs !== true)
    log("INFO", `there is no replication slot ${name}, and no publication of ours`);
}
