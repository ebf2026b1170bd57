/**
 * Runs inside a worker process: loads one function's bundle and answers invocations over the process channel, one at a
 * time. Plain CommonJS, so that a worker starts without stripping types.
 *
 * Arguments: path of the bundle, name of its export, folder for compiled code, `record` to report environment reads.
 * In: `{ id, event, deadline, context }`. Out: `{ kind: "ready" }`, `{ kind: "read", name }`,
 * `{ kind: "answer", id, payload }`, `{ kind: "failure", id?, error }`.
 */
const { enableCompileCache, flushCompileCache } = require("node:module");

const [, , file, exported, compileCache, recording] = process.argv;
let isFirst = true;

// The parent is gone, even by kill -9: its workers go too.
process.on("disconnect", () => process.exit());
enableCompileCache(compileCache);
if (recording === "record") reportEnvironmentReads();

try {
  const handler = require(file)[exported];
  if (typeof handler !== "function") throw new Error(`index.${exported} is undefined or not exported`);
  process.on("message", (invocation) => invoke(handler, invocation));
  process.send({ kind: "ready" });
} catch (error) {
  process.send({ kind: "failure", error: errorOf(error) }, () => process.exit(1));
}

async function invoke(handler, { id, event, deadline, context }) {
  try {
    const result = await handler(event, {
      ...context,
      getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    });
    process.send({ kind: "answer", id, payload: JSON.stringify(result) ?? "null" });
  } catch (error) {
    console.error(error);
    process.send({ kind: "failure", id, error: errorOf(error) });
  }
  // Node writes it at the exit, and workers are killed. With what an invocation needs, the next start has less to compile.
  if (isFirst) flushCompileCache();
  isFirst = false;
}

function errorOf(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function reportEnvironmentReads() {
  const reported = new Set();
  process.env = new Proxy(process.env, {
    get(environment, name) {
      if (typeof name === "string" && name in environment && !reported.has(name)) {
        reported.add(name);
        process.send({ kind: "read", name });
      }
      return environment[name];
    },
  });
}
