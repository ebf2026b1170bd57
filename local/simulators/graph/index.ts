/**
 * A Graph API on the loopback: WhatsApp Cloud API, Messenger and Instagram, as far as text, media by id or link, location,
 * contacts, reactions, interactive messages, templates, read receipts and typing go. Knows the vendor's rules and
 * nothing of whoever calls it.
 */
import { randomInt } from "node:crypto";
import * as z from "zod";
import { type Answer, call, type Incoming, parseJson, type Reaction, type Server } from "../http.ts";
import { control, ok, startSimulator, type Vendor, type World, wrong } from "../simulator.ts";
import { badToken, invalidJson, metaError, unknownMedia, unknownObject, unknownPath } from "./errors.ts";
import { createGraphFiles } from "./files.ts";
import { createMessenger, type Page } from "./messenger.ts";
import { Writing } from "./messenger-elements.ts";
import { instagramProduct, messengerProduct } from "./messenger-products.ts";
import { createSubscriptions, read } from "./reading.ts";
import { hubSignature, metaHeaders, metaJson, metaWebhook, RETRY_AFTER_MS } from "./webhook.ts";
import { createWhatsApp, type PhoneNumber, userIdOf } from "./whatsapp.ts";
import { WhatsAppWriting } from "./whatsapp-elements.ts";

interface CloudNumber extends PhoneNumber {
  accessToken: string;
  appSecret: string;
  verifyToken: string;
}

export interface GraphSimulatorOptions {
  /** A free one by default. */
  port?: number;
  /** Webhooks go to `<webhookOrigin>/webhooks/whatsapp-cloud`, `/webhooks/messenger` and `/webhooks/instagram`. */
  webhookOrigin: string;
  phoneNumbers: CloudNumber[];
  pages: Page[];
  instagramAccounts?: Page[];
  /** When a message is sent, delivered and read, in ms after it was taken. */
  receiptsAfterMs?: readonly number[];
  /** Waits between attempts of a webhook that was not answered 200; their number bounds the attempts. */
  retryAfterMs?: readonly number[];
}

const HANDSHAKE_TIMEOUT_MS = 15_000;

const Whose = {
  phoneNumberId: z.string().optional(),
  pageId: z.string().optional(),
  instagramId: z.string().optional(),
};
/** How a control request names the number, the Page or the Instagram account. */
type Named = { [Name in keyof typeof Whose]?: string | undefined };
const Handshake = z.strictObject({
  ...Whose,
  verifyToken: z.string().optional(),
  mode: z.string().default("subscribe"),
});
/** What the app is told of a Page or an account, and whether its token may change that. */
const Subscription = z.strictObject({
  pageId: z.string().optional(),
  instagramId: z.string().optional(),
  fields: z.array(z.string()),
  mayManage: z.boolean().default(true),
});
const GivenWebhook = z.strictObject({
  ...Whose,
  path: z.string().startsWith("/"),
  /** Text is sent as it is, anything else as Meta writes JSON. */
  body: z.unknown(),
  signature: z.enum(["valid", "wrong", "missing", "truncated"]).default("valid"),
});

/** @throws when the port is taken */
export async function startGraphSimulator(options: GraphSimulatorOptions): Promise<Server> {
  // A customer of WhatsApp is kept under the user id, one of Messenger or Instagram under the scoped id as it is.
  const isCustomer = (key: string, spelling: string) => key === spelling || key === userIdOf(spelling);
  return startSimulator(options.port ?? 0, isCustomer, (world) => graph(world, options));
}

function graph(world: World, options: GraphSimulatorOptions): Vendor {
  const {
    webhookOrigin,
    phoneNumbers,
    pages,
    instagramAccounts = [],
    receiptsAfterMs = [20, 60, 120],
    retryAfterMs = RETRY_AFTER_MS,
  } = options;
  const whatsapp = createWhatsApp<CloudNumber>({
    world,
    receiptsAfterMs,
    deliver({ appSecret }, { entry, customer, about }) {
      const url = `${webhookOrigin}/webhooks/whatsapp-cloud`;
      const payload = { object: "whatsapp_business_account", entry: [entry] };
      return world.webhooks.deliver(metaWebhook({ url, appSecret, payload, customer, about }, retryAfterMs));
    },
  });
  const subscriptions = createSubscriptions();
  const told = { world, isTold: subscriptions.isTold, webhookOrigin, receiptsAfterMs, retryAfterMs };
  const messenger = createMessenger({ product: messengerProduct, ...told });
  const instagram = createMessenger({ product: instagramProduct, ...told });

  const files = createGraphFiles(
    world.files,
    phoneNumbers.map(({ accessToken }) => accessToken),
  );

  const readable = {
    phoneNumbers,
    inboxes: [
      { platform: "messenger" as const, pages, threads: messenger.threads },
      { platform: "instagram" as const, pages: instagramAccounts, threads: instagram.threads },
    ],
    subscriptions,
    sent: () => world.phones.list({ after: 0 }),
    failures: whatsapp.failures,
  };

  async function api(request: Incoming): Promise<Reaction> {
    const given = await files.give(request, tokenOf(request));
    if (given) return given;
    const shown = read(request, tokenOf(request), readable);
    if (shown) return shown;
    const [, version = "", id = "", edge = "", ...rest] = request.path.split("/");
    const isLookUp = request.method === "GET" && /^\d+$/.test(id) && edge === "";
    const isMessages = request.method === "POST" && edge === "messages" && rest.length === 0;
    if (!/^v\d+\.\d+$/.test(version) || !(isMessages || isLookUp)) return metaError(unknownPath(request.path));
    const token = tokenOf(request);
    const number = phoneNumbers.find(({ accessToken }) => accessToken === token);
    const page = pages.find(({ accessToken }) => accessToken === token);
    const account = instagramAccounts.find(({ accessToken }) => accessToken === token);
    if (!number && !page && !account) return metaError(badToken);
    if (isLookUp && page) return messenger.profile(page, id, request.query.get("fields"));
    if (isLookUp && account) return instagram.profile(account, id, request.query.get("fields"));
    if (isLookUp) {
      const isOwn = number?.id === (request.query.get("phone_number_id") ?? number?.id);
      return number && isOwn ? files.lookUp(id) : metaError(unknownMedia(id));
    }
    const body = parseJson(request.body);
    if (typeof body !== "object" || body === null || Array.isArray(body)) return metaError(invalidJson);
    const fields = body as Record<string, unknown>;
    if (number?.id === id) return whatsapp.send(number, version, fields);
    if (page && (page.id === id || id === "me")) return messenger.send(page, fields);
    if (account && (account.id === id || id === "me")) return instagram.send(account, fields);
    return metaError(unknownObject(id));
  }

  /** The owner that was named, else the first that the path belongs to. */
  function owner(named: Named, path?: string) {
    if (named.phoneNumberId !== undefined) return phoneNumbers.find(({ id }) => id === named.phoneNumberId);
    if (named.pageId !== undefined) return pages.find(({ id }) => id === named.pageId);
    if (named.instagramId !== undefined) return instagramAccounts.find(({ id }) => id === named.instagramId);
    if (path?.startsWith("/webhooks/messenger")) return pages[0];
    return path?.startsWith("/webhooks/instagram") ? instagramAccounts[0] : phoneNumbers[0];
  }

  async function write(body: unknown): Promise<Answer> {
    if (typeof body === "object" && body !== null && "pageId" in body) {
      return control(Writing.extend({ pageId: z.string() }), ({ pageId, ...writing }) => {
        const page = owner({ pageId });
        return page ? messenger.write(page, writing) : wrong(`pageId: there is no page ${pageId}`);
      })(body);
    }
    if (typeof body === "object" && body !== null && "instagramId" in body) {
      return control(Writing.extend({ instagramId: z.string() }), ({ instagramId, ...writing }) => {
        const account = owner({ instagramId });
        return account ? instagram.write(account, writing) : wrong(`instagramId: there is no account ${instagramId}`);
      })(body);
    }
    return control(WhatsAppWriting, (writing) => {
      const number = phoneNumbers.find(({ id }) => id === writing.phoneNumberId);
      return number
        ? whatsapp.write(number, writing)
        : wrong(`phoneNumberId: there is no number ${writing.phoneNumberId}`);
    })(body);
  }

  return {
    api,
    impossible: ["file_not_ready"],
    readBody: (request: Incoming) => parseJson(request.body) ?? request.body,
    controls: {
      messages: write,
      subscription: control(Subscription, ({ pageId, instagramId, ...subscription }) => {
        const whose = owner({ pageId, instagramId });
        if (!whose) return wrong("There is no such page or account");
        subscriptions.set(whose.id, subscription);
        return ok({});
      }),
      handshake: control(Handshake, async ({ verifyToken, mode, ...named }) => {
        const whose = owner(named);
        if (!whose) return wrong("There is no such number, page or account");
        const challenge = String(randomInt(1_000_000_000));
        const query = new URLSearchParams({
          "hub.mode": mode,
          "hub.challenge": challenge,
          "hub.verify_token": verifyToken ?? whose.verifyToken,
        });
        const { pageId, instagramId } = named;
        const connector =
          pageId !== undefined ? "messenger" : instagramId !== undefined ? "instagram" : "whatsapp-cloud";
        const answer = await call(
          `${webhookOrigin}/webhooks/${connector}?${query}`,
          { method: "GET", headers: metaHeaders(undefined) },
          { timeoutMs: HANDSHAKE_TIMEOUT_MS, closing: world.closing },
        );
        if (answer.kind !== "answered") return ok({ subscribed: false, status: null, challenge, body: answer.kind });
        const subscribed = answer.status === 200 && answer.body === challenge;
        return ok({ subscribed, status: answer.status, challenge, body: answer.body });
      }),
      webhooks: control(GivenWebhook, async ({ path, body, signature, ...named }) => {
        const whose = owner(named, path);
        if (!whose) return wrong("There is no such number, page or account");
        const text = typeof body === "string" ? body : metaJson(body);
        const signatures = {
          valid: hubSignature(whose.appSecret, text),
          wrong: hubSignature(`not ${whose.appSecret}`, text),
          missing: undefined,
          truncated: hubSignature(whose.appSecret, text).slice(0, -8),
        };
        const answer = await call(
          `${webhookOrigin}${path}`,
          { method: "POST", headers: metaHeaders(signatures[signature]), body: text },
          { timeoutMs: HANDSHAKE_TIMEOUT_MS, closing: world.closing },
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

function tokenOf(request: Incoming): string | undefined {
  const bearer = /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers.authorization ?? "");
  return bearer?.[1] ?? request.query.get("access_token") ?? undefined;
}
