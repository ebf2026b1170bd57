/** Instagram's webhooks. Of what was sent it tells only that it was seen, message by message. */
import { type Place, type Product, readWebhook } from "../../messenger-platform/read-webhook.ts";
import type { Account, Parsed, ParseResult, WebhookRequest } from "../connector.ts";
import { Receipts } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export function parse(request: WebhookRequest, accounts: readonly Account<Settings, Secrets>[]): ParseResult {
  return readWebhook(
    request.body,
    PRODUCT,
    accounts.map(({ name, settings }) => ({ name, id: settings.instagramId })),
  );
}

/** The app of the inbox in Meta's Business Suite. */
const PAGE_INBOX = 26390203743090;

export const PRODUCT: Product = {
  object: "instagram",
  word: "instagram",
  name: "Instagram",
  accountWord: "account",
  receiptsIn,
  originOf,
};

function receiptsIn(element: Record<string, unknown>, { account, address, time }: Place): Parsed[] | undefined {
  const { mid } = Receipts.safeParse(element).data?.read ?? {};
  if (mid === undefined) return undefined;
  return [
    {
      account,
      subject: `${mid}#read`,
      ...(time !== undefined && { time }),
      ...(address !== undefined && { address }),
      happening: { type: "message.read", receipt: { providerMessageId: mid } },
    },
  ];
}

/** Who answers in Instagram itself uses no app that could be named. */
function originOf(app: unknown): string {
  if (app === undefined || app === null) return "instagram_app";
  return app === PAGE_INBOX || app === String(PAGE_INBOX) ? "page_inbox" : "other_app";
}
