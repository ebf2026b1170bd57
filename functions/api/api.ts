/**
 * api: what developers call. A request finds its route, its caller is identified, the resource answers. Whatever goes
 * wrong becomes a problem here, and nowhere else.
 */
import { log } from "../../shared/log.ts";
import { WorldFault } from "../../shared/ports.ts";
import type { Callers } from "./authenticate.ts";
import { noteConsent } from "./consents.ts";
import { showContact } from "./contacts.ts";
import { listConversations, setStatus, showConversation } from "./conversations.ts";
import { listAccountEvents, listEvents } from "./events.ts";
import { followLink, offerUpload, showMedia } from "./media.ts";
import { listMessages } from "./messages.ts";
import { PublicError, problem, unavailable } from "./problem.ts";
import { type Answer, type ApiRequest, json, type Ports, type Route, routesAt } from "./route.ts";
import { sendMessage } from "./send.ts";
import { sendSignal } from "./signal.ts";

export const routes: readonly Route[] = [
  { method: "GET", path: "/v1/conversations", scope: "read", answer: listConversations },
  { method: "GET", path: "/v1/conversations/{conversation}", scope: "read", answer: showConversation },
  { method: "GET", path: "/v1/conversations/{conversation}/messages", scope: "read", answer: listMessages },
  { method: "POST", path: "/v1/conversations/{conversation}/messages", scope: "send", answer: sendMessage },
  { method: "GET", path: "/v1/conversations/{conversation}/events", scope: "read", answer: listEvents },
  { method: "POST", path: "/v1/conversations/{conversation}/close", scope: "send", answer: setStatus("closed") },
  { method: "POST", path: "/v1/conversations/{conversation}/open", scope: "send", answer: setStatus("open") },
  { method: "POST", path: "/v1/conversations/{conversation}/read", scope: "send", answer: sendSignal("read") },
  { method: "POST", path: "/v1/conversations/{conversation}/typing", scope: "send", answer: sendSignal("typing") },
  { method: "POST", path: "/v1/media", scope: "send", answer: offerUpload },
  { method: "GET", path: "/v1/media/{media}", scope: "read", answer: showMedia },
  { method: "POST", path: "/v1/conversations/{conversation}/consents", scope: "send", answer: noteConsent },
  { method: "GET", path: "/v1/contacts/{contact}", scope: "read", answer: showContact },
  { method: "GET", path: "/v1/accounts/{account}/events", scope: "read", answer: listAccountEvents },
];

/** What customers open, who have no API key. */
const LINKS = "/v1/links/";

/** Never throws: what is no answer of a resource is a problem. */
export async function api(request: ApiRequest, { callers, ...ports }: Ports & { callers: Callers }): Promise<Answer> {
  const requestId = request.id;
  log("info", "api_request", { requestId, method: request.method });
  const answer = await respond(request, { callers, ...ports }).catch((cause: unknown) =>
    problem(publicly(cause, requestId), requestId),
  );
  log("info", "api_answer", { requestId, status: answer.status });
  return { ...answer, headers: { ...answer.headers, "cache-control": "no-store" } };
}

async function respond(request: ApiRequest, { callers, ...ports }: Ports & { callers: Callers }): Promise<Answer> {
  if (request.path === "/healthz") return health(request);
  if (request.path.startsWith(LINKS)) return followLink(request, request.path.slice(LINKS.length), ports);
  const found = routesAt(routes, request.path);
  if (found.length === 0) throw new PublicError("not_found", "There is nothing at this path.");
  const hit = found.find(({ route }) => route.method === request.method);
  if (!hit) throw methodNotAllowed(found.map(({ route }) => route.method));
  const caller = await callers.identify(request.headers.authorization);
  log("info", "api_caller", { requestId: request.id, caller: caller.id, route: hit.route.path });
  if (!caller.scopes.includes(hit.route.scope)) {
    throw new PublicError("scope_missing", `This API key lacks the scope ${hit.route.scope}.`, {
      field: "Authorization",
    });
  }
  return hit.route.answer({ request, name: hit.name, caller, ports });
}

function health({ method }: ApiRequest): Answer {
  if (method !== "GET") throw methodNotAllowed(["GET"]);
  return json(200, { status: "ok" });
}

function methodNotAllowed(allowed: readonly string[]): PublicError {
  const methods = allowed.join(", ");
  return new PublicError("method_not_allowed", `Allowed here: ${methods}.`, { headers: { allow: methods } });
}

function publicly(cause: unknown, requestId: string): PublicError {
  if (cause instanceof PublicError) return cause;
  if (cause instanceof WorldFault) {
    log("warn", "api_world_fault", { requestId, reason: cause.message });
    return unavailable();
  }
  log("error", "api_bug", { requestId, ...describe(cause) });
  return new PublicError("internal_error", "Something went wrong on our side. The request id finds it in the logs.");
}

/** A syntax error repeats what it could not read, which may be anybody's; of it only the place is logged. */
function describe(cause: unknown): { reason: string; where: string } {
  const error = cause instanceof Error ? cause : new Error("not an error");
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return {
    reason: error instanceof SyntaxError ? error.name : `${error.name}: ${error.message}`,
    where: frames.slice(0, 8).join(""),
  };
}
