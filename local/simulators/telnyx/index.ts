/**
 * A Telnyx on the loopback: its messages API for SMS and MMS, signed statuses, signed inbound messages, and Telnyx's own
 * handling of STOP and START. Knows the vendor's rules and nothing of whoever calls it.
 */
import { type KeyObject, randomUUID } from "node:crypto";
import * as z from "zod";
import { mediaFault } from "../fetch-media.ts";
import { type Answer, call, type Incoming, parseJson, type Reaction, reach, type Server } from "../http.ts";
import { isSameNumber } from "../phones.ts";
import { sendReceipts } from "../receipts.ts";
import { control, ok, startSimulator, type Vendor, type World, withSendFaults, wrong } from "../simulator.ts";
import { telnyxError, telnyxFault } from "./errors.ts";
import { signingKeyOf } from "./keys.ts";
import { createOptOuts } from "./opt-out.ts";
import { checkSend, filesOf, type Send } from "./request.ts";
import { telnyxHeaders, telnyxWebhook, timestamp } from "./webhook.ts";

interface TelnyxAccount {
  apiKey: string;
  /** Signs its webhooks. */
  signingKey: KeyObject;
  /** Of its one messaging profile; the numbers are those of the profile, E.164, short codes or names. */
  profileId: string;
  numbers: string[];
}

export interface TelnyxSimulatorOptions {
  /** A free one by default. */
  port?: number;
  /** The profile's webhook. */
  webhookUrl: string;
  /** URL that it is really posted to; URLs of messages with the same origin go to this one's origin. */
  deliverTo: string;
  accounts: TelnyxAccount[];
  /** When a message is sent and delivered, in ms after it was taken. */
  receiptsAfterMs?: readonly number[];
}

const Writing = z.strictObject({
  /** A number, or the messaging profile. */
  to: z.string(),
  from: z.string().min(1),
  text: z.string().default(""),
  kind: z.enum(["text", "image"]).default("text"),
  /** More members of the webhook's payload, or others in the place of Telnyx's. */
  element: z.record(z.string(), z.unknown()).default({}),
});
const GivenWebhook = z.strictObject({
  path: z.string().startsWith("/"),
  /** JSON, or the raw body. */
  body: z.unknown(),
  profileId: z.string().optional(),
  signature: z.enum(["valid", "wrong", "missing", "truncated"]).default("valid"),
});

const NO_SUCH_FILE: Answer = { status: 404, body: "Not Found" };
const TIMEOUT_MS = 15_000;
const STRANGER = signingKeyOf("somebody else");

/** @throws when the port is taken */
export async function startTelnyxSimulator(options: TelnyxSimulatorOptions): Promise<Server> {
  return startSimulator(options.port ?? 0, isSameNumber, (world) => telnyx(world, options));
}

function telnyx(world: World, options: TelnyxSimulatorOptions): Vendor {
  const { webhookUrl, deliverTo, accounts, receiptsAfterMs = [40, 120] } = options;
  const optOuts = createOptOuts();
  /** Every message that was sent, by id, as it is now. */
  const sent = new Map<string, () => object>();

  async function api(request: Incoming): Promise<Reaction> {
    const [, stored] = /^\/([\w-]+)\.jpg$/.exec(request.path) ?? [];
    if (request.method === "GET" && stored !== undefined) {
      const file = world.files.find(stored);
      return file ? world.files.give(file, NO_SUCH_FILE) : NO_SUCH_FILE;
    }
    const account = accounts.find(({ apiKey }) => request.headers.authorization === `Bearer ${apiKey}`);
    if (!account) return telnyxError(401, 10009);
    const [, asked] = /^\/v2\/messages\/([^/]+)$/.exec(request.path) ?? [];
    const known = request.method === "GET" ? sent.get(asked ?? "") : undefined;
    if (known) return ok({ data: known() });
    if (request.method !== "POST" || request.path !== "/v2/messages") return telnyxError(404, 10005);
    const body = parseJson(request.body);
    const { to } = z.object({ to: z.string() }).catch({ to: "" }).parse(body);
    return withSendFaults(world.faults, to, {
      throttled: (code = 10011, status = 429) => telnyxError(status, code),
      broken: telnyxError(500, 10007),
      accept: async () => {
        const checked = checkSend(body, account);
        if ("refused" in checked) return checked.refused;
        if (optOuts.isBlocked(account.profileId, checked.send.to)) {
          return telnyxError(403, 40300, "Messages cannot be sent due to an existing block rule.");
        }
        return accept(account, checked.send);
      },
    });
  }

  async function accept(account: TelnyxAccount, send: Send): Promise<Answer> {
    const { to: customer, from, text } = send;
    const id = randomUUID();
    const failure = world.faults.take("failed", { customer });
    const fault = await mediaFault(filesOf(send), world.closing);
    const isLost = failure !== undefined || fault !== undefined;
    const got = isLost ? undefined : world.phones.get({ id, customer, from, text, message: send, status: "queued" });
    const url = send.webhookUrl ?? webhookUrl;
    const taken = timestamp();
    const payload = (status: string) => ({
      ...resource(account, send, { id, status, url, receivedAt: taken }),
      errors: /failed$/.test(status) ? [telnyxFault(fault ? 40317 : (failure?.code ?? 40008))] : [],
    });
    sent.set(id, () => payload("queued"));
    const tell = (event: string, status: string) =>
      world.webhooks.deliver(
        telnyxWebhook({
          url,
          deliverTo: reach(url, { publicUrl: webhookUrl, deliverTo }),
          key: account.signingKey,
          event,
          payload: payload(status),
          customer,
          about: "receipt",
        }),
      );
    const way = [
      { event: "message.sent", status: "sent" },
      { event: "message.finalized", status: failure ? "delivery_failed" : "delivered" },
    ];
    const steps = (fault ? [{ event: "message.finalized", status: "sending_failed" }] : way).map(
      ({ event, status }) => ({
        reach: () => {
          sent.set(id, () => payload(status));
          if (got) world.phones.reach(got, status);
        },
        tell: () => tell(event, status),
      }),
    );
    await sendReceipts(steps, { customer, afterMs: receiptsAfterMs, faults: world.faults, closing: world.closing });
    return ok({ data: payload("queued") });
  }

  function write({ to, from, text, kind, element }: z.output<typeof Writing>): Answer {
    const account = accounts.find(({ numbers, profileId }) => numbers.includes(to) || profileId === to);
    const number = account?.numbers.find((one) => one === to) ?? account?.numbers[0];
    if (!account || number === undefined) return wrong(`to: ${to} is no number or messaging profile of any account`);
    if (kind === "text" && text === "" && element.text === undefined) return wrong("text: a message needs text");
    const id = randomUUID();
    const heard = optOuts.hear(account.profileId, from, text);
    if (heard) {
      const message = { from: number, to: from, text: heard.answer };
      world.phones.get({
        id: randomUUID(),
        customer: from,
        from: number,
        text: heard.answer,
        message,
        status: "delivered",
      });
    }
    const picture = () => {
      const file = world.files.keep({ customer: from, contentType: "image/jpeg", id: randomUUID() });
      const { contentType, bytes, sha256 } = file;
      const url = `https://media.telnyx.com/${file.id}.jpg`;
      return { url, content_type: contentType, sha256: sha256.toString("hex"), size: bytes.length };
    };
    const payload = {
      id,
      record_type: "message",
      direction: "inbound",
      type: kind === "text" ? "SMS" : "MMS",
      from: { phone_number: from, carrier: "MEO", line_type: "Wireless" },
      to: [{ phone_number: number, status: "webhook_delivered", carrier: "Telnyx", line_type: "Wireless" }],
      cc: [],
      text,
      subject: null,
      media: kind === "text" ? [] : [picture()],
      encoding: "GSM-7",
      parts: 1,
      messaging_profile_id: account.profileId,
      received_at: timestamp(),
      ...(heard && { autoresponse_type: heard.kind }),
      errors: [],
      tags: [],
      cost: null,
      webhook_url: webhookUrl,
      ...element,
    };
    const { signingKey: key } = account;
    void world.webhooks.deliver(
      telnyxWebhook({
        url: webhookUrl,
        deliverTo,
        key,
        event: "message.received",
        payload,
        customer: from,
        about: "message",
      }),
    );
    return ok({ ids: [String(payload.id)] });
  }

  return {
    api,
    // SMS may be sent at any time.
    impossible: ["expired_window", "file_not_ready"],
    readBody: ({ body }) => parseJson(body) ?? body,
    controls: {
      messages: control(Writing, write),
      webhooks: control(GivenWebhook, async ({ path, body, profileId, signature }) => {
        const account = accounts.find((one) => profileId === undefined || one.profileId === profileId);
        if (!account) return wrong(`profileId: there is no messaging profile ${profileId}`);
        const text = typeof body === "string" ? body : JSON.stringify(body);
        const valid = telnyxHeaders({ key: account.signingKey, body: text });
        const headers = {
          valid,
          wrong: telnyxHeaders({ key: STRANGER, body: text }),
          missing: telnyxHeaders(undefined),
          truncated: { ...valid, "telnyx-signature-ed25519": valid["telnyx-signature-ed25519"]?.slice(0, -8) ?? "" },
        };
        const answer = await call(
          `${new URL(deliverTo).origin}${path}`,
          { method: "POST", headers: headers[signature], body: text },
          { timeoutMs: TIMEOUT_MS, closing: world.closing },
        );
        return ok(
          answer.kind === "answered"
            ? { status: answer.status, body: answer.body }
            : { status: null, body: answer.kind },
        );
      }),
    },
  };
}

/** The message as Telnyx's API and its webhooks show it. */
function resource(
  { profileId }: TelnyxAccount,
  { type, to, from, text, mediaUrls, parts }: Send,
  { id, status, url, receivedAt }: { id: string; status: string; url: string; receivedAt: string },
): object {
  const isFinal = status === "delivered" || /failed$/.test(status);
  return {
    id,
    record_type: "message",
    direction: "outbound",
    type,
    messaging_profile_id: profileId,
    from: { phone_number: from, carrier: "Telnyx", line_type: "Wireless" },
    to: [{ phone_number: to, status, carrier: "MEO", line_type: "Wireless" }],
    cc: [],
    text,
    media: mediaUrls.map((media) => ({ url: media, content_type: null, sha256: null, size: null })),
    webhook_url: url,
    webhook_failover_url: null,
    encoding: "GSM-7",
    parts,
    tags: [],
    cost: { amount: "0.0051", currency: "USD" },
    received_at: receivedAt,
    sent_at: status === "queued" ? null : timestamp(),
    completed_at: isFinal ? timestamp() : null,
  };
}
