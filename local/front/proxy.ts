import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";

/** Passes a request on to `origin` under another path, and its answer back, both as streams. */
export function passOn(request: IncomingMessage, response: ServerResponse, target: URL): void {
  const onward = httpRequest(target, { method: request.method, headers: { ...request.headers, host: target.host } });
  onward.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { "content-type": "application/json" }).end('{"message":"Bad Gateway"}');
  });
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}
