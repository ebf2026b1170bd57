/** Messenger's webhooks. Its receipts are watermarks: "everything up to this time of ours". */
import { notice, type Place, type Product, readWebhook } from "../../messenger-platform/read-webhook.ts";
import type { Account, Parsed, ParseResult, WebhookRequest } from "../connector.ts";
import { Mid, Receipts } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export function parse(request: WebhookRequest, accounts: readonly Account<Settings, Secrets>[]): ParseResult {
  return readWebhook(
    request.body,
    PRODUCT,
    accounts.map(({ name, settings }) => ({ name, id: settings.pageId })),
  );
}

/** The app of Meta's own Page inbox. */
const PAGE_INBOX = 26390203743090;

export const PRODUCT: Product = {
  object: "page",
  word: "messenger",
  name: "Messenger",
  accountWord: "Page",
  receiptsIn,
  originOf: (app) => (app === PAGE_INBOX || app === String(PAGE_INBOX) ? "page_inbox" : "other_app"),
};

function receiptsIn(element: Record<string, unknown>, place: Place): Parsed[] | undefined {
  const { delivery, read } = Receipts.safeParse(element).data ?? {};
  if (delivery) return deliveredIn(delivery, element, place);
  if (read?.watermark !== undefined && place.address) return [upTo("read", read.watermark, place.address, place)];
  return undefined;
}

/** By message id where all are named, else by watermark. */
function deliveredIn(
  { watermark, mids = [] }: NonNullable<Receipts["delivery"]>,
  element: unknown,
  place: Place,
): Parsed[] {
  const known = mids.flatMap((mid) => Mid.safeParse(mid).data ?? []);
  const receipts = known.map(
    (mid): Parsed => ({
      ...about(place),
      subject: `${mid}#delivered`,
      happening: { type: "message.delivered", receipt: { providerMessageId: mid } },
    }),
  );
  if (known.length > 0 && known.length === mids.length) return receipts;
  if (watermark !== undefined && place.address) {
    return [...receipts, upTo("delivered", watermark, place.address, place)];
  }
  return [...receipts, notice(place, "unreadable_receipt", element)];
}

function upTo(word: "delivered" | "read", watermark: number, customer: string, place: Place): Parsed {
  return {
    ...about(place),
    subject: `${customer}#${word}#${watermark}`,
    happening: { type: `message.${word}`, receipt: { watermark } },
  };
}

function about({ account, address, time }: Place): Pick<Parsed, "account" | "address" | "time"> {
  return { account, ...(time !== undefined && { time }), ...(address !== undefined && { address }) };
}
