import { Failure } from "../../protocol/errors.ts";
import { accepting } from "../api/accepting.ts";
import { STREAM, type Command, type StreamOptions } from "./command.ts";

interface Options extends StreamOptions {
  readonly acceptChanges?: boolean;
  readonly follow?: boolean;
  readonly parallel: string;
}

export const sync: Command<Options> = {
  name: "sync",
  arguments: "[connection...]",
  description: "run connections: the named ones, or all",
  options: [
    {
      flags: "--accept-changes",
      description:
        "take over schema changes that paused a connection, and take note of streams that are gone",
    },
    STREAM,
    {
      flags: "--follow",
      description:
        "go on with what changes until Ctrl-C, as connections with `follow: true` do by themselves",
    },
    {
      flags: "--parallel <number>",
      description:
        "how many connections run at once; one that waits for a retry, or follows, does not count",
      default: "1",
    },
  ],
  examples: [
    "syncline sync",
    "syncline sync orders customers",
    "syncline sync orders --json | jq '.streams[] | {name, committed}'",
    "syncline sync orders --accept-changes",
    "syncline sync shop --stream public.orders",
    "syncline sync --parallel 4",
    "syncline sync orders --follow",
  ],
  async run(invocation, names, { acceptChanges = false, follow = false, stream = [], parallel }) {
    const atOnce = Number(parallel);
    if (!Number.isInteger(atOnce) || atOnce < 1)
      throw new Failure("usage.invalid", "--parallel wants a whole number above 0");
    const chosen = await invocation.connections(names);
    if (stream.length > 0 && chosen.length !== 1)
      throw new Failure("usage.invalid", "--stream wants one connection, whose streams it names");
    const [{ refuseUnknownStreams }, { withAsking }, { runJobs }] = await Promise.all([
      import("../api/known-streams.ts"),
      import("./ask-connectors.ts"),
      import("./run-jobs.ts"),
    ]);
    if (stream.length > 0)
      await withAsking(invocation, (asking) => refuseUnknownStreams(asking, chosen[0]!, stream));
    const wanted = { type: "sync", keepsRows: true, streams: stream } as const;
    const accepted = acceptChanges ? chosen.map(accepting) : chosen;
    const all = follow ? accepted.map((one) => ({ ...one, follow })) : accepted;
    return runJobs(invocation, all, wanted, atOnce);
  },
};
