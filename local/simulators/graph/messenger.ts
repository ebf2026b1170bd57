/** Messenger and Instagram: the Pages and accounts of the business, and the people who wrote to them. */
import { randomBytes } from "node:crypto";
import { mediaFault } from "../fetch-media.ts";
import type { Answer, Reaction } from "../http.ts";
import { sendReceipts } from "../receipts.ts";
import { ok, type World, withSendFaults, wrong } from "../simulator.ts";
import { metaError, unfetchedFile, unknownError, wrongFileType } from "./errors.ts";
import { elementOf, type Kind, type Writing } from "./messenger-elements.ts";
import type { Product } from "./messenger-products.ts";
import { checkMessenger, linkedFiles, type MessengerSend } from "./messenger-request.ts";
import { profileOf } from "./profiles.ts";
import { createThreads, type Said } from "./threads.ts";
import { metaWebhook } from "./webhook.ts";

/** A Page, or an Instagram professional account. */
export interface Page {
  id: string;
  accessToken: string;
  appSecret: string;
  verifyToken: string;
}

const HOUR_MS = 60 * 60 * 1000;
const WINDOW_MS = 24 * HOUR_MS;
const HUMAN_AGENT_WINDOW_MS = 7 * WINDOW_MS;

/** What can be a page-scoped or Instagram-scoped id: Meta's are digits, and opaque. */
const PERSON = /^\w{1,64}$/;
/** The app that sends through the API, and Meta's own inbox, as their echoes name them. */
const APP_ID = 600000000000001;
const PAGE_INBOX = 26390203743090;

/** What is about a message that was there before, and what of it opens no window. */
const ABOUT_ANOTHER: ReadonlySet<Kind> = new Set(["reaction", "edit", "unsend"]);
const CHANGES: ReadonlySet<Kind> = new Set(["edit", "unsend"]);

function messageId(): string {
  return `m_${randomBytes(60).toString("base64url")}`;
}

export interface MessengerOptions {
  product: Product;
  /** Whether the app is subscribed to the news of this Page or account. */
  isTold: (id: string) => boolean;
  world: World;
  webhookOrigin: string;
  receiptsAfterMs: readonly number[];
  retryAfterMs: readonly number[];
}

export function createMessenger(options: MessengerOptions) {
  const { product, isTold, world, webhookOrigin, receiptsAfterMs, retryAfterMs } = options;
  const threads = createThreads();
  /** `<page> <person>` → when that person last wrote, ms since 1970. */
  const lastWrote = new Map<string, number>();
  /** The same → what that person is called. */
  const names = new Map<string, string | null>();

  async function post(page: Page, customer: string, about: "message" | "receipt", element: object): Promise<void> {
    if (!isTold(page.id)) return;
    const payload = { object: product.object, entry: [{ id: page.id, time: Date.now(), messaging: [element] }] };
    const url = `${webhookOrigin}/webhooks/${product.connector}`;
    return world.webhooks.deliver(
      metaWebhook({ url, appSecret: page.appSecret, payload, customer, about }, retryAfterMs),
    );
  }

  function write(page: Page, writing: Writing): Answer {
    const { from, text = "", kind = "text", replyTo, element, secondsAgo } = writing;
    if ((kind === "text" || kind === "edit") && !element && text === "") return wrong("text: a message needs text");
    if (ABOUT_ANOTHER.has(kind) && replyTo === undefined) return wrong("replyTo: which message is it about?");
    const mid = messageId();
    const at = Date.now() - secondsAgo * 1000;
    if (kind === "page_inbox") return writeInInbox(page, from, { mid, at, text });
    if (!CHANGES.has(kind)) lastWrote.set(`${page.id} ${from}`, at);
    if (writing.name !== undefined) names.set(`${page.id} ${from}`, writing.name);
    const said =
      element ??
      elementOf(kind, mid, writing, (contentType) =>
        product.fileUrl(world.files.keep({ customer: from, contentType })),
      );
    void post(page, from, "message", { sender: { id: from }, recipient: { id: page.id }, timestamp: at, ...said });
    const { message, postback } = said as {
      message?: Said["message"] & { mid?: unknown };
      postback?: { mid?: unknown };
    };
    const given = message?.mid ?? postback?.mid;
    const id = typeof given === "string" ? given : mid;
    if (message && !CHANGES.has(kind))
      threads.keep({ business: page.id, person: from, isOurs: false, mid: id, at, message });
    return ok({ ids: [id] });
  }

  /** Somebody of the business writes to the customer where Meta lets people write. */
  function writeInInbox(
    page: Page,
    person: string,
    { mid, at, text }: { mid: string; at: number; text: string },
  ): Answer {
    if (text === "") return wrong("text: a message needs text");
    const message = { mid, is_echo: true, app_id: PAGE_INBOX, text };
    threads.keep({ business: page.id, person, isOurs: true, mid, at, message });
    void post(page, person, "message", { sender: { id: page.id }, recipient: { id: person }, timestamp: at, message });
    return ok({ ids: [mid] });
  }

  async function accept(page: Page, send: MessengerSend): Promise<Answer> {
    const { recipient, message, messaging_type: messagingType, reply_to: replyTo } = send;
    const customer = recipient.id;
    if (!PERSON.test(customer)) {
      return metaError({
        code: 100,
        subcode: product.subcodes.unknownPerson,
        message: "(#100) No matching user found",
      });
    }
    // Somebody unheard of may have written by a webhook made by hand, or before the simulator was started.
    const last = lastWrote.get(`${page.id} ${customer}`) ?? Date.now();
    const isExpired = world.faults.take("expired_window", { customer }) !== undefined;
    const windowMs = messagingType === "MESSAGE_TAG" ? HUMAN_AGENT_WINDOW_MS : WINDOW_MS;
    // An approved template may come at any time.
    if (!message.template && (isExpired || Date.now() - last > windowMs)) {
      return metaError({
        status: 403,
        code: 10,
        subcode: product.subcodes.window,
        message:
          "(#10) This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview",
      });
    }

    const misfit = message.template && product.templateFault(message.template);
    if (misfit) return misfit;

    const fault = await mediaFault(linkedFiles(message), world.closing);
    if (fault) return metaError(fault === "wrong_type" ? wrongFileType : unfetchedFile);

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
    threads.keep({ business: page.id, person: customer, isOurs: true, mid, at: timestamp, message: echo });
    const receipts: { status: string; element: () => object | undefined }[] = [
      {
        status: "sent",
        element: () => ({ sender: { id: page.id }, recipient: { id: customer }, timestamp, message: echo }),
      },
      {
        status: "delivered",
        element: () =>
          product.tellsDelivery ? { ...person, delivery: { mids: [mid], watermark: timestamp } } : undefined,
      },
      {
        status: "read",
        element: () => ({ ...person, timestamp: Date.now(), read: product.read({ mid, timestamp }) }),
      },
    ];
    const steps = receipts.map(({ status, element }) => ({
      reach: () => world.phones.reach(got, status),
      tell: async () => {
        const told = element();
        if (told) await post(page, customer, "receipt", told);
      },
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
        const checked = checkMessenger(body, product.tooLong);
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

  function profile(page: Page, id: string, fields: string | null): Answer {
    const key = `${page.id} ${id}`;
    if (world.faults.take("profile_unavailable", { customer: id })) return metaError(unknownError);
    return profileOf(product.connector, { id, name: names.get(key), hasWritten: lastWrote.has(key) }, fields);
  }

  return { write, send, profile, threads };
}
