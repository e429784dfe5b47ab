import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { escapeControls } from "../../escape.ts";

/** What a component gives back: JSX escapes every text and every attribute in it. */
export type Markup = JSX.Element;

/** None of our components waits for anything. */
interface Rendered {
  toString(): string;
}

/** What a component has inside. */
export interface Inside {
  readonly children?: Child;
}

/** Answers with a page. */
export function answer(
  context: Context,
  page: Markup,
  status: ContentfulStatusCode = 200,
): Response {
  return context.html(htmlOf(page), status);
}

/**
 * The text of a page. Control characters and those that reverse a line are escaped in all of it, so that
 * none that a connector, a table or a log brings can be forgotten; line breaks between elements stay.
 */
export function htmlOf(page: Markup): string {
  const text = (page as Rendered).toString();
  return `<!doctype html>\n${text.split("\n").map(escapeControls).join("\n")}\n`;
}
