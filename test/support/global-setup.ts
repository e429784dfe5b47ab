import type { TestProject } from "vitest/node";
import { startTestServer } from "./servers.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser URL of the server that sources read from. */
    sourceUrl: string;
    /** Superuser URL of the server that destinations write to. */
    destinationUrl: string;
  }
}

/** Starts the two servers of a test run and tells the test files where they are. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([
    startTestServer("SYNCLINE_TEST_SOURCE_URL"),
    startTestServer("SYNCLINE_TEST_DESTINATION_URL"),
  ]);
  const servers = started.flatMap((result) =>
    result.status === "fulfilled" ? [result.value] : [],
  );
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const [source, destination] = servers;
  if (!source || !destination) {
    await stop();
    throw started.find((result) => result.status === "rejected")!.reason;
  }
  process.stderr.write(`PostgreSQL: source ${source.origin}, destination ${destination.origin}\n`);
  project.provide("sourceUrl", source.url);
  project.provide("destinationUrl", destination.url);
  return stop;
}
