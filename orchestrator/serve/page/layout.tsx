import { ASSETS } from "./assets.ts";
import type { Frame } from "./frame.ts";
import type { Inside, Markup } from "./render.ts";

interface Document extends Inside {
  /** What this page is of; the window's title begins with it. */
  readonly title: string;
  /** Which entry of the navigation it belongs to. */
  readonly place?: "connections" | "jobs" | "new";
  /** Whose events change what it shows: a connection's, or those of all (`*`). */
  readonly live?: string | undefined;
  /** Whether what it shows is under way: without the script, the browser asks again. */
  readonly isRunning?: boolean;
  /** Undefined: nobody is signed in. */
  readonly frame?: Frame;
}

const PLACES = [
  ["connections", "/", "Connections"],
  ["jobs", "/jobs", "Jobs"],
  ["new", "/new", "New connection"],
] as const;

/** Without the script a page of something that runs is loaded again after this time. */
const RELOAD_SECONDS = 5;

/** The frame of every page. */
export function Layout(document: Document): Markup {
  const { title, place, live, isRunning, frame, children } = document;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · syncline`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={ASSETS.style.address} />
        <link rel="stylesheet" href={ASSETS.chartStyle.address} />
        <script src={ASSETS.charts.address} defer></script>
        <script src={ASSETS.script.address} defer></script>
        {isRunning ? (
          <noscript>
            <meta http-equiv="refresh" content={String(RELOAD_SECONDS)} />
          </noscript>
        ) : null}
      </head>
      <body data-live={live}>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header>
          <a class="brand" href="/">
            syncline
          </a>
          {frame === undefined ? null : (
            <nav aria-label="Main">
              {PLACES.map(([name, address, label]) => (
                <a href={address} aria-current={name === place ? "page" : undefined}>
                  {label}
                </a>
              ))}
            </nav>
          )}
          {frame?.hasSessions ? (
            <form method="post" action="/logout">
              <button>Sign out</button>
            </form>
          ) : null}
        </header>
        <main id="main" tabindex={-1}>
          {frame?.problem ? (
            <div class="note bad" role="alert">
              <p>
                <strong>The configuration was changed and cannot be used.</strong> The one before it
                counts until this is put right:
              </p>
              <pre tabindex={0}>{frame.problem}</pre>
            </div>
          ) : null}
          {children}
        </main>
      </body>
    </html>
  );
}
