/** WhatsApp Cloud API: one business number and its customers. */
import { createHash, randomBytes } from "node:crypto";
import { parsePhoneNumberFromString } from "libphonenumber-js";
import { mediaFault } from "../fetch-media.ts";
import type { Answer, Reaction } from "../http.ts";
import type { PhoneMessage } from "../phones.ts";
import { type ReceiptStep, sendReceipts } from "../receipts.ts";
import { ok, type World, withSendFaults, wrong } from "../simulator.ts";
import { metaError, unknownError, whatsappFault } from "./errors.ts";
import { type Change, changeOf, faultIn, GROUP_ID, opensWindow, type WhatsAppWriting } from "./whatsapp-elements.ts";
import { linkedFiles } from "./whatsapp-files.ts";
import { checkWhatsApp, type WhatsAppSend } from "./whatsapp-request.ts";
import { categoryOf, templateFault } from "./whatsapp-templates.ts";

export interface PhoneNumber {
  id: string;
  displayPhoneNumber: string;
}

const WINDOW_MS = 24 * 60 * 60 * 1000;
const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

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

/** Of the WhatsApp Business Account that has the number. */
export function accountIdOf({ id }: PhoneNumber): string {
  return `${id}9`;
}

function wamid(): string {
  return `wamid.HBgL${randomBytes(36).toString("base64")}`;
}

function callId(): string {
  return `wacid.ABGG${randomBytes(18).toString("base64url")}`;
}

/** Unix seconds as text, as WhatsApp gives times. */
function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}

function userIdField(userId: string): Receiver {
  return { recipient_user_id: userId };
}

/** Whom a status names. */
type Receiver = Record<string, string | undefined>;

interface Addressee {
  /** Under whom it is kept what the phone has got: user id or group id. */
  customer: string;
  contact: object;
  receivers: readonly Receiver[];
  group?: { group_id: string };
  isMisplaced?: true;
}

/** One entry of a webhook, and whom it is about. */
export interface News {
  entry: object;
  customer: string;
  about: "message" | "receipt";
}

export interface WhatsAppOptions<Owned extends PhoneNumber> {
  world: World;
  receiptsAfterMs: readonly number[];
  /** Tells the business; resolves when it was told. */
  deliver: (number: Owned, news: News) => Promise<void>;
}

export function createWhatsApp<Owned extends PhoneNumber>(options: WhatsAppOptions<Owned>) {
  const { world, receiptsAfterMs, deliver } = options;
  /** `<phone number id> <user id>` → when that customer last wrote, ms since 1970. */
  const lastWrote = new Map<string, number>();
  /** Group id → who has written in it. */
  const groups = new Map<string, Set<string>>();
  /** Every message of a customer that the business may mark as read. */
  const written = new Set<string>();
  /** Messages that came to nothing, by id. */
  const failures = new Map<string, { from: string; at: string }>();

  function post(number: Owned, customer: string, about: News["about"], change: Change): Promise<void> {
    const metadata = { display_phone_number: digitsOf(number.displayPhoneNumber), phone_number_id: number.id };
    const value = { messaging_product: "whatsapp", metadata, ...change.value };
    const entry = { id: accountIdOf(number), changes: [{ value, field: change.field }] };
    return deliver(number, { entry, customer, about });
  }

  function write(number: Owned, writing: WhatsAppWriting): Answer {
    const fault = faultIn(writing);
    if (fault) return wrong(fault);
    const { from, username, element, secondsAgo } = writing;
    const userId = userIdOf(from);
    const isHidden = USER_ID.test(from) || username !== undefined;
    const waId = digitsOf(from);
    const id = typeof element?.id === "string" ? element.id : writing.kind === "call" ? callId() : wamid();
    const at = Date.now() - secondsAgo * 1000;
    const whose = writing.kind === "group" ? GROUP_ID : userId;
    if (opensWindow(writing)) lastWrote.set(`${number.id} ${whose}`, at);
    written.add(id);
    if (writing.kind === "group") {
      const people = groups.get(GROUP_ID) ?? new Set();
      groups.set(GROUP_ID, people.add(isHidden ? userId : waId));
    }
    const change = changeOf(writing, {
      id,
      timestamp: seconds(at),
      business: digitsOf(number.displayPhoneNumber),
      sender: { ...(!isHidden && { from: waId }), from_user_id: userId },
      contact: {
        profile: { name: writing.name ?? `Customer ${userId.slice(-4)}`, ...(username && { username }) },
        ...(!isHidden && { wa_id: waId }),
        user_id: userId,
      },
      file: (mime_type) => {
        const { id, sha256 } = world.files.keep({ customer: userId, contentType: mime_type });
        return { mime_type, sha256: sha256.toString("base64"), id };
      },
    });
    void post(number, userId, "message", change);
    return ok({ ids: [id] });
  }

  /** Who a send is for: a group, a customer, or nobody whom WhatsApp could know. */
  function addressee({ recipient_type: kind, to, recipient }: WhatsAppSend): Addressee | undefined {
    const input = to ?? recipient ?? "";
    if (kind === "group") {
      const people = groups.get(input);
      if (!people) return undefined;
      const receivers = [...people].map((participant) => ({
        recipient_id: input,
        recipient_type: "group",
        ...(USER_ID.test(participant)
          ? { recipient_participant_user_id: participant }
          : { recipient_participant_id: participant }),
      }));
      return { customer: input, contact: { input }, receivers, group: { group_id: input } };
    }
    const customer = userIdOf(input);
    if (to === undefined)
      return { customer, contact: { input, user_id: customer }, receivers: [userIdField(customer)] };
    const contact = { input, wa_id: digitsOf(to) };
    // A user id in the place of a number is taken, and fails later.
    if (USER_ID.test(to)) return { customer, contact, receivers: [{}], isMisplaced: true };
    if (!/^\+?[\d\s().-]{7,20}$/.test(to)) return undefined;
    return { customer, contact, receivers: [{ recipient_id: digitsOf(to), ...userIdField(customer) }] };
  }

  async function accept(number: Owned, send: WhatsAppSend, version: string): Promise<Answer> {
    const whom = addressee(send);
    if (!whom) {
      return metaError({
        code: 131009,
        message: "(#131009) Parameter value is not valid",
        details: "Param to is not a valid WhatsApp number.",
      });
    }
    const { customer, contact, receivers, group, isMisplaced = false } = whom;
    // Somebody unheard of may have written by a webhook made by hand, or before the simulator was started.
    const last = lastWrote.get(`${number.id} ${customer}`) ?? Date.now();
    const isClosed = Date.now() - last > WINDOW_MS;
    if (send.type === "template") {
      const fault = templateFault(send.template);
      if (fault) return fault;
    } else if (world.faults.take("expired_window", { customer }) || (isClosed && !isMisplaced)) {
      const { code, message, details } = whatsappFault(131047);
      return metaError({ code, message, details });
    }

    const id = wamid();
    const failure = world.faults.take("failed", { customer });
    const isWithoutFile = (await mediaFault(linkedFiles(send), world.closing)) !== undefined;
    const failsWith = failure ? (failure.code ?? 131026) : isMisplaced ? 131026 : isWithoutFile ? 131053 : undefined;
    const correlation = send.biz_opaque_callback_data;
    const tell = (status: string, more: object) => {
      const about = { id, status, timestamp: seconds(Date.now()) };
      const ours = { ...(correlation !== undefined && { biz_opaque_callback_data: correlation }), ...more };
      // A failure does not name the user id, a group has one status for each who is in it.
      const statuses = receivers.map(({ recipient_user_id: userId, ...receiver }) => ({
        ...about,
        ...receiver,
        ...(failsWith === undefined && userId !== undefined && { recipient_user_id: userId }),
        ...ours,
      }));
      return post(number, customer, "receipt", { field: "messages", value: { statuses } });
    };

    const steps: ReceiptStep[] = [];
    if (failsWith !== undefined) {
      const { code, title, message, details } = whatsappFault(failsWith);
      const errors = [{ code, title, message, error_data: { details } }];
      const reach = () => void failures.set(id, { from: number.id, at: new Date().toISOString() });
      steps.push({ reach, tell: () => tell("failed", { errors }) });
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
    return ok({ messaging_product: "whatsapp", contacts: [contact], messages: [{ id, ...group }] });
  }

  /** A reaction is only ever `sent`; a voice note is played too. */
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
    const isVoice = send.type === "audio" && send.audio.voice === true;
    const whole = ["sent", "delivered", "read", ...(isVoice ? ["played"] : [])];
    const statuses = send.type === "reaction" ? ["sent"] : whole;
    return statuses.map((status) => ({
      reach: () => world.phones.reach(got, status),
      tell: () => tell(status, more[status] ?? {}),
    }));
  }

  async function send(number: Owned, version: string, body: Record<string, unknown>): Promise<Reaction> {
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

  return { write, send, failures };
}

/** Per message since July 2025; free-form messages are charged since October 2026. */
function priceOf(send: WhatsAppSend): object {
  const category = send.type === "template" ? categoryOf(send.template.name) : "service";
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
