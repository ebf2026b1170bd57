/** Reading a request's body without letting it grow over a limit. */
import type { IncomingMessage } from "node:http";

/** How long a refused sender may go on before its connection is cut; it needs a moment to read the refusal. */
const PATIENCE_MS = 2_000;

/** `too large` comes as soon as it is certain: by the announced length, else at the byte over the limit. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | "too large"> {
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) return discard(request);
  const chunks: Buffer[] = [];
  let size = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | "too large">();
  const take = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limitBytes) return void chunks.push(chunk);
    request.off("data", take);
    resolve(discard(request));
  };
  request.on("data", take);
  request.on("end", () => resolve(Buffer.concat(chunks)));
  request.on("error", reject);
  request.on("close", () => reject(new Error("The sender left in the middle of the request")));
  return promise;
}

/** The rest is thrown away, and its sender cut off when it does not stop by itself. */
function discard(request: IncomingMessage): "too large" {
  request.resume();
  const impatience = setTimeout(() => request.destroy(), PATIENCE_MS);
  request.on("close", () => clearTimeout(impatience));
  return "too large";
}
