/** SMS by each provider beside the sample's, from the customer's phone to the API and back, as it would be deployed. */
import { afterAll, describe, expect, it, vi } from "vitest";
import { startLocal } from "../../local/start.ts";
import { checkConfig } from "../../shared/config.ts";
import { apiAt, newDataDir, PUBLIC_URL, SOON, simulatorAt } from "./stack.ts";

const SERVICE = `MG${"1".repeat(32)}`;
const PROFILE = "4000eba1-a0c0-4563-9925-b25e842a7cb6";
const APPLICATION = "78d335fa-323d-4114-9c3d-d6f0d48968cf";
const accounts = {
  twilio: {
    connector: "sms-twilio",
    accountSid: "AC00000000000000000000000000000001",
    messagingServiceSid: SERVICE,
    failover: ["vonage", "telnyx"],
  },
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

const ofEachVendor = writers.filter(([account, vendor]) => account === vendor);

describe.each(ofEachVendor)(
  "a customer of the account %s who wants no more messages",
  (account, vendor, to, customer) => {
    const simulator = simulatorAt(local.simulators[vendor] ?? "");
    // Vonage leaves the word, and the answer to it, to whoever sends.
    const isOurs = vendor === "vonage";
    const sending = (conversation: string) =>
      api.post(`/v1/conversations/${conversation}/messages`, { content: { type: "text", text: "Boa tarde" } });
    const optedOut = async (conversation: string) => {
      const { json } = await api.get(`/v1/conversations/${conversation}`);
      return (json as { optedOut: string[] }).optedOut;
    };
    const confirmations = async () =>
      (await simulator.phone(customer)).filter(({ text }) => text === "You will receive no more messages from us.");

    it("gets none, is answered once, and gets them again when they say so", async () => {
      await simulator.write({ to, from: customer, text: "STOP" });
      const conversation = await api.conversationWith(customer);
      await vi.waitFor(async () => expect(await optedOut(conversation)).toEqual(["all"]), SOON);
      const refused = await sending(conversation);
      expect(refused).toMatchObject({ status: 422, json: { code: "opted_out" } });

      await simulator.write({ to, from: customer, text: "Stop." });
      if (isOurs) await vi.waitFor(async () => expect(await confirmations()).toHaveLength(1), SOON);
      await simulator.write({ to, from: customer, text: "START" });
      await vi.waitFor(async () => expect(await optedOut(conversation)).toEqual([]), SOON);
      const changes = (await api.events(conversation)).filter(({ type }) => type === "consent.changed");
      expect(changes.map(({ data }) => [data.state, data.source])).toEqual([
        ["opted_out", "keyword"],
        ["opted_in", "keyword"],
      ]);
      expect(await confirmations()).toHaveLength(isOurs ? 1 : 0);
      expect((await sending(conversation)).status).toBe(202);
      expect((await api.accountEvents(account)).map(({ data }) => data)).toEqual([]);
    });
  },
);

describe("failover", () => {
  const [twilio, vonage, telnyx] = ["twilio", "vonage", "telnyx"].map((name) =>
    simulatorAt(local.simulators[name] ?? ""),
  );
  if (!twilio || !vonage || !telnyx) throw new Error("a simulator is missing");
  const phones = async (customer: string) =>
    Promise.all([twilio, vonage, telnyx].map(async (vendor) => (await vendor.phone(customer)).length));
  async function answered(customer: string): Promise<{ conversation: string; id: string }> {
    await twilio?.write({ to: SERVICE, from: customer, text: "Olá" });
    const conversation = await api.conversationWith(customer);
    const id = await api.send(conversation, "Bom dia");
    await vi.waitFor(async () => expect((await api.message(conversation, id)).status).toBe("delivered"), SOON);
    return { conversation, id };
  }

  it("stays with the first provider when it broke off after it had taken the message", async () => {
    const customer = "+351910000021";
    await twilio.order({ kind: "reset_after_accepting", customer });
    const { conversation, id } = await answered(customer);
    expect(await phones(customer)).toEqual([1, 0, 0]);
    expect((await api.message(conversation, id)).via).toBeUndefined();
  });

  it("lets the next provider deliver what the first certainly did not take", async () => {
    const customer = "+351910000022";
    await twilio.order({ kind: "429", status: 500, code: 30020, customer });
    const { conversation, id } = await answered(customer);
    expect(await phones(customer)).toEqual([0, 1, 0]);
    expect(await api.message(conversation, id)).toMatchObject({ via: "vonage" });
    const receipts = (await api.events(conversation)).filter(({ type }) => /sent|delivered/.test(type));
    expect(receipts.map(({ type, source }) => `${type} ${source}`)).toEqual([
      "message.sent /recado/vonage",
      "message.delivered /recado/vonage",
    ]);
  });

  it("and the one behind it, when that one is throttled, too", async () => {
    const customer = "+351910000023";
    await twilio.order({ kind: "429", customer });
    await vonage.order({ kind: "429", customer });
    const { conversation, id } = await answered(customer);
    expect(await phones(customer)).toEqual([0, 0, 1]);
    expect((await api.message(conversation, id)).via).toBe("telnyx");
  });
});
