/** AWS as the provider: from the customer's phone by its topic to the API, and back under the function's own role. */
import { PinpointSMSVoiceV2Client, PutOptedOutNumberCommand } from "@aws-sdk/client-pinpoint-sms-voice-v2";
import { afterAll, describe, expect, it, vi } from "vitest";
import { userIdOf } from "../../local/simulators/graph/whatsapp.ts";
import { SentMessage } from "../../shared/domain/api-shapes.ts";
import { SOON, simulatorAt, startStack } from "./stack.ts";

const NUMBER = "+15550000006";
const PHONE_NUMBER_ID = "100000000000006";
const stack = await startStack({
  accounts: {
    whatsapp: {
      connector: "whatsapp-aws",
      phoneNumberId: PHONE_NUMBER_ID,
      originationPhoneNumberId: `phone-number-id-${"a".repeat(32)}`,
    },
    sms: { connector: "sms-aws", from: NUMBER, configurationSet: "recado" },
  },
});
afterAll(() => stack.stop());
const { simulators } = stack.local;
const smsvoice = simulatorAt(simulators.smsvoice ?? "");

const byWhatsApp = {
  account: "whatsapp",
  simulator: simulatorAt(simulators.socialmessaging ?? ""),
  to: { phoneNumberId: PHONE_NUMBER_ID },
  number: (last: string) => `+35192000000${last}`,
  addressOf: userIdOf,
};
const bySms = {
  account: "sms",
  simulator: smsvoice,
  to: { to: NUMBER },
  number: (last: string) => `+35193000000${last}`,
  addressOf: (number: string) => number,
};
type ByAws = Omit<typeof bySms, "to"> & { to: object };
const channels: ByAws[] = [byWhatsApp, bySms];

async function opened({ simulator, to, addressOf }: ByAws, customer: string): Promise<string> {
  await simulator.write({ ...to, from: customer, text: "Olá 😀" });
  return stack.conversationWith(addressOf(customer));
}

describe.each(channels)("the account $account", (channel) => {
  const { account, simulator, number } = channel;

  it("takes a message with its time, and brings the answer to the phone and its receipts back", async () => {
    const began = Date.now();
    const conversation = await opened(channel, number("1"));
    const [received] = (await stack.events(conversation)).filter(({ type }) => type === "message.received");
    expect(received?.data).toMatchObject({ message: { content: { type: "text", text: "Olá 😀" } } });
    expect(Math.abs(Date.parse(received?.data.times.provider ?? "") - began)).toBeLessThan(60_000);
    const id = await stack.send(conversation, "Bom dia");
    await vi.waitFor(
      async () => expect((await stack.message(conversation, id)).statusAt).toHaveProperty("delivered"),
      SOON,
    );
    expect(await simulator.phone(number("1"))).toEqual([expect.objectContaining({ text: "Bom dia" })]);
    expect((await stack.accountEvents(account)).map(({ data }) => data)).toEqual([]);
  });

  it("records once what AWS publishes twice", async () => {
    await simulator.order({ kind: "duplicate", customer: number("2"), about: "message" });
    const conversation = await opened(channel, number("2"));
    await stack.settled();
    expect(await stack.messages(conversation)).toHaveLength(1);
  });
});

it("keeps the picture that a customer sends on WhatsApp, and forwards it by SMS out of the bucket", async () => {
  const from = "+351920000004";
  const [seen, forwarded] = await Promise.all([opened(byWhatsApp, from), opened(bySms, "+351930000004")]);
  await byWhatsApp.simulator.write({ ...byWhatsApp.to, from, kind: "image" });
  const picture = await vi.waitFor(async () => {
    const contents = (await stack.messages(seen)).map(({ content }) => content);
    const found = contents.find((content) => content.type === "image");
    if (found?.type !== "image" || !found.media.id) throw new Error("the picture is not stored");
    return found.media;
  }, SOON);
  const content = { type: "image", media: { id: picture.id }, caption: "Este?" };
  const { json } = await stack.post(`/v1/conversations/${forwarded}/messages`, { content });
  const { id } = SentMessage.parse(json).message;
  await vi.waitFor(async () => expect((await stack.message(forwarded, id)).statusAt).toHaveProperty("delivered"), SOON);
  const [mms] = await smsvoice.requests("Este?");
  expect(mms?.body).toMatchObject({ MediaUrls: [expect.stringMatching(/^s3:\/\/.+\/media\//)] });
});

it("says why a customer who wants no more messages gets none, by AWS's own list", async () => {
  const from = "+351930000009";
  await smsvoice.write({ to: NUMBER, from, text: "Olá" });
  const conversation = await stack.conversationWith(from);
  const access = stack.local.gateway.clients(stack.administrator);
  await new PinpointSMSVoiceV2Client(access).send(
    new PutOptedOutNumberCommand({ OptOutListName: "Default", OptedOutNumber: from }),
  );
  const id = await stack.send(conversation, "Ainda está?");
  await vi.waitFor(
    async () => expect(await stack.message(conversation, id)).toMatchObject({ failure: { class: "opted_out" } }),
    SOON,
  );
});

it("hears that a customer wants no more messages", async () => {
  const from = "+351930000008";
  await smsvoice.write({ to: NUMBER, from, text: "STOP" });
  const conversation = await stack.conversationWith(from);
  await vi.waitFor(async () => {
    const consent = (await stack.events(conversation)).find(({ type }) => type === "consent.changed");
    expect(consent?.data).toMatchObject({ topic: "all", state: "opted_out" });
  }, SOON);
});

// Last, since a conversation with such a send is looked at again and again for a while.
it.concurrent.each(channels)(
  "settles a send of $account whose answer was lost, by what AWS publishes",
  async (channel) => {
    const { simulator, number } = channel;
    const conversation = await opened(channel, number("3"));
    await simulator.order({ kind: "reset_after_accepting", customer: number("3") });
    const id = await stack.send(conversation, "Ouves-me?");
    await vi.waitFor(async () => {
      const { statusAt } = await stack.message(conversation, id);
      expect(Object.keys(statusAt ?? {})).toEqual(expect.arrayContaining(["uncertain", "delivered"]));
    }, SOON);
    expect(await simulator.phone(number("3"))).toHaveLength(1);
  },
);
