/** Vendors that say nothing, while the product has little patience. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, it } from "vitest";
import { startTwilioSimulator } from "../../local/simulators/twilio/index.ts";
import {
  messengerWebhook,
  PAGE_ID,
  PHONE_NUMBER_ID,
  PUBLIC_URL,
  SMS_NUMBER,
  SOON,
  secondsNow,
  simulatorAt,
  smsText,
  startStack,
  TWILIO_ACCOUNT,
  whatsAppWebhook,
} from "./stack.ts";

/** Nobody listens there until a test does. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const twilioPort = await closedPort();
const stack = await startStack({
  policies: { uncertainAfterSeconds: 1, holdSeconds: 1 },
  environment: { RECADO_TWILIO_URL: `http://127.0.0.1:${twilioPort}` },
});
afterAll(() => stack.stop());
const { graph } = stack;

const byWhatsApp = { phoneNumberId: PHONE_NUMBER_ID, text: "Olá" };

describe.concurrent("a vendor that takes a message and does not answer in time", () => {
  it("is not asked again: the receipt settles it", async ({ expect }) => {
    const customer = "351921000001";
    const conversation = await stack.conversationOf(await graph.write({ ...byWhatsApp, from: customer }));
    await graph.order({ kind: "timeout_after_accepting", customer });
    const message = await stack.send(conversation, "Ouves-me?");
    // The receipts are here long before the patience with the answer is over.
    await expect.poll(() => stack.publishedAfter(message), SOON).toContain("uncertain");
    await stack.settled();
    const shown = await stack.message(conversation, message);
    expect(shown).toMatchObject({ status: "read" });
    expect(Object.keys(shown.statusAt ?? {}).sort()).toEqual(["delivered", "queued", "read", "sent", "uncertain"]);
    expect(await graph.requests("Ouves-me?")).toMatchObject([{ status: null }]);
    expect(await graph.phone(customer)).toHaveLength(1);
  });

  it("and tells nothing either, has the message end as unconfirmed; a receipt still beats that", async ({ expect }) => {
    const customer = "351921000002";
    const conversation = await stack.conversationOf(
      await graph.write({ pageId: PAGE_ID, from: customer, text: "Olá" }),
    );
    await graph.order({ kind: "timeout_after_accepting", customer });
    await graph.order({ kind: "drop_webhook", about: "receipt", times: 3, customer });
    const message = await stack.send(conversation, "Ainda aí?");
    await expect.poll(() => stack.publishedAfter(message), SOON).toEqual(["queued", "uncertain", "failed"]);
    await stack.settled();
    expect(await stack.message(conversation, message)).toMatchObject({
      status: "failed",
      failure: { class: "unconfirmed", assumed: true, reason: expect.stringContaining("may have received it") },
    });
    expect(await graph.requests("Ainda aí?")).toMatchObject([{ status: null }]);

    const [{ id: mid } = { id: "" }] = await graph.phone(customer);
    const receipt = { sender: { id: PAGE_ID }, recipient: { id: customer }, timestamp: Date.now() };
    const metadata = `${conversation}.${message}.0`;
    await stack.messenger(
      messengerWebhook([{ ...receipt, message: { mid, is_echo: true, metadata, text: "Ainda aí?" } }]),
    );
    await expect.poll(async () => (await stack.message(conversation, message)).status, SOON).toBe("sent");
    expect(await graph.requests("Ainda aí?")).toHaveLength(1);
  });
});

describe.concurrent("a connection that breaks after the vendor took the message", () => {
  it("is settled by the receipt with our id, and the vendor is asked once", async ({ expect }) => {
    const customer = "351921000003";
    const conversation = await stack.conversationOf(await graph.write({ ...byWhatsApp, from: customer }));
    await graph.order({ kind: "reset_after_accepting", customer });
    await graph.order({ kind: "drop_webhook", about: "receipt", times: 3, customer });
    const message = await stack.send(conversation, "Cortou?");
    await expect.poll(() => stack.publishedAfter(message), SOON).toEqual(["queued", "uncertain", "failed"]);

    const [request] = await graph.requests("Cortou?");
    const [{ id } = { id: "" }] = await graph.phone(customer);
    const status = {
      id,
      status: "delivered",
      timestamp: secondsNow(),
      biz_opaque_callback_data: request?.body.biz_opaque_callback_data,
    };
    await stack.whatsapp(whatsAppWebhook({ statuses: [status] }));
    await expect.poll(async () => (await stack.message(conversation, message)).status, SOON).toBe("delivered");
    expect(await stack.message(conversation, message)).not.toHaveProperty("failure");
    expect(await graph.requests("Cortou?")).toHaveLength(1);
  });

  it("holds up the conversation's next message for a while only", async ({ expect }) => {
    const customer = "351921000004";
    const conversation = await stack.conversationOf(await graph.write({ ...byWhatsApp, from: customer }));
    await graph.order({ kind: "reset_after_accepting", customer });
    await graph.order({ kind: "drop_webhook", about: "receipt", times: 3, customer });
    await stack.send(conversation, "Primeiro");
    const next = await stack.send(conversation, "Segundo");
    await expect.poll(() => stack.publishedAfter(next), SOON).toContain("read");
    expect(await graph.requests("Primeiro")).toHaveLength(1);
    expect(await graph.requests("Segundo")).toHaveLength(1);
  });
});

describe.concurrent("a vendor that cannot be reached", () => {
  it("gets the message once it is back, and others need not wait for it", async ({ expect, onTestFinished }) => {
    const customer = "+351921000005";
    const sid = "SM00000000000000000000000000000005";
    await stack.sms(smsText(customer, sid, "Olá"));
    const conversation = await stack.conversationOf(sid);
    const message = await stack.send(conversation, "Quando puderes");
    // The claim is taken, and given back because nothing went out.
    const claims = () =>
      stack.calls.filter(
        ({ action, conditionKeys }) =>
          action === "dynamodb:PutItem" && conditionKeys["dynamodb:LeadingKeys"]?.includes(`SEND#${message}#0`),
      );
    await expect.poll(() => claims().length, SOON).toBeGreaterThanOrEqual(2);
    const other = await stack.conversationOf(await graph.write({ ...byWhatsApp, from: "351921000006" }));
    const beside = await stack.send(other, "Entretanto");
    await expect.poll(() => stack.publishedAfter(beside), SOON).toContain("read");
    expect(await stack.message(conversation, message)).toMatchObject({ status: "queued" });

    const simulator = await startTwilioSimulator({
      port: twilioPort,
      webhookUrl: `${PUBLIC_URL}/webhooks/sms-twilio`,
      deliverTo: `${stack.url}/webhooks/sms-twilio`,
      accounts: [
        {
          accountSid: TWILIO_ACCOUNT,
          authToken: "local-sms-authToken",
          apiKey: "local-sms-apiKey",
          apiSecret: "local-sms-apiSecret",
          numbers: [SMS_NUMBER],
        },
      ],
    });
    onTestFinished(() => simulator.close());
    await expect.poll(() => stack.publishedAfter(message), SOON).toContain("delivered");
    expect(await simulatorAt(simulator.url).requests("Quando puderes")).toMatchObject([{ status: 201 }]);
  });
});
