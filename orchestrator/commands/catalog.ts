import { streamLabel } from "../../protocol/catalog.ts";
import { failureText } from "../../protocol/errors.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";

interface Options {
  readonly destination?: boolean;
}

export const catalog: Command<Options> = {
  name: "catalog",
  arguments: "<connection>",
  description: "print a connection's catalog for `read --catalog` and `write --catalog`",
  options: [
    {
      flags: "--destination",
      description: "for `write`: streams under the names that prefix and namespace give them",
    },
  ],
  examples: [
    "syncline catalog orders > source-catalog.json",
    "syncline catalog orders --destination > destination-catalog.json",
  ],
  run: printCatalog,
};

async function printCatalog(
  invocation: Invocation,
  names: readonly string[],
  { destination = false }: Options,
): Promise<number> {
  const [connection] = await invocation.connections(names);
  const home = await invocation.home();
  const [{ withSurroundings }, { previewSync }, { destinationCatalog, sourceCatalog }] =
    await Promise.all([
      import("./ask-connectors.ts"),
      import("../sync/preview.ts"),
      import("../sync/streams/catalogs.ts"),
    ]);
  return withSurroundings(invocation, async (surroundings) => {
    const { console } = invocation;
    const { ready } = await previewSync(connection!, home, surroundings());
    const printed = destination
      ? destinationCatalog(ready.streams)
      : sourceCatalog(ready.streams, await ready.destination.spec());
    console.print(JSON.stringify(printed, null, 2));
    for (const { source, failure } of ready.leftOut)
      console.note(escapeControls(`left out: ${streamLabel(source)}: ${failureText(failure)}`));
    return ready.leftOut.length > 0 ? EXIT.partial : EXIT.done;
  });
}
