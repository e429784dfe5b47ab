import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import type { WriteContext } from "../../kit/contract.ts";
import type { OnLockWait } from "../../postgres/lock-notice.ts";
import { lockTeller } from "../../postgres/lock-teller.ts";
import { tableOf } from "../catalog/read-plan.ts";

/**
 * Says of each wait on whose table it is. A lock on what a stream is made of, such as a partition, is that
 * of the only one.
 */
export function lockWaitTeller(
  streams: readonly StreamDescriptor[],
  context: WriteContext,
): OnLockWait {
  return lockTeller(context, ({ table }) => {
    const found = streams.find((stream) => {
      const { schema, name } = tableOf(stream);
      return name === table?.name && schema === table.schema;
    });
    return found ?? (streams.length === 1 ? streams[0] : undefined);
  });
}
