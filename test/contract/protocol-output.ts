import { spawn } from "node:child_process";
import { expect } from "vitest";
import { streamKey } from "../../protocol/catalog.ts";
import type { Message, RecordMessage, StateMessage } from "../../protocol/messages.ts";
import { validateMessage } from "../../protocol/validate.ts";
import { commandOf, type Finished } from "../support/run.ts";

/** The messages a connector printed. Fails unless each line of stdout is a valid message, and whole. */
export function messagesOf({ stdout }: Pick<Finished, "stdout">): Message[] {
  expect(stdout === "" || stdout.endsWith("\n"), "stdout ends with a whole line").toBe(true);
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const message = JSON.parse(line) as Message;
      expect(validateMessage(message), line).toEqual([]);
      return message;
    });
}

export const recordsOf = (messages: readonly Message[]) =>
  messages.filter((message): message is RecordMessage => message.type === "RECORD");

export const statesOf = (messages: readonly Message[]) =>
  messages.filter((message): message is StateMessage => message.type === "STATE");

/** The failure types and texts of all TRACE ERRORs. */
export function errorsOf(messages: readonly Message[]): { kind: string; message: string }[] {
  return messages.flatMap((message) =>
    message.type === "TRACE" && message.trace.error
      ? [{ kind: message.trace.error.failure_type ?? "", message: message.trace.error.message }]
      : [],
  );
}

/** Stream key → its statuses in order. */
export function statusesOf(messages: readonly Message[]): Map<string, string[]> {
  const statuses = new Map<string, string[]>();
  for (const message of messages) {
    if (message.type !== "TRACE" || !message.trace.stream_status) continue;
    const { stream_descriptor: stream, status } = message.trace.stream_status;
    const key = streamKey(stream);
    statuses.set(key, [...(statuses.get(key) ?? []), status]);
  }
  return statuses;
}

/** Runs a connector whose reader goes away after the first bytes, as `| head -c 1` does. */
export async function runWithoutReader(
  executable: string,
  args: readonly string[],
  stdin?: string | Buffer,
): Promise<{ exitCode: number | null; signal: string | null; stderr: string; ms: number }> {
  const [file, ...leading] = commandOf(executable);
  const child = spawn(file!, [...leading, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {}); // it ended without reading everything, as it should
  let gone = performance.now();
  child.stdout.once("data", () => {
    gone = performance.now();
    child.stdout.destroy();
  });
  if (stdin !== undefined) child.stdin.write(stdin);
  return new Promise((resolve) => {
    child.once("close", (exitCode, signal) =>
      resolve({ exitCode, signal, stderr, ms: performance.now() - gone }),
    );
  });
}
