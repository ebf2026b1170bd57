/** LibreDesk's two doors: the API of an agent, and the one of a live chat's customer. */
import type * as z from "zod/mini";
import { type Asked, ask, type Question, type Refusal } from "../ask.ts";
import type { Desk, DeskReach } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

export type Reach = DeskReach<Settings, Secrets>;

type ApiQuestion = Omit<Question, "url" | "headers"> & { path: string; headers?: Record<string, string> };

/** @param question `path` behind `/api/v1`, with its query */
export async function askAsAgent({ desk, http }: Reach, { path, headers, ...question }: ApiQuestion): Promise<Asked> {
  const authorization = agentCredentials(desk);
  if (authorization === undefined) return notSet("no API key and secret are set");
  return ask(http, { ...question, url: apiUrl(desk, path), headers: { authorization, ...headers } });
}

/** @param session of the customer; without one, for what gives one @param inbox its UUID */
export async function askAsCustomer(
  { desk, http }: Reach,
  { path, session, inbox, ...question }: ApiQuestion & { session?: string; inbox: string },
): Promise<Asked> {
  const headers = {
    "x-libredesk-inbox-id": inbox,
    ...(session !== undefined && { authorization: `Bearer ${session}` }),
  };
  return ask(http, { ...question, url: apiUrl(desk, `/widget/chat${path}`), headers });
}

/** The header by which the agent is known; undefined where a part of it is not set. */
export function agentCredentials({ secrets }: Desk<Settings, Secrets>): string | undefined {
  const { apiKey, apiSecret } = secrets;
  if (typeof apiKey !== "string" || typeof apiSecret !== "string" || !apiKey || !apiSecret) return undefined;
  return `token ${apiKey}:${apiSecret}`;
}

/** What an answer brings: every one is `{ "status": "success", "data": … }`. Undefined where it is of another form. */
export function dataOf<Schema extends z.ZodMiniType>(json: unknown, schema: Schema): z.output<Schema> | undefined {
  const data = typeof json === "object" && json !== null && "data" in json ? json.data : undefined;
  const read = schema.safeParse(data);
  return read.success ? read.data : undefined;
}

export function notSet(detail: string): { isOk: false; outcome: Refusal } {
  return { isOk: false, outcome: { kind: "unavailable", detail } };
}

function apiUrl({ settings }: Desk<Settings, Secrets>, path: string): string {
  return `${settings.baseUrl.replace(/\/+$/, "")}/api/v1${path}`;
}
