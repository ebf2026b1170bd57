/** WhatsApp Cloud API: one business number and its customers. */
import { createHash, randomBytes } from "node:crypto";
import { parsePhoneNumberFromString } from "libphonenumber-js";
import * as z from "zod";
import type { Answer, Reaction } from "../http.ts";
import type { PhoneMessage } from "../phones.ts";
import { type ReceiptStep, sendReceipts } from "../receipts.ts";
import { ok, type World, withSendFaults, wrong } from "../simulator.ts";
import { metaError, unknownError, whatsappFault } from "./errors.ts";
import { metaWebhook } from "./webhook.ts";
import { checkWhatsApp, type WhatsAppSend } from "./whatsapp-request.ts";

export interface PhoneNumber {
  id: string;
  displayPhoneNumber: string;
  accessToken: string;
  appSecret: string;
  verifyToken: string;
}

/** A customer writes to a business number. */
export const WhatsAppWriting = z.strictObject({
  phoneNumberId: z.string(),
  /** A phone number, or a business-scoped user id of somebody whose number stays hidden. */
  from: z.string().min(1),
  text: z.string().optional(),
  kind: z.enum(["text", "image", "location", "unsupported"]).optional(),
  name: z.string().optional(),
  /** The customer adopted a user name: the number is left out of webhooks. */
  username: z.string().optional(),
  /** The wamid that the customer quotes. */
  replyTo: z.string().optional(),
  /** An element of `messages[]` in WhatsApp's own form; what it leaves out of id, time and sender is filled in. */
  element: z.record(z.string(), z.unknown()).optional(),
  /** How long ago the customer wrote it. */
  secondsAgo: z.number().int().nonnegative().default(0),
});

const WINDOW_MS = 24 * 60 * 60 * 1000;
const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/** Templates that every new WhatsApp Business account has. */
const TEMPLATES = new Set(["hello_world"]);

/**
 * The business-scoped user id under which a customer is kept. The same number has the same id, so that a message to
 * the number finds the customer who wrote before.
 */
export function userIdOf(spelling: string): string {
  if (USER_ID.test(spelling)) return spelling;
  const digits = digitsOf(spelling);
  const country = parsePhoneNumberFromString(`+${digits}`)?.country ?? "US";
  return `${country}.${BigInt(`0x${createHash("sha256").update(digits).digest("hex").slice(0, 15)}`)}`;
}

function digitsOf(spelling: string): string {
  return spelling.replace(/\D/g, "");
}

function wamid(): string {
  return `wamid.HBgL${randomBytes(36).toString("base64")}`;
}

/** Unix seconds as text, as WhatsApp gives times. */
function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}

export interface WhatsAppOptions {
  world: World;
  webhookOrigin: string;
  receiptsAfterMs: readonly number[];
  retryAfterMs: readonly number[];
}

export function createWhatsApp({ world, webhookOrigin, receiptsAfterMs, retryAfterMs }: WhatsAppOptions) {
  /** `<phone number id> <user id>` → when that customer last wrote, ms since 1970. */
  const lastWrote = new Map<string, number>();
  /** Every message of a customer that the business may mark as read. */
  const written = new Set<string>();

  function post(number: PhoneNumber, customer: string, about: "message" | "receipt", value: object): Promise<void> {
    const payload = {
      object: "whatsapp_business_account",
      entry: [
        {
          id: `${number.id}9`,
          changes: [
            {
              value: {
                messaging_product: "whatsapp",
                metadata: { display_phone_number: digitsOf(number.displayPhoneNumber), phone_number_id: number.id },
                ...value,
              },
              field: "messages",
            },
          ],
        },
      ],
    };
    const url = `${webhookOrigin}/webhooks/whatsapp-cloud`;
    return world.webhooks.deliver(
      metaWebhook({ url, appSecret: number.appSecret, payload, customer, about }, retryAfterMs),
    );
  }

  function write(number: PhoneNumber, writing: z.output<typeof WhatsAppWriting>): Answer {
    const { from, text = "", kind = "text", username, replyTo, element, secondsAgo } = writing;
    if (kind === "text" && !element && text === "") return wrong("text: a message needs text");
    const userId = userIdOf(from);
    const isHidden = USER_ID.test(from) || username !== undefined;
    const waId = digitsOf(from);
    const id = typeof element?.id === "string" ? element.id : wamid();
    const at = Date.now() - secondsAgo * 1000;
    lastWrote.set(`${number.id} ${userId}`, at);
    written.add(id);
    void post(number, userId, "message", {
      contacts: [
        {
          profile: { name: writing.name ?? `Customer ${userId.slice(-4)}`, ...(username && { username }) },
          ...(!isHidden && { wa_id: waId }),
          user_id: userId,
        },
      ],
      messages: [
        {
          ...(!isHidden && { from: waId }),
          from_user_id: userId,
          id,
          timestamp: seconds(at),
          ...(replyTo && { context: { from: digitsOf(number.displayPhoneNumber), id: replyTo } }),
          ...(element ?? elementOf(kind, text)),
        },
      ],
    });
    return ok({ ids: [id] });
  }

  async function accept(number: PhoneNumber, send: WhatsAppSend, version: string): Promise<Answer> {
    // A user id in the place of a number is taken, and fails later.
    const isMisplaced = send.to !== undefined && USER_ID.test(send.to);
    const input = send.to ?? send.recipient ?? "";
    if (send.to !== undefined && !isMisplaced && !/^\+?[\d\s().-]{7,20}$/.test(send.to)) {
      return metaError({
        code: 131009,
        message: "(#131009) Parameter value is not valid",
        details: "Param to is not a valid WhatsApp number.",
      });
    }
    const customer = userIdOf(input);
    // Somebody unheard of may have written by a webhook made by hand, or before the simulator was started.
    const last = lastWrote.get(`${number.id} ${customer}`) ?? Date.now();
    const isClosed = Date.now() - last > WINDOW_MS;
    if (send.type === "template") {
      if (!TEMPLATES.has(send.template.name)) {
        return metaError({
          status: 404,
          code: 132001,
          message: "(#132001) Template name does not exist in the translation",
          details: `template name (${send.template.name}) does not exist in ${send.template.language.code}`,
        });
      }
    } else if (world.faults.take("expired_window", { customer }) || (isClosed && !isMisplaced)) {
      const { code, message, details } = whatsappFault(131047);
      return metaError({ code, message, details });
    }

    const id = wamid();
    const failure = world.faults.take("failed", { customer });
    const failsWith = failure ? (failure.code ?? 131026) : isMisplaced ? 131026 : undefined;
    const recipient = {
      ...(send.to !== undefined && !isMisplaced && { recipient_id: digitsOf(send.to) }),
      ...(failsWith === undefined && { recipient_user_id: customer }),
      ...(send.biz_opaque_callback_data !== undefined && { biz_opaque_callback_data: send.biz_opaque_callback_data }),
    };
    const tell = (status: string, more: object) =>
      post(number, customer, "receipt", {
        statuses: [{ id, status, timestamp: seconds(Date.now()), ...recipient, ...more }],
      });

    const steps: ReceiptStep[] = [];
    if (failsWith !== undefined) {
      const { code, title, message, details } = whatsappFault(failsWith);
      const errors = [{ code, title, message, error_data: { details } }];
      steps.push({ reach: () => {}, tell: () => tell("failed", { errors }) });
    } else {
      const got = world.phones.get({
        id,
        customer,
        from: number.id,
        ...(send.type === "text" && { text: send.text.body }),
        message: send,
        status: "accepted",
      });
      steps.push(...stepsOf(got, send, { conversation: conversationOf(id, version), tell }));
    }
    await sendReceipts(steps, { customer, afterMs: receiptsAfterMs, faults: world.faults, closing: world.closing });
    return ok({
      messaging_product: "whatsapp",
      contacts: [{ input, ...(send.to ? { wa_id: digitsOf(send.to) } : { user_id: customer }) }],
      messages: [{ id }],
    });
  }

  /** A reaction is only ever `sent`. */
  function stepsOf(
    got: PhoneMessage,
    send: WhatsAppSend,
    {
      conversation,
      tell,
    }: { conversation: Conversation | undefined; tell: (status: string, more: object) => Promise<void> },
  ): ReceiptStep[] {
    const pricing = priceOf(send);
    // The price comes with `sent` and with the first of the others; the end of the conversation with `sent` alone.
    const more: Record<string, object> = {
      sent: { ...(conversation && { conversation }), pricing },
      delivered: {
        ...(conversation && { conversation: { id: conversation.id, origin: conversation.origin } }),
        pricing,
      },
      read: {},
    };
    const statuses = send.type === "reaction" ? ["sent"] : ["sent", "delivered", "read"];
    return statuses.map((status) => ({
      reach: () => world.phones.reach(got, status),
      tell: () => tell(status, more[status] ?? {}),
    }));
  }

  async function send(number: PhoneNumber, version: string, body: Record<string, unknown>): Promise<Reaction> {
    const to = body.to ?? body.recipient;
    const customer = typeof to === "string" ? userIdOf(to) : "";
    return withSendFaults(world.faults, customer, {
      throttled: (code = 130429, status = 429) => {
        const fault = whatsappFault(code);
        return metaError({ status, code, message: fault.message, details: fault.details });
      },
      broken: metaError(unknownError),
      accept: async () => {
        const checked = checkWhatsApp(body);
        switch (checked.kind) {
          case "refused":
            return checked.answer;
          case "send":
            return accept(number, checked.send, version);
          case "read":
            if (written.has(checked.read.message_id)) return ok({ success: true });
            return metaError({
              code: 131009,
              message: "(#131009) Parameter value is not valid",
              details: "Param message_id is not a message that this number received.",
            });
        }
      },
    });
  }

  return { write, send };
}

function elementOf(kind: "text" | "image" | "location" | "unsupported", text: string): object {
  switch (kind) {
    case "text":
      return { type: "text", text: { body: text } };
    case "image": {
      const file = {
        id: String(randomBytes(6).readUIntBE(0, 6)),
        mime_type: "image/jpeg",
        sha256: randomBytes(32).toString("base64"),
      };
      return { type: "image", image: { ...(text && { caption: text }), ...file } };
    }
    case "location":
      return { type: "location", location: { latitude: 38.7223, longitude: -9.1393, ...(text && { name: text }) } };
    case "unsupported": {
      const words = { title: "Message type unknown", message: "Message type unknown" };
      const errors = [{ code: 131051, ...words, error_data: { details: "Message type is currently not supported." } }];
      return { type: "unsupported", unsupported: { type: "poll_creation" }, errors };
    }
  }
}

/** Per message since July 2025; free-form messages are charged since October 2026. */
function priceOf(send: WhatsAppSend): object {
  const category = send.type === "template" ? "utility" : "service";
  return { billable: true, pricing_model: "PMP", type: "regular", category };
}

interface Conversation {
  id: string;
  expiration_timestamp: string;
  origin: { type: string };
}

/** Up to v23.0 every message has a conversation of its own; later versions leave it out. */
function conversationOf(id: string, version: string): Conversation | undefined {
  if (Number(version.slice(1)) >= 24) return undefined;
  return {
    id: createHash("md5").update(id).digest("hex"),
    expiration_timestamp: seconds(Date.now() + WINDOW_MS),
    origin: { type: "service" },
  };
}
