import { startPostgres } from "../../dist/orchestrator/demo/postgres-server.js";

/** The two servers of all test runs: starting them for each would take longer than most runs. */
export async function openServers() {
  const [source, destination] = await Promise.all([startPostgres(), startPostgres()]);
  return {
    env: {
      SYNCLINE_TEST_SOURCE_URL: source.url(),
      SYNCLINE_TEST_DESTINATION_URL: destination.url(),
    },
    close: () => Promise.all([source.stop("immediate"), destination.stop("immediate")]),
  };
}
