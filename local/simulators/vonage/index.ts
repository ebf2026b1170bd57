/**
 * A Vonage on the loopback: its Messages API for SMS and MMS, signed statuses and signed inbound messages. Vonage leaves
 * STOP to whoever sends. Knows the vendor's rules and nothing of whoever calls it.
 */
import { createPublicKey, randomUUID, verify } from "node:crypto";
import * as z from "zod";
import { mediaFault } from "../fetch-media.ts";
import { type Answer, call, type Incoming, parseJson, type Reaction, reach, type Server } from "../http.ts";
import { sendReceipts } from "../receipts.ts";
import { control, ok, startSimulator, type Vendor, type World, withSendFaults, wrong } from "../simulator.ts";
import { unauthorized, vonageError, vonageProblem } from "./errors.ts";
import { checkSend, type Send } from "./request.ts";
import { RETRY_AFTER_MS, vonageHeaders, vonageToken, vonageWebhook } from "./webhook.ts";

interface VonageAccount {
  apiKey: string;
  apiSecret: string;
  signatureSecret: string;
  /** E.164, short codes, names. */
  numbers: string[];
  /** An application that may send beside the account; the key in any form that Node reads. */
  application?: { id: string; key: string };
}

export interface VonageSimulatorOptions {
  /** A free one by default. */
  port?: number;
  /** Public URL of the inbound webhook. */
  webhookUrl: string;
  /** URL that inbound messages are really posted to; statuses for the public origin go to this one's origin. */
  deliverTo: string;
  accounts: VonageAccount[];
  /** When a message is submitted and delivered, in ms after it was taken. */
  receiptsAfterMs?: readonly number[];
  /** Waits between attempts of a webhook that was not answered with success; their number bounds the attempts. */
  retryAfterMs?: readonly number[];
}

const Writing = z.strictObject({
  to: z.string(),
  from: z.string().min(1),
  text: z.string().default(""),
  kind: z.enum(["text", "image", "video", "audio", "vcard", "file"]).default("text"),
  /** More members of the webhook, or others in the place of Vonage's. */
  element: z.record(z.string(), z.unknown()).default({}),
});
const GivenWebhook = z.strictObject({
  path: z.string().startsWith("/"),
  /** JSON, or the raw body. */
  body: z.unknown(),
  apiKey: z.string().optional(),
  signature: z.enum(["valid", "wrong", "missing", "truncated"]).default("valid"),
});

const TYPES: Partial<Record<string, string>> = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/mpeg",
  vcard: "text/vcard",
  file: "application/pdf",
};
const TIMEOUT_MS = 15_000;

/** @throws when the port is taken */
export async function startVonageSimulator(options: VonageSimulatorOptions): Promise<Server> {
  const isCustomer = (key: string, spelling: string) => bare(key) === bare(spelling);
  return startSimulator(options.port ?? 0, isCustomer, (world) => vonage(world, options));
}

function vonage(world: World, options: VonageSimulatorOptions): Vendor {
  const { webhookUrl, deliverTo, accounts, receiptsAfterMs = [40, 120], retryAfterMs = RETRY_AFTER_MS } = options;

  /** Files that are given to a token of the application alone. */
  const secured = new Set<string>();

  async function api(request: Incoming): Promise<Reaction> {
    const account = accounts.find((one) => isAuthorized(request.headers.authorization ?? "", one));
    const [, stored] = /^\/v3\/media\/([\w-]+)$/.exec(request.path) ?? [];
    if (request.method === "GET" && stored !== undefined) {
      const file = world.files.find(stored);
      if (!account && secured.has(stored)) return unauthorized;
      return file ? world.files.give(file, vonageError(404, 1020, "Not found")) : vonageError(404, 1020, "Not found");
    }
    if (!account) return unauthorized;
    if (request.method !== "POST" || request.path !== "/v1/messages") return vonageError(404, 1020, "Not found");
    const body = parseJson(request.body);
    const { to } = z.object({ to: z.string() }).catch({ to: "" }).parse(body);
    return withSendFaults(world.faults, to, {
      throttled: (code = 1000, status = 429) => vonageError(status, code),
      broken: { status: 500, body: { type: "https://developer.vonage.com/api-errors", title: "Internal error" } },
      accept: async () => {
        const checked = checkSend(body, account.numbers);
        return "refused" in checked ? checked.refused : accept(account, checked.send, body);
      },
    });
  }

  async function accept(account: VonageAccount, send: Send, message: unknown): Promise<Answer> {
    const { channel, to, from, text, clientRef } = send;
    const customer = to;
    const id = randomUUID();
    const failure = world.faults.take("failed", { customer });
    const fault = await mediaFault(send.files, world.closing);
    const isLost = failure !== undefined || fault !== undefined;
    const got = isLost
      ? undefined
      : world.phones.get({ id, customer, from, ...(text !== undefined && { text }), message, status: "accepted" });
    const url = reach(send.webhookUrl ?? webhookUrl, { publicUrl: webhookUrl, deliverTo });
    const tell = async (status: string) => {
      const payload = {
        message_uuid: id,
        to,
        from,
        timestamp: new Date().toISOString(),
        status,
        ...(status === "rejected" && { error: vonageProblem(fault ? 1020 : (failure?.code ?? 1330)) }),
        ...(clientRef !== undefined && { client_ref: clientRef }),
        usage: { currency: "EUR", price: "0.0333" },
        channel,
        ...(channel === "sms" && { destination: { network_code: "26806" }, sms: { count_total: "1" } }),
      };
      await world.webhooks.deliver(vonageWebhook({ url, account, payload, customer, about: "receipt" }, retryAfterMs));
    };
    const statuses = fault ? ["rejected"] : ["submitted", failure ? "rejected" : "delivered"];
    const steps = statuses.map((status) => ({
      reach: () => got && world.phones.reach(got, status),
      tell: () => tell(status),
    }));
    await sendReceipts(steps, { customer, afterMs: receiptsAfterMs, faults: world.faults, closing: world.closing });
    return { status: 202, body: { message_uuid: id } };
  }

  function write({ to, from, text, kind, element }: z.output<typeof Writing>): Answer {
    const account = accounts.find(({ numbers }) => numbers.some((number) => bare(number) === bare(to)));
    if (!account) return wrong(`to: ${to} is no number of any account`);
    if (kind === "text" && text === "" && element.text === undefined) return wrong("text: a message needs text");
    const id = randomUUID();
    const file = () => {
      const { id } = world.files.keep({ customer: bare(from), contentType: TYPES[kind] ?? "", id: randomUUID() });
      if (account.application) secured.add(id);
      return { url: `https://api-us.nexmo.com/v3/media/${id}`, ...(text !== "" && { caption: text }) };
    };
    const payload = {
      to: bare(to),
      from: bare(from),
      channel: kind === "text" ? "sms" : "mms",
      message_uuid: id,
      timestamp: new Date().toISOString(),
      usage: { price: "0.0057", currency: "EUR" },
      message_type: kind,
      ...(kind === "text" ? { text, sms: { num_messages: "1", count_total: "1" } } : { [kind]: file() }),
      context_status: "none",
      ...element,
    };
    void world.webhooks.deliver(
      vonageWebhook({ url: deliverTo, account, payload, customer: bare(from), about: "message" }, retryAfterMs),
    );
    return ok({ ids: [String(payload.message_uuid)] });
  }

  return {
    api,
    // SMS may be sent at any time.
    impossible: ["expired_window", "file_not_ready", "other_file"],
    readBody: ({ body }) => parseJson(body) ?? body,
    controls: {
      messages: control(Writing, write),
      webhooks: control(GivenWebhook, async ({ path, body, apiKey, signature }) => {
        const account = accounts.find((one) => apiKey === undefined || one.apiKey === apiKey);
        if (!account) return wrong(`apiKey: there is no account ${apiKey}`);
        const text = typeof body === "string" ? body : JSON.stringify(body);
        const valid = vonageToken(account, text);
        const tokens = {
          valid,
          wrong: vonageToken({ ...account, signatureSecret: `not ${account.signatureSecret}` }, text),
          missing: undefined,
          truncated: valid.slice(0, -8),
        };
        const answer = await call(
          `${new URL(deliverTo).origin}${path}`,
          { method: "POST", headers: vonageHeaders(tokens[signature]), body: text },
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

/** The account's key and secret, or a token that its application's private key signed and that has not expired. */
function isAuthorized(authorization: string, { apiKey, apiSecret, application }: VonageAccount): boolean {
  if (authorization === `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`) return true;
  const [, head = "", claims = "", signature = ""] = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization) ?? [];
  const decoded = Claims.safeParse(parseJson(Buffer.from(claims, "base64url").toString("utf8"))).data;
  if (!application || decoded?.application_id !== application.id) return false;
  const isTimely = decoded.exp * 1000 > Date.now() && decoded.iat * 1000 <= Date.now();
  const key = createPublicKey(application.key);
  return isTimely && verify("sha256", Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"));
}

const Claims = z.object({ application_id: z.string(), iat: z.number(), exp: z.number(), jti: z.string() });

/** Vonage writes numbers without their plus sign. */
function bare(number: string): string {
  return number.replace(/^\+/, "");
}
