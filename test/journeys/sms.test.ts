/** SMS by each provider beside the sample's, from the customer's phone to the API and back, as it would be deployed. */
import { afterAll, describe, expect, it, vi } from "vitest";
import { startLocal } from "../../local/start.ts";
import { checkConfig } from "../../shared/config.ts";
import { apiAt, newDataDir, PUBLIC_URL, SOON, simulatorAt } from "./stack.ts";

const SERVICE = `MG${"1".repeat(32)}`;
const PROFILE = "4000eba1-a0c0-4563-9925-b25e842a7cb6";
const APPLICATION = "78d335fa-323d-4114-9c3d-d6f0d48968cf";
const accounts = {
  twilio: { connector: "sms-twilio", accountSid: "AC00000000000000000000000000000001", messagingServiceSid: SERVICE },
  vonage: { connector: "sms-vonage", apiKey: "abcd1234", from: "+15550000003" },
  application: { connector: "sms-vonage", apiKey: "efgh5678", from: "+15550000005", applicationId: APPLICATION },
  telnyx: { connector: "sms-telnyx", from: "+15550000004" },
  pool: { connector: "sms-telnyx", messagingProfileId: PROFILE },
};

const { path: dataDir, remove } = newDataDir();
const lines: string[] = [];
const local = await startLocal({
  port: 0,
  dataDir,
  publicUrl: PUBLIC_URL,
  config: checkConfig({ accounts }),
  log: (line) => lines.push(line),
});
afterAll(async () => {
  await local.stop();
  remove();
});
const api = apiAt(local.url);

type Writer = [account: keyof typeof accounts, simulator: string, to: string, customer: string];
const writers: Writer[] = [
  ["twilio", "twilio", SERVICE, "+351910000011"],
  ["vonage", "vonage", "+15550000003", "+351910000012"],
  ["application", "vonage", "+15550000005", "+351910000013"],
  ["telnyx", "telnyx", "+15550000004", "+351910000014"],
  ["pool", "telnyx", PROFILE, "+351910000015"],
];

describe.each(writers)("the account %s", (account, vendor, to, customer) => {
  const simulator = simulatorAt(local.simulators[vendor] ?? "");

  it("takes a message and brings the answer to the customer's phone, with the receipts of its way", async () => {
    await simulator.write({ to, from: customer, text: "Olá 😀" });
    const conversation = await api.conversationWith(customer);
    expect(await api.messages(conversation)).toMatchObject([{ content: { type: "text", text: "Olá 😀" } }]);
    const id = await api.send(conversation, "Bom dia");
    await vi.waitFor(async () => expect((await api.message(conversation, id)).status).toBe("delivered"), SOON);
    const events = (await api.events(conversation)).map(({ type }) => type);
    expect(events.filter((type) => type !== "conversation.opened")).toEqual([
      "message.received",
      "message.queued",
      "message.sent",
      "message.delivered",
    ]);
    expect(await simulator.phone(customer)).toEqual([expect.objectContaining({ text: "Bom dia" })]);
    expect((await api.accountEvents(account)).map(({ data }) => data)).toEqual([]);
  });

  it("takes a picture with its words", async () => {
    await simulator.write({ to, from: customer, text: "Este?", kind: "image" });
    const conversation = await api.conversationWith(customer);
    await vi.waitFor(async () => {
      const contents = (await api.messages(conversation)).map(({ content }) => content);
      expect(contents).toContainEqual(expect.objectContaining({ type: "image", caption: "Este?" }));
    }, SOON);
  });
});

// Vonage leaves the word to whoever sends.
it.each(writers.filter(([, vendor]) => vendor !== "vonage"))(
  "the account %s hears that the customer wants no more messages",
  async (_, vendor, to, customer) => {
    await simulatorAt(local.simulators[vendor] ?? "").write({ to, from: customer, text: "STOP" });
    const conversation = await api.conversationWith(customer);
    await vi.waitFor(async () => {
      const consent = (await api.events(conversation)).find(({ type }) => type === "consent.changed");
      expect(consent?.data).toMatchObject({ topic: "all", state: "opted_out" });
    }, SOON);
  },
);
