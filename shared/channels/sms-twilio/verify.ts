import { createHash, createHmac } from "node:crypto";
import { parse as parseQuery, stringify as writeQuery } from "node:querystring";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isByAnyKey, isSame, refused, unset } from "../../http/verdict.ts";
import type { Account, Verdict, WebhookReply, WebhookRequest } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

/**
 * X-Twilio-Signature: HMAC-SHA1 with the auth token over the URL that Twilio called and, for forms, every parameter
 * (https://www.twilio.com/docs/usage/webhooks/webhooks-security). JSON bodies are covered by a hash in the URL.
 */
export function verify(request: WebhookRequest, { settings, secrets }: Account<Settings, Secrets>): Verdict {
  const tokens = everyKey(secrets.authToken);
  if (tokens.length === 0) return unset("no auth token is set for this account");
  const signature = request.headers["x-twilio-signature"];
  if (signature === undefined) return refused("the header X-Twilio-Signature is missing");
  if (!/^[A-Za-z0-9+/]{27}=$/.test(signature)) return refused("X-Twilio-Signature is not a base64 SHA-1");

  const urls = [request.url, ...(settings.publicUrl ? [behind(settings.publicUrl, request.url)] : [])];
  const bodyHash = new URL(request.url).searchParams.get("bodySHA256");
  if (bodyHash !== null) {
    if (!isSigned(signature, urls, "", tokens)) return refused(likelyCause(signature, urls, "", tokens));
    const actual = createHash("sha256").update(request.body).digest("hex");
    return isSame(Buffer.from(bodyHash), Buffer.from(actual))
      ? { ok: true }
      : refused("the body is not the one whose hash is in the URL");
  }
  const form = request.method === "GET" ? "" : canonicalForm(Buffer.from(request.body).toString("utf8"));
  return isSigned(signature, urls, form, tokens) ? { ok: true } : refused(likelyCause(signature, urls, form, tokens));
}

/** An empty TwiML document. Plain text would be sent to the customer as an answer. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "text/xml", body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' };
}

/** Names in order of their code units, each followed by its values: repeated ones once each, in order too. */
function canonicalForm(body: string): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(body)) values.set(name, (values.get(name) ?? new Set()).add(value));
  const names = [...values.keys()].sort();
  return names.flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value)).join("");
}

/** Every spelling is tried, so that the time tells nothing about which one fits. */
function isSigned(signature: string, urls: readonly string[], form: string, tokens: readonly string[]): boolean {
  const given = Buffer.from(signature, "base64");
  const digestOver = (url: string) => (token: string) =>
    createHmac("sha1", token)
      .update(url + form)
      .digest();
  const spelled = [...new Set(urls.flatMap(spellings))];
  return spelled.map((url) => isByAnyKey(given, tokens, digestOver(url))).includes(true);
}

/** Twilio signs with and without the standard port, and sometimes an older encoding of the query. */
function spellings(url: string): string[] {
  const normal = new URL(url).toString();
  return [url, normal, withLegacyQuery(normal)].flatMap((spelled) => [
    withPort(spelled, false),
    withPort(spelled, true),
  ]);
}

function withPort(url: string, isWanted: boolean): string {
  const [, scheme = "", userInfo = "", host = "", port, rest = ""] =
    /^(https?:\/\/)([^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(:\d*)?(.*)$/is.exec(url) ?? [];
  const standard = scheme.toLowerCase() === "https://" ? ":443" : ":80";
  return `${scheme}${userInfo}${host}${isWanted ? (port ?? standard) : ""}${rest}`;
}

function withLegacyQuery(url: string): string {
  const [path, query] = [url.slice(0, url.indexOf("?")), url.slice(url.indexOf("?") + 1)];
  return url.includes("?") && query !== "" ? `${path}?${writeQuery(parseQuery(query))}` : url;
}

/** The URL as it was called at `publicUrl`. */
function behind(publicUrl: string, url: string): string {
  const { origin } = new URL(url);
  return publicUrl.replace(/\/+$/, "") + url.slice(origin.length);
}

function likelyCause(signature: string, urls: readonly string[], form: string, tokens: readonly string[]): string {
  const trimmed = tokens.map((token) => token.trim()).filter((token) => !tokens.includes(token));
  if (isSigned(signature, urls, form, trimmed)) return "the auth token is stored with blanks around it";
  if (isSigned(signature, urls, "", tokens))
    return "signed without the form: was the webhook's body changed on its way?";
  const plain = urls.map((url) => url.replace(/^https:/, "http:"));
  if (isSigned(signature, plain, form, tokens)) return "signed for http: Twilio's console names the URL without https";
  const slashed = urls.map((url) => url.replace(/\/?(\?|$)/, "/$1"));
  if (isSigned(signature, slashed, form, tokens)) return "signed for a URL with a slash at the end";
  return "signed with another token (only the primary one of this very account signs), or for another URL: see `publicUrl`";
}
