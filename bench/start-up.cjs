/** Run in a process of its own: prints how many milliseconds loading the bundle takes, the handler's set-up included. */
const { performance } = require("node:perf_hooks");

const since = performance.now();
const { handler } = require(process.argv[2]);
const took = performance.now() - since;
if (typeof handler !== "function") throw new Error("The bundle exports no handler");
process.stdout.write(String(took));
// Clients may keep connections open.
process.exit();
