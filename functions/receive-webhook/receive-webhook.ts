/**
 * One webhook, from the wire to the mailbox: verify → parse → enqueue. It is answered with success only when everything
 * in it is durably queued or quarantined; until then the provider keeps it and brings it again.
 */
import { createHash } from "node:crypto";
import type { Account, Receiver, WebhookReply, WebhookRequest } from "../../shared/channels/connector.ts";
import { toItem } from "../../shared/channels/to-item.ts";
import type { Channel } from "../../shared/domain/event.ts";
import { eventKey, newToken } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { accountLog } from "../../shared/domain/mailbox-rules.ts";
import { log } from "../../shared/log.ts";
import { type Clock, type Mailbox, type Objects, type Random, WorldFault } from "../../shared/ports.ts";

/** Which connector this is the door of, and whose. */
export interface Door {
  receiver: Receiver;
  connector: string;
  channel: Channel;
  joinByNumber: boolean;
  accounts: readonly { name: string; settings: unknown }[];
}

export interface Ports {
  mailbox: Mailbox;
  objects: Pick<Objects, "put">;
  /** By account name, and `deployment`; one that was never written is left out. */
  secrets: () => Promise<ReadonlyMap<string, Record<string, unknown>>>;
  clock: Clock;
  random: Random;
}

const LARGEST_WEBHOOK_BYTES = 3 * 1024 * 1024;

/** @returns what answers one webhook; it remembers which missing secrets were raised already */
export function webhookReceiver(door: Door, ports: Ports): (request: WebhookRequest) => Promise<WebhookReply> {
  const raised = new Set<string>();
  return async (request) => {
    try {
      return await receive(request, door, { ...ports, raised });
    } catch (cause) {
      if (!(cause instanceof WorldFault)) throw cause;
      log("warn", "webhook_not_queued", { connector: door.connector, reason: cause.message });
      return empty(503);
    }
  };
}

async function receive(
  request: WebhookRequest,
  door: Door,
  ports: Ports & { raised: Set<string> },
): Promise<WebhookReply> {
  const { receiver, connector } = door;
  if (request.body.length > LARGEST_WEBHOOK_BYTES) return empty(413);
  if (request.method !== "GET" && request.method !== "POST") return empty(405);
  // A signature covers the bytes before any encoding, which nobody in between may know any more.
  if (!/^(identity)?$/i.test(request.headers["content-encoding"] ?? "")) return empty(415);

  const documents = await ports.secrets();
  const idSecret = documents.get("deployment")?.idSecret;
  if (typeof idSecret !== "string" || idSecret === "") {
    log("error", "secret_missing", { connector, document: "deployment" });
    return empty(503);
  }
  const keys: Keys = { ...door, ...ports, idSecret };
  const accounts = door.accounts.map((account) => ({ ...account, secrets: documents.get(account.name) ?? {} }));
  for (const { name } of accounts) if (!documents.has(name)) await raiseMissing(name, keys, ports.raised);

  if (request.method === "GET" && receiver.challenge) {
    const challenge = receiver.challenge(request, accounts);
    if (challenge !== undefined) return { status: 200, contentType: "text/plain", body: challenge };
    log("warn", "handshake_refused", { connector, hint: "mode or verify token is not the one that is set" });
    return empty(403);
  }

  const verdicts = accounts.map((account) => ({ account, verdict: receiver.verify(request, account) }));
  const verified = verdicts.flatMap(({ account, verdict }) => (verdict.ok ? [account] : []));
  const [first] = verified;
  if (first) return await takeIn(request, verified, first, keys);

  const refusals = verdicts.flatMap(({ account, verdict }) => (verdict.ok ? [] : [{ account, ...verdict }]));
  const unset = refusals.filter(({ isUnset }) => isUnset);
  for (const { account } of unset) await raiseMissing(account.name, keys, ports.raised);
  if (unset.length > 0) return empty(503);
  const hint = [...new Set(refusals.map((refusal) => refusal.hint))].join("; ");
  log("warn", "webhook_refused", { connector, hint });
  return empty(401);
}

/** Everything that making an item takes. */
export type Keys = Door & Ports & { idSecret: string };

async function takeIn(
  request: WebhookRequest,
  verified: readonly Account[],
  first: Account,
  keys: Keys,
): Promise<WebhookReply> {
  const result = parsedOrReason(request, verified, keys);
  const items: MailboxItem[] = [];
  let isForNobody = false;
  for (const parsed of result.ok ? result.parsed : []) {
    if (parsed.account === undefined) isForNobody = true;
    else items.push(await toItem({ ...parsed, account: parsed.account }, keys));
  }
  if (!result.ok) items.push(await quarantine(request, first, "webhook_unreadable", result.reason, keys));
  if (isForNobody) {
    const reason = "A webhook names an account that is not configured, or that did not sign it.";
    items.push(await quarantine(request, first, "account_unknown", reason, keys));
  }
  if (items.length > 0) await keys.mailbox.deliver(items);
  log("info", "webhook_queued", { connector: keys.connector, items: items.length });
  return keys.receiver.reply(request);
}

/** A parser that throws is a fault of ours, which no repetition by the provider would cure: the body is kept. */
function parsedOrReason(request: WebhookRequest, verified: readonly Account[], { receiver, connector }: Keys) {
  try {
    return receiver.parse(request, verified);
  } catch (cause) {
    log("error", "parser_failed", { connector, reason: cause instanceof Error ? cause.name : typeof cause });
    return { ok: false as const, reason: "the parser failed" };
  }
}

/** Keeps the whole webhook and gives its alert: the same body, however often it comes, is one object and one alert. */
export async function quarantine(
  request: WebhookRequest,
  { name }: Account,
  code: string,
  reason: string,
  keys: Keys,
): Promise<MailboxItem> {
  const evidence = request.method === "GET" ? Buffer.from(request.url) : request.body;
  const sha256 = createHash("sha256").update(evidence).digest("hex");
  const reference = `quarantine/${keys.connector}/${sha256}`;
  await keys.objects.put(reference, evidence, "application/octet-stream");
  log("warn", code, { connector: keys.connector, account: name, reference });
  return alert(name, `${sha256}#${code}`, { code, reason, reference }, keys);
}

/** Once per cold start to the log, and once a day, by its key, to the account. */
async function raiseMissing(name: string, keys: Keys, raised: Set<string>): Promise<void> {
  if (raised.has(name)) return;
  raised.add(name);
  log("error", "secret_missing", { connector: keys.connector, account: name });
  const day = new Date(keys.clock.now()).toISOString().slice(0, 10);
  const reason =
    "The secrets of this account are missing or incomplete: its webhooks are turned away until they are set.";
  try {
    await keys.mailbox.deliver([alert(name, `secret#missing#${day}`, { code: "secret_missing", reason }, keys)]);
  } catch (cause) {
    raised.delete(name);
    throw cause;
  }
}

function alert(
  account: string,
  subject: string,
  data: { code: string; reason: string; reference?: string },
  { idSecret, channel, clock, random }: Keys,
): MailboxItem {
  return {
    log: accountLog(account),
    key: eventKey(idSecret, account, subject),
    token: newToken(random),
    type: "account.alert",
    account,
    channel,
    at: { received: clock.now() },
    data,
  };
}

/** Says nothing to whoever asks. */
function empty(status: number): WebhookReply {
  return { status, contentType: "text/plain", body: "" };
}
