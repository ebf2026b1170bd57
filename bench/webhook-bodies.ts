/** WhatsApp webhooks as Meta writes and signs them. */
import { hubSignature, metaJson } from "../local/simulators/graph/webhook.ts";

export const PHONE_NUMBER_ID = "100000000000001";

export interface SignedBody {
  body: string;
  signature: string;
}

/** A hundred characters, as people write. */
export const SHORT_TEXT =
  "Olá! The blue lamp that I ordered on Monday came today, but its *shade* is broken. What can we do now?";

/** Some nine hundred characters in lines, with the marks that people put into a longer message. */
export const LONG_TEXT = [
  "Hello, I need some help with my order 10234.",
  "",
  "1. The parcel came on *Tuesday*, two days later than promised.",
  "2. The lamp works, but the shade has a crack (see the photo I sent before).",
  "3. The invoice names my old address: _Rua das Flores 12, 4000-123 Porto_.",
  "",
  "> We will send you a new shade within three days",
  "",
  "is what your colleague wrote last week, and nothing has come since. I looked at https://example.com/orders/10234 and it says ~delivered~, which is not true for the second parcel.",
  "",
  "- Could you please check where it is?",
  "- Could you also correct the invoice?",
  "- And is the lamp still covered if I glue the shade myself?",
  "",
  "I am at home every day after six, or you can leave it with my neighbour at number 14. Thank you very much for your help, and have a good weekend!",
].join("\n");

/** As long as WhatsApp lets anybody write, in the shape that costs a Markdown parser the most. */
export const WORST_TEXT = "\n> - ".repeat(820).slice(0, 4096);

/** A customer writes: one message in one webhook. `number` tells the customers apart. */
export function textWebhook(number: number, id: string, text: string, atMs: number): object {
  const waId = String(5_511_900_000_000 + number);
  const userId = `BR.${4_410_000_000_000_000 + number}`;
  return webhook({
    contacts: [{ profile: { name: `Customer ${number}` }, wa_id: waId, user_id: userId }],
    messages: [{ from: waId, from_user_id: userId, id, timestamp: seconds(atMs), type: "text", text: { body: text } }],
  });
}

/** A receipt about a message of ours, with what we gave Meta along with it. */
export function receiptWebhook(
  number: number,
  { id, status, correlation }: { id: string; status: "sent" | "delivered" | "read"; correlation: string },
  atMs: number,
): object {
  const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "service" };
  return webhook({
    statuses: [
      {
        id,
        status,
        timestamp: seconds(atMs),
        recipient_id: String(5_511_900_000_000 + number),
        recipient_user_id: `BR.${4_410_000_000_000_000 + number}`,
        biz_opaque_callback_data: correlation,
        ...(status !== "read" && { pricing }),
      },
    ],
  });
}

export function signed(appSecret: string, payload: object): SignedBody {
  const body = metaJson(payload);
  return { body, signature: hubSignature(appSecret, body) };
}

function webhook(value: object): object {
  const metadata = { display_phone_number: "15550000001", phone_number_id: PHONE_NUMBER_ID };
  const change = { value: { messaging_product: "whatsapp", metadata, ...value }, field: "messages" };
  return { object: "whatsapp_business_account", entry: [{ id: "102290129340398", changes: [change] }] };
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}
