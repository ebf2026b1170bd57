/** The channels of the sample configuration, as a customer and a provider of each behave. */
import { expect } from "vitest";
import { userIdOf } from "../../../local/simulators/graph/whatsapp.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import { PAGE_ID, PHONE_NUMBER_ID, postMeta, postTwilio, SMS_NUMBER, TWILIO_ACCOUNT } from "../stack.ts";
import type { Run } from "./run.ts";

/** Of the local run. */
const ID_SECRET = "local-deployment-idSecret";

interface Channel {
  account: "whatsapp" | "messenger" | "instagram" | "sms";
  connector: string;
  vendor: "graph" | "twilio";
  /** A customer's own name on the channel; `id` has seven digits. */
  customer(id: string): string;
  /** How the conversation names that customer. */
  addressOf(customer: string): string;
  /** What the simulator takes for a text. */
  writing(from: string, text: string): object;
  /** How this provider says that the whole account sends too much. */
  throttle: object;
  /** Posts what is signed and makes no sense, in as many forms as there are numbers. */
  postNonsense(run: Run, number: number): Promise<unknown>;
}

export const channels: readonly Channel[] = [
  {
    account: "whatsapp",
    connector: "whatsapp-cloud",
    vendor: "graph",
    customer: (id) => `1555${id}`,
    addressOf: userIdOf,
    writing: (from, text) => ({ phoneNumberId: PHONE_NUMBER_ID, from, text }),
    throttle: { kind: "429", code: 130429 },
    postNonsense: ({ url }, number) => postMeta(url, "whatsapp-cloud", `nonsense ${number}`),
  },
  {
    account: "messenger",
    connector: "messenger",
    vendor: "graph",
    customer: (id) => `400${id}`,
    addressOf: (customer) => customer,
    writing: (from, text) => ({ pageId: PAGE_ID, from, text }),
    throttle: { kind: "429", code: 613, status: 400 },
    postNonsense: ({ url }, number) => postMeta(url, "messenger", `nonsense ${number}`),
  },
  {
    account: "sms",
    connector: "sms-twilio",
    vendor: "twilio",
    customer: (id) => `+1555${id}`,
    addressOf: (customer) => customer,
    writing: (from, text) => ({ to: SMS_NUMBER, from, element: { Body: text } }),
    throttle: { kind: "429" },
    postNonsense: ({ url }, number) => postTwilio(url, { AccountSid: TWILIO_ACCOUNT, Nonsense: String(number) }),
  },
  {
    account: "instagram",
    connector: "instagram",
    vendor: "graph",
    customer: (id) => `810${id}`,
    addressOf: (customer) => customer,
    writing: (from, text) => ({ instagramId: "300000000000001", from, text }),
    throttle: { kind: "429", code: 613, status: 400 },
    postNonsense: ({ url }, number) => postMeta(url, "instagram", `nonsense ${number}`),
  },
];

/** A customer's first words on a channel, and the conversation that they open. */
export async function opened(
  run: Run,
  channel: Channel,
  id: string,
): Promise<{ customer: string; conversation: string }> {
  const customer = channel.customer(id);
  await writes(run, channel, customer, "Olá");
  const conversation = conversationId(ID_SECRET, channel.account, channel.addressOf(customer));
  // The summary is written before the first entry, and shown to nobody until that is there.
  await run.found(async () => expect(await run.table.newest(conversation)).toBeDefined(), conversation);
  return { customer, conversation };
}

export function writes(run: Run, { vendor, writing }: Channel, customer: string, text: string): Promise<string> {
  return run[vendor].write(writing(customer, text));
}

export function onEveryChannel(walk: (channel: Channel) => Promise<void>): Promise<unknown> {
  return Promise.all(channels.map(walk));
}
