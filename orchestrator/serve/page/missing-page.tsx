import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./render.ts";

/** For an address that leads nowhere, or to what is gone. */
export function MissingPage({
  what,
  frame,
}: {
  readonly what: string;
  readonly frame: Frame;
}): Markup {
  return (
    <Layout title="Not found" frame={frame}>
      <h1>Not found</h1>
      <p>{what}</p>
      <p>
        <a href="/">All connections</a>
      </p>
    </Layout>
  );
}
