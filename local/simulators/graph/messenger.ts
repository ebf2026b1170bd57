/** Messenger: one Page and the people who wrote to it. */
import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { Answer, Reaction } from "../http.ts";
import { sendReceipts } from "../receipts.ts";
import { ok, type World, withSendFaults, wrong } from "../simulator.ts";
import { metaError, unknownError } from "./errors.ts";
import { checkMessenger, type MessengerSend } from "./messenger-request.ts";
import { metaWebhook } from "./webhook.ts";

export interface Page {
  id: string;
  accessToken: string;
  appSecret: string;
  verifyToken: string;
}

/** Somebody writes to a Page. */
export const MessengerWriting = z.strictObject({
  pageId: z.string(),
  /** The page-scoped id. */
  from: z.string().min(1),
  text: z.string().optional(),
  kind: z.enum(["text", "image", "postback"]).optional(),
  /** The mid that is answered. */
  replyTo: z.string().optional(),
  /** An element of `messaging[]` in Messenger's own form; what it leaves out of sender, recipient and time is filled in. */
  element: z.record(z.string(), z.unknown()).optional(),
  /** How long ago it was written. */
  secondsAgo: z.number().int().nonnegative().default(0),
});

const HOUR_MS = 60 * 60 * 1000;
const WINDOW_MS = 24 * HOUR_MS;
const HUMAN_AGENT_WINDOW_MS = 7 * WINDOW_MS;

/** What can be a page-scoped id: Meta's are digits, and opaque. */
const PERSON = /^\w{1,64}$/;
/** The app that sends through the API, as its echoes name it. */
const APP_ID = 600000000000001;

function messageId(): string {
  return `m_${randomBytes(60).toString("base64url")}`;
}

export interface MessengerOptions {
  world: World;
  webhookOrigin: string;
  receiptsAfterMs: readonly number[];
  retryAfterMs: readonly number[];
}

export function createMessenger({ world, webhookOrigin, receiptsAfterMs, retryAfterMs }: MessengerOptions) {
  /** `<page> <person>` → when that person last wrote, ms since 1970. */
  const lastWrote = new Map<string, number>();

  function post(page: Page, customer: string, about: "message" | "receipt", element: object): Promise<void> {
    const payload = { object: "page", entry: [{ id: page.id, time: Date.now(), messaging: [element] }] };
    const url = `${webhookOrigin}/webhooks/messenger`;
    return world.webhooks.deliver(
      metaWebhook({ url, appSecret: page.appSecret, payload, customer, about }, retryAfterMs),
    );
  }

  function write(page: Page, writing: z.output<typeof MessengerWriting>): Answer {
    const { from, text = "", kind = "text", replyTo, element, secondsAgo } = writing;
    if (kind === "text" && !element && text === "") return wrong("text: a message needs text");
    const mid = messageId();
    const at = Date.now() - secondsAgo * 1000;
    lastWrote.set(`${page.id} ${from}`, at);
    const said = element ?? elementOf(kind, { mid, text, replyTo });
    void post(page, from, "message", { sender: { id: from }, recipient: { id: page.id }, timestamp: at, ...said });
    const given = (said as { message?: { mid?: unknown } }).message?.mid;
    return ok({ ids: [typeof given === "string" ? given : mid] });
  }

  async function accept(page: Page, send: MessengerSend): Promise<Answer> {
    const { recipient, message, messaging_type: messagingType, reply_to: replyTo } = send;
    const customer = recipient.id;
    if (!PERSON.test(customer)) {
      return metaError({ code: 100, subcode: 2018001, message: "(#100) No matching user found" });
    }
    // Somebody unheard of may have written by a webhook made by hand, or before the simulator was started.
    const last = lastWrote.get(`${page.id} ${customer}`) ?? Date.now();
    const isExpired = world.faults.take("expired_window", { customer }) !== undefined;
    const windowMs = messagingType === "MESSAGE_TAG" ? HUMAN_AGENT_WINDOW_MS : WINDOW_MS;
    if (isExpired || Date.now() - last > windowMs) {
      return metaError({
        status: 403,
        code: 10,
        subcode: 2018278,
        message:
          "(#10) This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview",
      });
    }

    const mid = messageId();
    const timestamp = Date.now();
    const { text, metadata, attachment } = message;
    const got = world.phones.get({
      id: mid,
      customer,
      from: page.id,
      ...(text !== undefined && { text }),
      message,
      status: "accepted",
    });
    const person = { sender: { id: customer }, recipient: { id: page.id } };
    const echo = {
      mid,
      is_echo: true,
      app_id: APP_ID,
      ...(metadata !== undefined && { metadata }),
      ...(text !== undefined && { text }),
      ...(attachment && { attachments: [attachment] }),
      ...(replyTo && { reply_to: { mid: replyTo.mid } }),
    };
    const receipts: { status: string; element: () => object }[] = [
      {
        status: "sent",
        element: () => ({ sender: { id: page.id }, recipient: { id: customer }, timestamp, message: echo }),
      },
      { status: "delivered", element: () => ({ ...person, delivery: { mids: [mid], watermark: timestamp } }) },
      { status: "read", element: () => ({ ...person, timestamp: Date.now(), read: { watermark: timestamp } }) },
    ];
    const steps = receipts.map(({ status, element }) => ({
      reach: () => world.phones.reach(got, status),
      tell: () => post(page, customer, "receipt", element()),
    }));
    await sendReceipts(steps, { customer, afterMs: receiptsAfterMs, faults: world.faults, closing: world.closing });
    return ok({ recipient_id: customer, message_id: mid });
  }

  async function send(page: Page, body: Record<string, unknown>): Promise<Reaction> {
    const customer = (body.recipient as { id?: unknown } | undefined)?.id;
    return withSendFaults(world.faults, typeof customer === "string" ? customer : "", {
      throttled: (code = 613, status = 400) =>
        metaError({ status, code, message: `(#${code}) Calls to this API have exceeded the rate limit.` }),
      broken: metaError(unknownError),
      accept: async () => {
        const checked = checkMessenger(body);
        switch (checked.kind) {
          case "refused":
            return checked.answer;
          case "action":
            return ok({ recipient_id: checked.action.recipient.id });
          case "send":
            return accept(page, checked.send);
        }
      },
    });
  }

  return { write, send };
}

function elementOf(
  kind: "text" | "image" | "postback",
  { mid, text, replyTo }: { mid: string; text: string; replyTo: string | undefined },
): object {
  const answered = replyTo ? { reply_to: { mid: replyTo } } : {};
  switch (kind) {
    case "text":
      return { message: { mid, text, ...answered } };
    case "image": {
      const payload = { url: "https://scontent.example/v/t1/picture.jpg" };
      return { message: { mid, ...(text && { text }), attachments: [{ type: "image", payload }], ...answered } };
    }
    case "postback":
      return { postback: { mid, title: text || "Get Started", payload: "GET_STARTED" } };
  }
}
