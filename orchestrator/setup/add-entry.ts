import { chmodSync, realpathSync, statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isScalar, isSeq, parseDocument, type Node } from "yaml";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { replaceFile } from "../store/atomic-file.ts";

/** A named entry of a configuration. */
export interface NewEntry {
  readonly section: "sources" | "destinations" | "connections";
  readonly name: string;
  readonly value: JsonObject;
}

/** That of a connector. */
export interface ConnectorEntry extends NewEntry {
  readonly section: "sources" | "destinations";
}

/** A configuration that has this entry and no connection yet. */
export function configOf(entry: ConnectorEntry): string {
  const other = entry.section === "sources" ? "destinations" : "sources";
  return `${entry.section}:\n${entryLines(entry, 2)}${other}: {}\nconnections: {}\n`;
}

/**
 * The text of a configuration with one entry more: a few lines, and every other byte as it was. A
 * section of one line, `{ a: …, b: … }`, is written anew, and the file around it with it.
 */
export function withEntry(text: string, entry: NewEntry): string {
  const document = parseDocument(text);
  document.setIn([entry.section, entry.name], document.createNode(entry.value));
  const wanted: unknown = document.toJS();
  const inserted = insert(text, entry);
  const isSame = inserted !== undefined && isDeepStrictEqual(valueOf(inserted), wanted);
  return isSame ? inserted : document.toString({ lineWidth: 0 });
}

/** Puts a text in the place of a file that is there, with its mode; behind a link, of what it leads to. */
export function rewriteConfig(path: string, text: string): void {
  try {
    const file = realpathSync(path);
    const { mode } = statSync(file);
    replaceFile(file, text, { durable: true });
    chmodSync(file, mode);
  } catch (error) {
    throw new Failure("config.unreadable", `${path} cannot be written`, { cause: error });
  }
}

/** Undefined where there is no place to put lines. */
function insert(text: string, entry: NewEntry): string | undefined {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = (indent: number) => entryLines(entry, indent).replaceAll("\n", end);
  const top = parseDocument(text).contents;
  if (!isMap(top) || top.flow) return undefined;
  const pair = top.items.find(({ key }) => isScalar(key) && key.value === entry.section);
  const section = pair?.value;
  if (!section?.range) return undefined;
  const [start, valueEnd] = section.range;
  if (isMap(section) && !section.flow) {
    const column = start - (text.lastIndexOf("\n", start - 1) + 1);
    const last = text.slice(0, endOf(section)).trimEnd().length;
    const at = behindComments(text, lineEnd(text, last), column);
    return `${text.slice(0, at)}${text[at - 1] === "\n" ? "" : end}${lines(column)}${text.slice(at)}`;
  }
  if (!isMap(section) || section.items.length > 0) return undefined;
  // `{}`: what is behind it in its line stays there.
  const at = lineEnd(text, valueEnd);
  const comment = text.slice(valueEnd, at).trimEnd();
  return `${text.slice(0, start).trimEnd()}${comment}${end}${lines(2)}${text.slice(at)}`;
}

/** Where the last value in a value ends: behind it, comments are counted to the outer ones. */
function endOf(node: unknown): number {
  if (isMap(node) && !node.flow) return endOf(node.items.at(-1)!.value ?? node.items.at(-1)!.key);
  if (isSeq(node) && !node.flow) return endOf(node.items.at(-1));
  return (node as Node).range![1];
}

/** Comments below the last entry, and not left of its name, are about it. */
function behindComments(text: string, from: number, column: number): number {
  for (let at = from; ;) {
    const next = lineEnd(text, at);
    const line = text.slice(at, next);
    const indent = line.search(/\S/);
    if (next === at || indent < column || line[indent] !== "#") return at;
    at = next;
  }
}

/** Where the next line starts. */
function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at + 1;
}

/** The entry in lines of its own. */
function entryLines({ name, value }: NewEntry, indent: number): string {
  const text = new Document({ [name]: value }).toString({ lineWidth: 0 });
  return text.replaceAll(/^(?=.)/gm, " ".repeat(indent));
}

function valueOf(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length === 0 ? document.toJS() : undefined;
}
