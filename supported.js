// Loaded before everything else: says in one sentence where this does not run. Old syntax only.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19))
  end("needs Node 20.19 or newer, and this is " + process.versions.node);
if (process.platform === "win32") end("does not run on Windows itself; it does in WSL");

function end(why) {
  process.stderr.write("syncline " + why + "\n");
  // Nothing may be loaded behind it, and nothing was printed yet that a pipe could lose.
  // oxlint-disable-next-line unicorn/no-process-exit
  process.exit(2);
}
