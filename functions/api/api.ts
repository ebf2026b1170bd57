/**
 * api: what developers call. A request finds its route, its caller is identified, the resource answers. Whatever goes
 * wrong becomes a problem here, and nowhere else.
 */
import { CONTRACT_VERSION } from "../../shared/domain/contract-version.ts";
import { log } from "../../shared/log.ts";
import { WorldFault } from "../../shared/ports.ts";
import type { Callers } from "./authenticate.ts";
import { isNarrowed, narrowed } from "./narrow.ts";
import { PublicError, problem, unavailable } from "./problem.ts";
import { type Answer, type ApiRequest, type Ports, routesAt } from "./route.ts";
import { openRoutes, routes } from "./routes.ts";

/** Never throws: what is no answer of a resource is a problem. */
export async function api(request: ApiRequest, { callers, ...ports }: Ports & { callers: Callers }): Promise<Answer> {
  const requestId = request.id;
  log("info", "api_request", { requestId, method: request.method });
  // What the caller's limit leaves stands on every answer to the caller, refusals too.
  const quota: Record<string, string> = {};
  const answer = await respond(request, { callers, ...ports }, quota).catch((cause: unknown) =>
    problem(publicly(cause, requestId), requestId),
  );
  log("info", "api_answer", { requestId, status: answer.status });
  return {
    ...answer,
    headers: { "cache-control": "no-store", ...quota, ...answer.headers, ...everyAnswer(requestId) },
  };
}

/** What stands on every answer, whoever gives it. */
export function everyAnswer(requestId: string): Record<string, string> {
  return { "recado-version": CONTRACT_VERSION, "recado-request-id": requestId };
}

/** @param quota gets the headers that tell of the caller's limit */
async function respond(
  request: ApiRequest,
  { callers, ...ports }: Ports & { callers: Callers },
  quota: Record<string, string>,
): Promise<Answer> {
  const [open] = routesAt(openRoutes, request.path);
  if (open) {
    if (request.method !== open.route.method) throw methodNotAllowed([open.route.method]);
    return open.route.answer({ request, name: open.name, ports });
  }
  const found = routesAt(routes, request.path);
  if (found.length === 0) throw new PublicError("not_found", "There is nothing at this path.");
  const hit = found.find(({ route }) => route.method === request.method);
  if (!hit) throw methodNotAllowed(found.map(({ route }) => route.method));
  const caller = await callers.identify(request.headers.authorization);
  log("info", "api_caller", { requestId: request.id, caller: caller.id, route: hit.route.path });
  const { headers, refusedFor } = await callers.admit(caller);
  Object.assign(quota, headers);
  if (refusedFor !== undefined) throw rateLimited(refusedFor);
  if (!caller.scopes.includes(hit.route.scope)) {
    throw new PublicError("scope_missing", `This API key lacks the scope ${hit.route.scope}.`, {
      field: "Authorization",
    });
  }
  const { id, accounts } = caller;
  if (!accounts) return hit.route.answer({ request, name: hit.name, caller, ports });
  if (!isNarrowed(request)) {
    const detail = "This API key is limited to some accounts, and what is here is of all of them.";
    throw new PublicError("account_limited", detail, { field: "Authorization" });
  }
  return hit.route.answer({ request, name: hit.name, caller, ports: narrowed(ports, { id, accounts }) });
}

function rateLimited(seconds: number): PublicError {
  return new PublicError("rate_limited", `This API key has made too many requests. Ask again in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) },
  });
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
