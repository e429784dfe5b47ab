import { run } from "./cli.ts";

// Never process.exit(): it drops whatever a pipe has not taken yet.
process.exitCode = await run(process.argv.slice(2));
