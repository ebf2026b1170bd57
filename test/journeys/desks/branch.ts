/** A second WhatsApp number of the business, where a template stands in for what agents answer too late. */
import { expect } from "vitest";
import sample from "../../../recado.config.ts";
import { postMeta, type startStack, whatsAppText, whatsAppWebhook } from "../stack.ts";

const NUMBER = { phoneNumberId: "100000000000002", displayPhoneNumber: "+15550000003" };
/** The template's name; nothing else in these journeys asks for it. */
export const STAND_IN = "conversation_update";
const LANGUAGE = "en_US";

/** Those of the sample, and that number. */
export const accounts = {
  ...sample.accounts,
  branch: {
    connector: "whatsapp-cloud",
    ...NUMBER,
    fallbackTemplate: { type: "template", name: STAND_IN, language: LANGUAGE, parameters: ["{text}"] },
  },
} as const;

/** A customer wrote there, longer ago than WhatsApp lets the business answer freely. Gives the conversation. */
export async function wroteLongAgo(stack: Awaited<ReturnType<typeof startStack>>, from: string, id: string) {
  const yesterday = String(Math.floor(Date.now() / 1000) - 25 * 3600);
  const metadata = { display_phone_number: "15550000003", phone_number_id: NUMBER.phoneNumberId };
  const webhook = whatsAppWebhook({ metadata, messages: [whatsAppText(from, id, "Alguém?", yesterday)] });
  expect((await postMeta(stack.url, "whatsapp-cloud", webhook, "branch")).status).toBe(200);
  return stack.conversationOf(id);
}

/** What WhatsApp was asked to send to a customer there: that template, once, with these words in it. */
export function standsIn(words: string) {
  const components = [{ type: "body", parameters: [{ type: "text", text: expect.stringContaining(words) }] }];
  const template = expect.objectContaining({ name: STAND_IN, language: { code: LANGUAGE }, components });
  return [expect.objectContaining({ status: 200, body: expect.objectContaining({ type: "template", template }) })];
}
