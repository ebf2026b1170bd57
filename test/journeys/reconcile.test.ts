/** What providers did not manage to tell is fetched: once, however often it is asked for. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startLocal } from "../../local/start.ts";
import sample from "../../recado.config.ts";
import { checkConfig } from "../../shared/config.ts";
import {
  apiAt,
  call,
  newDataDir,
  PAGE_ID,
  PHONE_NUMBER_ID,
  PUBLIC_URL,
  SMS_NUMBER,
  SOON,
  simulatorAt,
} from "./stack.ts";

const TELNYX_NUMBER = "+15550000004";
const INSTAGRAM_ID = "300000000000001";

interface Vendor {
  account: string;
  simulator: "graph" | "twilio" | "telnyx";
  customer: string;
  writing(from: string, text: string): object;
  /** Whether the provider can be asked for what customers wrote, and for what became of a message of ours. */
  listsMessages: boolean;
  listsReceipts: boolean;
}

const vendors: readonly Vendor[] = [
  {
    account: "whatsapp",
    simulator: "graph",
    customer: "15551200001",
    writing: (from, text) => ({ phoneNumberId: PHONE_NUMBER_ID, from, text }),
    listsMessages: false,
    listsReceipts: true,
  },
  {
    account: "messenger",
    simulator: "graph",
    customer: "7120000001",
    writing: (from, text) => ({ pageId: PAGE_ID, from, text }),
    listsMessages: true,
    listsReceipts: false,
  },
  {
    account: "instagram",
    simulator: "graph",
    customer: "8120000001",
    writing: (from, text) => ({ instagramId: INSTAGRAM_ID, from, text }),
    listsMessages: true,
    listsReceipts: false,
  },
  {
    account: "sms",
    simulator: "twilio",
    customer: "+15551200002",
    writing: (from, text) => ({ to: SMS_NUMBER, from, text }),
    listsMessages: true,
    listsReceipts: true,
  },
  {
    account: "telnyx",
    simulator: "telnyx",
    customer: "+15551200003",
    writing: (from, text) => ({ to: TELNYX_NUMBER, from, text }),
    listsMessages: false,
    listsReceipts: true,
  },
];

let stack: Awaited<ReturnType<typeof started>>;
beforeAll(async () => {
  stack = await started();
});
afterAll(() => stack.stop());

async function started() {
  const { path: dataDir, remove } = newDataDir();
  const accounts = { ...sample.accounts, telnyx: { connector: "sms-telnyx" as const, from: TELNYX_NUMBER } };
  const local = await startLocal({ port: 0, dataDir, publicUrl: PUBLIC_URL, config: checkConfig({ accounts }) });
  const { url } = local;
  return {
    ...apiAt(url),
    url,
    vendor: (name: Vendor["simulator"]) => simulatorAt(`${url}/_simulators/${name}`),
    control: (path: string, body: object) =>
      call(`${url}/_simulators/graph/_simulator/${path}`, { method: "POST", body: JSON.stringify(body) }),
    /** As the account's schedule would. */
    async reconcile(account: string): Promise<{ isComplete: boolean; missed: Record<string, number>; known: number }> {
      const { status, json, text } = await call(`${url}/_schedules/recado-local-missed-${account}`, { method: "POST" });
      expect(status, text).toBe(200);
      const { answers } = json as { answers: [{ isComplete: boolean; missed: Record<string, number>; known: number }] };
      return answers[0];
    },
    async stop() {
      await local.stop();
      remove();
    },
  };
}

const texts = async (conversation: string) =>
  (await stack.messages(conversation)).map(({ content }) => ("text" in content ? content.text : content.type));

describe.concurrent.each(vendors)(
  "$account",
  ({ account, simulator, customer, writing, listsMessages, listsReceipts }) => {
    let conversation: string;

    it("tells what a webhook should have told, once", async () => {
      const vendor = stack.vendor(simulator);
      await vendor.write(writing(customer, "Olá"));
      conversation = await vi.waitFor(async () => {
        const found = (await stack.conversations()).find((one) => one.account === account);
        if (!found) throw new Error("not there yet");
        return found.id;
      }, SOON);
      if (listsMessages) {
        await vendor.order({ kind: "drop_webhook", customer, about: "message" });
        await vendor.write(writing(customer, "Is anybody there?"));
        expect(await stack.reconcile(account)).toMatchObject({ isComplete: true, missed: { "message.received": 1 } });
        await vi.waitFor(async () => expect(await texts(conversation)).toEqual(["Olá", "Is anybody there?"]), SOON);
      }
      if (listsReceipts) {
        await vendor.order({ kind: "drop_webhook", customer, about: "receipt", times: 3 });
        const message = await stack.send(conversation, "Yes");
        await vi.waitFor(async () => {
          const [got] = await vendor.phone(customer);
          expect(["delivered", "read"]).toContain(got?.statuses.at(-1)?.status);
          expect(await stack.message(conversation, message)).toMatchObject({ status: "sent" });
        }, SOON);
        // A history that goes on while it is asked for is told as far as it has come.
        await vi.waitFor(async () => {
          await stack.reconcile(account);
          expect(["delivered", "read"]).toContain((await stack.message(conversation, message)).status);
        }, SOON);
      }
      await vi.waitFor(async () => expect((await stack.reconcile(account)).missed).toEqual({}), SOON);
      const events = await stack.events(conversation);
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      const messages = ["Olá", ...(listsMessages ? ["Is anybody there?"] : []), ...(listsReceipts ? ["Yes"] : [])];
      expect(await texts(conversation)).toEqual(messages);
    });
  },
);

describe("a Page", () => {
  const customer = "7120000002";
  const vendor = () => stack.vendor("graph");

  it("that lost its subscription gets it back, is alerted, and loses nothing that was said meanwhile", async () => {
    await vendor().write({ pageId: PAGE_ID, from: customer, text: "First" });
    const conversation = await stack.conversationWith(customer);
    await stack.control("subscription", { pageId: PAGE_ID, fields: [] });
    await vendor().write({ pageId: PAGE_ID, from: customer, text: "Second" });
    await vendor().write({ pageId: PAGE_ID, from: customer, text: "From the inbox", kind: "page_inbox" });
    const { missed } = await stack.reconcile("messenger");
    expect(missed).toEqual({ "message.received": 1, "message.sent": 1, "account.alert": 1 });
    await vi.waitFor(
      async () => expect(await texts(conversation)).toEqual(["First", "Second", "From the inbox"]),
      SOON,
    );
    const [, , written] = await stack.messages(conversation);
    expect(written).toMatchObject({ direction: "outbound", author: { type: "agent", origin: "other_app" } });
    const alerts = await stack.accountEvents("messenger");
    expect(alerts.map(({ data }) => data.code)).toEqual(["subscription_lost"]);
    expect(alerts[0]?.data.reason).toMatch(/has subscribed the app again/);
    await vendor().write({ pageId: PAGE_ID, from: customer, text: "Third" });
    await vi.waitFor(async () => expect(await texts(conversation)).toContain("Third"), SOON);
  });
});
