import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The soak first: its files take longest and are the smallest, which else come last. */
class SoakFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSoak = ({ moduleId }: TestSpecification) => moduleId.includes("/test/soak/");
    const sorted = await super.sort(files);
    return [...sorted.filter(isSoak), ...sorted.filter((file) => !isSoak(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "forks",
    // Most tests wait for processes and servers, and some for a limit to pass: three files at once keep
    // two cores busy.
    maxWorkers: 3,
    sequence: { sequencer: SoakFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a test waits for takes as long as the machine does.
    expect: { poll: { timeout: 30_000 } },
  },
});
