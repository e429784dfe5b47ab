import { Layout } from "./layout.tsx";
import type { Markup } from "./render.ts";

/** Where the token is asked for. It is sent once; a cookie that scripts cannot read stands for it then. */
export function LoginPage({ notice }: { readonly notice?: Markup }): Markup {
  return (
    <Layout title="Sign in">
      <h1>Sign in</h1>
      {notice}
      <form method="post" action="/login" class="narrow">
        <p>
          <label for="token">Token</label>
          <input
            id="token"
            name="token"
            type="password"
            required
            autocomplete="current-password"
            aria-describedby="token-help"
          />
        </p>
        <p id="token-help" class="quiet">
          It is in the file of <code>--token-file</code>, or in <code>SYNCLINE_SERVE_TOKEN</code>,
          where <code>syncline serve</code> was started.
        </p>
        <button class="main">Sign in</button>
      </form>
    </Layout>
  );
}
