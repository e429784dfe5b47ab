import { Layout } from "./layout.tsx";
import type { Markup } from "./render.ts";

/** For an address that leads nowhere, or to what is gone. */
export function MissingPage({ what }: { readonly what: string }): Markup {
  return (
    <Layout title="Not found">
      <h1>Not found</h1>
      <p>{what}</p>
      <p>
        <a href="/">All connections</a>
      </p>
    </Layout>
  );
}
