/** One event as it came; of a comment, only that it came. */
export interface ReadEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

export interface EventReader {
  /** The next one; undefined: there are no more. */
  readonly next: () => Promise<ReadEvent | undefined>;
  /** All until the one that is wanted, which is the last of them. */
  readonly until: (isWanted: (event: ReadEvent) => boolean) => Promise<ReadEvent[]>;
  readonly close: () => void;
}

/** Reads server-sent events. */
export async function readEvents(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> {
  const stop = new AbortController();
  const { body, status } = await fetch(url, { headers, signal: stop.signal });
  if (status !== 200) throw new Error(`answered with ${status}`);
  const events = parsed(body!.pipeThrough(new TextDecoderStream()));
  const next = async () => {
    const { value, done } = await events.next();
    return done ? undefined : value;
  };
  return {
    next,
    async until(isWanted) {
      const all: ReadEvent[] = [];
      for (;;) {
        const event = await next();
        if (event === undefined) throw new Error(`it ended after ${JSON.stringify(all)}`);
        all.push(event);
        if (isWanted(event)) return all;
      }
    },
    close: () => stop.abort(),
  };
}

async function* parsed(texts: AsyncIterable<string>): AsyncGenerator<ReadEvent, undefined> {
  let rest = "";
  for await (const text of texts) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block: string): ReadEvent {
  const field = (name: string) =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const data = field("data");
  if (data === undefined) return { event: "comment", data: undefined };
  const id = field("id");
  return {
    event: field("event")!,
    data: JSON.parse(data) as unknown,
    ...(id !== undefined && { id }),
  };
}
