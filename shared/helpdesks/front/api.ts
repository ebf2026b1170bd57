/**
 * Front's two APIs behind one host. The Channel API takes a token that the app signs for one channel and a few seconds,
 * the Core API the company's token. By the channel's token alone Front shows the external ids that we gave
 * (`metadata.external_id`, `metadata.external_conversation_ids`).
 */
import { randomBytes } from "node:crypto";
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { hs256Token } from "../../http/json-web-token.ts";
import { type Asked, ask, type Question } from "../ask.ts";
import type { Desk, DeskReach } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

export const API = "https://api2.frontapp.com";

/** Front's own example gives its tokens no longer. */
const TOKEN_SECONDS = 10;
const MERGED = 301;

export type Reach = DeskReach<Settings, Secrets>;

/** Who asks: a channel, or the company. */
type Asker = { channel: string } | "company";

/** `path` in place of the URL, encoded already. */
type FrontQuestion = Omit<Question, "url" | "headers"> & { path: string; headers?: Record<string, string> };

export async function askFront(
  { desk, http }: Reach,
  asker: Asker,
  { path, headers, ...question }: FrontQuestion,
): Promise<Asked> {
  const token = asker === "company" ? companyToken(desk) : channelToken(desk, asker.channel, Date.now());
  if (token === undefined) {
    const detail = asker === "company" ? "no API token is set" : "no app secret is set";
    return { isOk: false, outcome: { kind: "unavailable", detail } };
  }
  return ask(http, { ...question, url: `${API}${path}`, headers: { authorization: `Bearer ${token}`, ...headers } });
}

/**
 * Asks the company about a conversation, by the id that it has by now: one that was merged into another says which.
 * @param question its path behind `/conversations/<id>`
 */
export async function askConversation(
  reach: Reach,
  id: string,
  question: FrontQuestion,
): Promise<{ asked: Asked; id: string }> {
  const at = (one: string) =>
    askFront(reach, "company", { ...question, path: `/conversations/${encodeURIComponent(one)}${question.path}` });
  const asked = await at(id);
  if (asked.isOk || asked.status !== MERGED) return { asked, id };
  const [, into] = /\/conversations\/(cnv_[A-Za-z0-9]+)/.exec(asked.headers?.location ?? "") ?? [];
  return into === undefined ? { asked, id } : { asked: await at(into), id: into };
}

/** What a list has, and by what to ask for its next page. */
export function listIn(json: unknown): { results: unknown[]; next: string | undefined } {
  if (!isRecord(json)) return { results: [], next: undefined };
  const { _results: results, _pagination: pagination } = json;
  const link = isRecord(pagination) && typeof pagination.next === "string" ? URL.parse(pagination.next) : undefined;
  return {
    results: Array.isArray(results) ? results : [],
    next: link?.searchParams.get("page_token") ?? undefined,
  };
}

export function companyToken({ secrets }: Desk<Settings, Secrets>): string | undefined {
  return everyKey(secrets.apiToken)[0];
}

/** @param now ms since 1970 */
function channelToken(
  { settings, secrets }: Desk<Settings, Secrets>,
  channel: string,
  now: number,
): string | undefined {
  const [key] = everyKey(secrets.appSecret);
  if (key === undefined) return undefined;
  const claims = {
    iss: settings.appId,
    sub: channel,
    jti: randomBytes(12).toString("hex"),
    exp: Math.floor(now / 1000) + TOKEN_SECONDS,
  };
  return hs256Token(claims, key);
}
