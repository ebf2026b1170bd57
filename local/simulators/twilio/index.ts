/**
 * A Twilio on the loopback: sends by `Messages.json`, signed status callbacks, signed inbound messages, and Twilio's
 * own handling of STOP and START. Knows the vendor's rules and nothing of whoever calls it.
 */
import { randomBytes } from "node:crypto";
import { SegmentedMessage } from "sms-segments-calculator";
import * as z from "zod";
import { mediaFault } from "../fetch-media.ts";
import { type Answer, call, type Incoming, type Reaction, reach, type Server } from "../http.ts";
import { isSameNumber, type PhoneMessage } from "../phones.ts";
import { sendReceipts } from "../receipts.ts";
import { control, ok, startSimulator, type Vendor, type World, withSendFaults, wrong } from "../simulator.ts";
import { ERROR_MESSAGES, MEDIA_CODES, twilioError } from "./errors.ts";
import { createMessages, type Row, rfc2822 } from "./messages.ts";
import { createOptOuts, optOutType } from "./opt-out.ts";
import { checkSend, filesOf, type MessagingService, type Send } from "./request.ts";
import { type Params, twilioHeaders, twilioSignature, twilioWebhook } from "./webhook.ts";

interface TwilioAccount {
  accountSid: string;
  authToken: string;
  apiKey: string;
  apiSecret: string;
  /** E.164, or short codes. */
  numbers: string[];
  /** Messaging Services, each with the numbers of its pool; they tell which word a customer used (Advanced Opt-Out). */
  services?: MessagingService[];
}

export interface TwilioSimulatorOptions {
  /** A free one by default. */
  port?: number;
  /** Public URL of the inbound webhook: what is signed. */
  webhookUrl: string;
  /** URL that inbound messages are really posted to; callbacks to the public origin go to this one's origin. */
  deliverTo: string;
  accounts: TwilioAccount[];
  /** When a message is sending, sent and delivered, in ms after it was taken. */
  receiptsAfterMs?: readonly number[];
}

const Writing = z.strictObject({
  to: z.string(),
  from: z.string().min(1),
  text: z.string().default(""),
  kind: z.enum(["text", "image"]).default("text"),
  /** More parameters of the webhook, or others in the place of Twilio's. */
  element: z.record(z.string(), z.string()).default({}),
});
const GivenWebhook = z.strictObject({
  path: z.string().startsWith("/"),
  /** Parameters, or the raw form. */
  body: z.union([z.record(z.string(), z.string()), z.string()]),
  accountSid: z.string().optional(),
  signature: z.enum(["valid", "wrong", "missing", "truncated"]).default("valid"),
});

const API_VERSION = "2010-04-01";
const MEDIA_PATH = `^/${API_VERSION}/Accounts/AC[^/]+/Messages/[^/]+/Media/(ME[^/.]+)$`;
const NO_SUCH_FILE: Answer = { status: 403, body: "Access Denied" };
const TIMEOUT_MS = 15_000;
/** Parameters about places that Twilio could not tell are sent empty, and signed. */
const NOWHERE: Params = {
  FromCity: "",
  FromState: "",
  FromZip: "",
  FromCountry: "",
  ToCity: "",
  ToState: "",
  ToZip: "",
  ToCountry: "US",
};

/** @throws when the port is taken */
export async function startTwilioSimulator(options: TwilioSimulatorOptions): Promise<Server> {
  return startSimulator(options.port ?? 0, isSameNumber, (world) => twilio(world, options));
}

function twilio(world: World, options: TwilioSimulatorOptions): Vendor {
  const { webhookUrl, deliverTo, accounts, receiptsAfterMs = [20, 60, 120] } = options;
  const optOuts = createOptOuts();
  const messages = createMessages();

  async function api(request: Incoming): Promise<Reaction> {
    const stored = request.method === "GET" ? /^\/AC[0-9a-f]{32}\/(ME[0-9a-f]{32})$/i.exec(request.path) : null;
    if (stored) return giveStored(request, stored[1] ?? "");
    const [user, secret] = basicAuth(request);
    const account = accounts.find(
      ({ accountSid, authToken, apiKey, apiSecret }) =>
        (user === apiKey && secret === apiSecret) || (user === accountSid && secret === authToken),
    );
    if (!account) return twilioError(401, 20003, "Authenticate");
    const [, media] = new RegExp(MEDIA_PATH).exec(request.path) ?? [];
    if (request.method === "GET" && media !== undefined) return whereIs(account, media, request.path);
    const base = `/${API_VERSION}/Accounts/${account.accountSid}/Messages`;
    const shown = request.method === "GET" ? messages.answer(request, base) : undefined;
    if (shown) return shown;
    if (request.method !== "POST" || request.path !== `${base}.json`) {
      return twilioError(404, 20404, `The requested resource ${request.path} was not found`);
    }
    const form = formOf(request);
    return withSendFaults(world.faults, form.get("To") ?? "", {
      throttled: (code = 20429, status = 429) => twilioError(status, code, "Too Many Requests"),
      broken: twilioError(500, 20500, "Internal Server Error"),
      accept: async () => {
        const checked = checkSend(form, account);
        if ("refused" in checked) return checked.refused;
        const { from, to, service } = checked.send;
        if (optOuts.isBlocked(service ?? from, to))
          return twilioError(400, 21610, "Attempt to send to unsubscribed recipient");
        return accept(account, checked.send);
      },
    });
  }

  /** The API sends on to where the file lies, once it is there. */
  function whereIs({ accountSid }: TwilioAccount, media: string, path: string): Answer {
    const file = world.files.find(media);
    const isReady = file && !world.faults.take("file_not_ready", { customer: file.customer });
    if (!isReady || !path.includes(accountSid))
      return twilioError(404, 20404, `The requested resource ${path} was not found`);
    const location = `https://media.twiliocdn.com/${accountSid}/${media}?Expires=${Math.floor(Date.now() / 1000) + 14_400}`;
    return { status: 307, headers: { location }, body: "" };
  }

  /** The address is signed in itself; whoever brings credentials all the same is refused. */
  async function giveStored({ headers }: Incoming, media: string): Promise<Answer> {
    const file = world.files.find(media);
    if (headers.authorization !== undefined) return { status: 400, body: "Only one auth mechanism allowed" };
    return file ? world.files.give(file, NO_SUCH_FILE) : NO_SUCH_FILE;
  }

  async function accept(account: TwilioAccount, send: Send): Promise<Answer> {
    const { to, from, body, statusCallback } = send;
    const customer = to;
    const sid = newSid(send.mediaUrls.length > 0 ? "MM" : "SM");
    const failure = world.faults.take("failed", { customer });
    const fault = await mediaFault(filesOf(send), world.closing);
    const statuses = fault ? ["failed"] : ["sending", "sent", failure ? "undelivered" : "delivered"];
    const isLost = failure !== undefined || fault !== undefined;
    const got = isLost
      ? undefined
      : world.phones.get({ id: sid, customer, from, text: body, message: send, status: "queued" });
    const code = fault ? MEDIA_CODES[fault] : (failure?.code ?? 30003);
    const callback = async (status: string) => {
      if (statusCallback === undefined) return;
      const params = {
        ApiVersion: API_VERSION,
        MessageSid: sid,
        SmsSid: sid,
        MessageStatus: status,
        SmsStatus: status,
        AccountSid: account.accountSid,
        From: from,
        To: to,
        ...(send.service !== undefined && { MessagingServiceSid: send.service }),
        ...((status === "undelivered" || status === "failed") && {
          ErrorCode: String(code),
          ErrorMessage: ERROR_MESSAGES[code] ?? "Unknown error",
        }),
        ...((status === "delivered" || status === "undelivered") && { RawDlrDoneDate: rawDoneDate() }),
      };
      const { authToken } = account;
      await world.webhooks.deliver(
        twilioWebhook({
          url: statusCallback,
          deliverTo: reach(statusCallback, { publicUrl: webhookUrl, deliverTo }),
          authToken,
          params,
          customer,
          about: "receipt",
        }),
      );
    };
    messages.keep(resource(account, send, sid));
    const steps = statuses.map((status) => ({
      reach: () => {
        const error = { error_code: code, error_message: ERROR_MESSAGES[code] ?? "Unknown error" };
        const isSent = status === "sent" && { date_sent: rfc2822(Date.now()), from };
        messages.change(sid, { status, ...isSent, ...((status === "undelivered" || status === "failed") && error) });
        if (got) world.phones.reach(got, status);
      },
      tell: () => callback(status),
    }));
    await sendReceipts(steps, { customer, afterMs: receiptsAfterMs, faults: world.faults, closing: world.closing });
    return { status: 201, body: resource(account, send, sid) };
  }

  function write({ to, from, text, kind, element }: z.output<typeof Writing>): Answer {
    const found = accounts
      .flatMap((account) => [
        ...(account.services ?? []).flatMap(({ sid, numbers }) =>
          numbers.map((number) => ({ account, number, service: sid })),
        ),
        ...account.numbers.map((number) => ({ account, number, service: undefined })),
      ])
      .find(({ number, service }) => number === to || service === to);
    if (!found) return wrong(`to: ${to} is no number or Messaging Service of any account`);
    const { account, number, service } = found;
    if (kind === "text" && text === "" && element.Body === undefined) return wrong("text: a message needs text");
    const sid = element.MessageSid ?? newSid(kind === "image" ? "MM" : "SM");
    const media = `https://api.twilio.com/${API_VERSION}/Accounts/${account.accountSid}/Messages/${sid}/Media/`;
    const picture = () => world.files.keep({ customer: from, contentType: "image/jpeg", id: newSid("ME") });
    const params: Params = {
      ...NOWHERE,
      ApiVersion: API_VERSION,
      MessageSid: sid,
      SmsSid: sid,
      SmsMessageSid: sid,
      AccountSid: account.accountSid,
      From: from,
      To: number,
      Body: text,
      NumMedia: kind === "image" ? "1" : "0",
      ...(kind === "image" && { MediaUrl0: media + picture().id, MediaContentType0: "image/jpeg" }),
      NumSegments: segments(text),
      SmsStatus: "received",
      ...(service !== undefined && { MessagingServiceSid: service, ...optOutType(text) }),
      ...element,
    };
    const file = params.MediaUrl0?.slice(-"ME".length - 32);
    messages.keep(inbound(params), file === undefined ? [] : [{ sid: file, content_type: "image/jpeg" }]);
    const answered = optOuts.hear(service ?? number, from, params.Body ?? "");
    if (answered !== undefined) replyAsTwilio(number, from, answered);
    void world.webhooks.deliver(
      twilioWebhook({
        url: webhookUrl,
        deliverTo,
        authToken: account.authToken,
        params,
        customer: from,
        about: "message",
        onAnswer: ({ status, contentType, body }) => {
          if (status !== 200) return;
          for (const reply of repliesIn(contentType, body)) replyAsTwilio(number, from, reply);
        },
      }),
    );
    return ok({ ids: [sid] });
  }

  /** What Twilio writes by itself, or because the answer to a webhook told it to: no message of the API. */
  function replyAsTwilio(from: string, customer: string, text: string): PhoneMessage {
    const id = newSid("SM");
    return world.phones.get({
      id,
      customer,
      from,
      text,
      message: { from, to: customer, body: text },
      status: "delivered",
    });
  }

  return {
    api,
    // SMS may be sent at any time.
    impossible: ["expired_window", "other_file"],
    readBody: (request) => {
      const form = formOf(request);
      const read: Record<string, string | string[]> = {};
      for (const name of form.keys()) {
        const values = form.getAll(name);
        read[name] = values.length > 1 ? values : (values[0] ?? "");
      }
      return read;
    },
    controls: {
      messages: control(Writing, write),
      webhooks: control(GivenWebhook, async ({ path, body, accountSid, signature }) => {
        const account = accounts.find((one) => accountSid === undefined || one.accountSid === accountSid);
        if (!account) return wrong(`accountSid: there is no account ${accountSid}`);
        const url = `${new URL(webhookUrl).origin}${path}`;
        const params = typeof body === "string" ? Object.fromEntries(new URLSearchParams(body)) : body;
        const valid = twilioSignature(account.authToken, url, params);
        const signatures = {
          valid,
          wrong: twilioSignature(`not ${account.authToken}`, url, params),
          missing: undefined,
          truncated: valid.slice(0, -8),
        };
        const answer = await call(
          `${new URL(deliverTo).origin}${path}`,
          {
            method: "POST",
            headers: twilioHeaders(signatures[signature]),
            body: typeof body === "string" ? body : new URLSearchParams(body).toString(),
          },
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

function basicAuth(request: Incoming): [user: string, secret: string] {
  const [, encoded = ""] = /^Basic (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  const [user = "", ...secret] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return [user, secret.join(":")];
}

/** Only a form counts; of any other body Twilio sees no parameter. */
function formOf({ headers, body }: Incoming): URLSearchParams {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return new URLSearchParams(isForm ? body : "");
}

function newSid(prefix: "SM" | "MM" | "ME"): string {
  return prefix + randomBytes(16).toString("hex");
}

function segments(body: string): string {
  return String(Math.max(new SegmentedMessage(body).segmentsCount, 1));
}

/** A customer's message as the API shows it. */
function inbound({ MessageSid: sid = "", From = "", To = "", ...params }: Params): Row {
  const { AccountSid: accountSid = "", Body: body = "", NumMedia, NumSegments, MessagingServiceSid } = params;
  const sent = resource(
    { accountSid },
    { to: To, from: From, body: "", mediaUrls: [], statusCallback: undefined },
    sid,
  );
  const counts = { num_media: NumMedia ?? "0", num_segments: NumSegments ?? "1" };
  const came = { direction: "inbound", status: "received", date_sent: rfc2822(Date.now()), body, ...counts };
  return { ...sent, ...came, messaging_service_sid: MessagingServiceSid ?? null };
}

/** The message as Twilio's API shows it right after it was taken. */
function resource(
  { accountSid }: Pick<TwilioAccount, "accountSid">,
  { to, from, service, body, mediaUrls }: Send,
  sid: string,
): Row {
  const uri = `/${API_VERSION}/Accounts/${accountSid}/Messages/${sid}`;
  const now = rfc2822(Date.now());
  return {
    account_sid: accountSid,
    api_version: API_VERSION,
    body,
    date_created: now,
    date_sent: null,
    date_updated: now,
    direction: "outbound-api",
    error_code: null,
    error_message: null,
    // Until the service has picked a sender of its pool.
    from: service === undefined ? from : null,
    messaging_service_sid: service ?? null,
    num_media: String(mediaUrls.length),
    num_segments: service === undefined ? segments(body) : "0",
    price: null,
    price_unit: "USD",
    sid,
    status: service === undefined ? "queued" : "accepted",
    subresource_uris: { media: `${uri}/Media.json` },
    to,
    uri: `${uri}.json`,
  };
}

/** YYMMDDhhmm, as carriers give it. */
function rawDoneDate(): string {
  return new Date().toISOString().slice(2, 16).replace(/\D/g, "");
}

/** TwiML's `<Message>`s; a plain text answer is itself sent to the customer. */
function repliesIn(contentType: string, body: string): string[] {
  if (contentType.startsWith("text/plain")) return body.trim() === "" ? [] : [body];
  return [...body.matchAll(/<Message>(?:<Body>)?([^<]+)/g)].map(([, text = ""]) => text);
}
