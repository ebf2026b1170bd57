/** Histories: what poison does to them, where aliases lead, what they cost, what nobody may read, what the bus brings. */
import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { toItem } from "../../shared/aws/entry-item.ts";
import { ApiContact, EventPage } from "../../shared/domain/api-shapes.ts";
import { ContactPage } from "../../shared/domain/contact-shapes.ts";
import { type Arrival, advance, type Entry } from "../../shared/domain/conversation-log.ts";
import {
  call,
  messengerText,
  messengerWebhook,
  PAGE_ID,
  PHONE_NUMBER_ID,
  SMS_NUMBER,
  SOON,
  secondsNow,
  smsText,
  startStack,
  whatsAppText,
  whatsAppWebhook,
} from "./stack.ts";

// Nobody waits behind an uncertain send.
const stack = await startStack({ policies: { holdSeconds: 0 } });
afterAll(() => stack.stop());

const says = async (from: string, id: string, text: string) => {
  expect(await stack.whatsapp(whatsAppWebhook({ messages: [whatsAppText(from, id, text)] }))).toMatchObject({
    status: 200,
  });
};

const texts = async (conversation: string) =>
  (await stack.messages(conversation)).map(({ content }) => (content.type === "text" ? content.text : content.type));

describe("what cannot be recorded", () => {
  const put = async (group: string, body: string) => {
    const QueueUrl = stack.queue("conversations.fifo");
    const MessageDeduplicationId = `poison-${Math.random()}`;
    await stack.sqs.send(
      new SendMessageCommand({ QueueUrl, MessageGroupId: group, MessageDeduplicationId, MessageBody: body }),
    );
  };
  /** Takes the next dead letter of this group. */
  const deadLetter = async (group: string) => {
    const QueueUrl = stack.queue("conversations-dead-letters.fifo");
    const command = new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ["MessageGroupId"] });
    return vi.waitFor(async () => {
      const { Messages = [] } = await stack.sqs.send(command);
      const found = Messages.find(({ Attributes }) => Attributes?.MessageGroupId === group);
      if (!found) throw new Error(`no dead letter of ${group}`);
      await stack.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: found.ReceiptHandle }));
      return JSON.parse(found.Body ?? "") as { parked: string; error: string };
    }, SOON);
  };

  it("is parked with the error, and neither its own conversation nor any other waits for it", async () => {
    await says("351950000001", "wamid.poison.1", "Antes");
    const conversation = await stack.conversationWith("351950000001");
    const poison = ['{"what":"is this?"}', "no JSON", '{"reference":"mailbox/nowhere"}', '{"items":[{"log":7}]}'];
    for (const body of poison) await put(conversation, body);
    await says("351950000001", "wamid.poison.2", "Depois");
    await says("351950000002", "wamid.poison.3", "Ao lado");
    await stack.settled();
    expect(await texts(conversation)).toEqual(["Antes", "Depois"]);
    expect(await texts(await stack.conversationWith("351950000002"))).toEqual(["Ao lado"]);
    const letters = [];
    for (const _ of poison) letters.push(await deadLetter(conversation));
    const inside = poison.map((body) => body.replace(/^\{"items":\[(.*)\]\}$/, "$1"));
    expect(letters.map(({ parked }) => parked)).toEqual(inside);
    for (const { error } of letters) expect(error).toMatch(/\w/);
  });

  it("is told to its account when it says whose it is", async () => {
    const item = {
      log: "nowhere",
      key: "key-of-poison",
      token: "token",
      type: "message.received",
      account: "whatsapp",
      channel: "whatsapp",
      at: { received: Date.now() },
      data: {},
    };
    await put("nowhere", JSON.stringify(item));
    expect(JSON.parse((await deadLetter("nowhere")).parked)).toEqual(item);
    await stack.settled();
    const alerts = (await stack.accountEvents("whatsapp")).filter(({ data }) => data.code === "event_parked");
    expect(alerts).toMatchObject([{ type: "account.alert", data: { account: "whatsapp" } }]);
  });

  it("and is redriven once it can be, is appended at the end and marked as late", async () => {
    await says("351950000003", "wamid.poison.4", "Primeiro");
    const conversation = await stack.conversationWith("351950000003");
    const { data } = (await stack.table.entry(conversation, 1)) as { data: { message: object } };
    const content = { type: "text", text: "Da gaveta" };
    const item = {
      log: conversation,
      key: "key-of-redriven",
      token: "token",
      type: "message.received",
      account: "whatsapp",
      channel: "whatsapp",
      at: { received: Date.now() },
      data: { message: { ...data.message, id: "msg_redriven", content } },
    };
    await put(conversation, JSON.stringify({ parked: JSON.stringify(item), error: "Error: mended since" }));
    await stack.settled();
    expect(await texts(conversation)).toEqual(["Primeiro", "Da gaveta"]);
    expect((await stack.events(conversation)).at(-1)).toMatchObject({ sequence: "000000000002", data: { late: true } });
  });
});

describe("a customer with several addresses", () => {
  const named = async (id: string, names: { phone?: string; user?: string }, text: string) => {
    const { phone, user } = names;
    const contact = { profile: { name: "Inês" }, ...(phone && { wa_id: phone }), ...(user && { user_id: user }) };
    const message = {
      ...(phone && { from: phone }),
      ...(user && { from_user_id: user }),
      id,
      timestamp: secondsNow(),
      type: "text",
      text: { body: text },
    };
    expect(await stack.whatsapp(whatsAppWebhook({ contacts: [contact], messages: [message] }))).toMatchObject({
      status: 200,
    });
    await stack.settled();
  };
  const with_ = async (addresses: readonly string[]) =>
    (await stack.conversations()).filter(({ address }) => addresses.includes(address));

  it("who was known by the phone number first keeps the conversation when the user id comes", async () => {
    const [phone, user] = ["351951000001", "PT.9510000000000001"];
    await named("wamid.alias.1", { phone }, "Um");
    await named("wamid.alias.2", { phone, user }, "Dois");
    await named("wamid.alias.3", { user }, "Três");
    await named("wamid.alias.4", { phone }, "Quatro");
    const [conversation, ...others] = await with_([phone, user]);
    expect(others).toEqual([]);
    expect(await texts(conversation?.id ?? "")).toEqual(["Um", "Dois", "Três", "Quatro"]);
  });

  it("who was known by the user id first keeps the conversation when the phone number comes", async () => {
    const [phone, user] = ["351951000002", "PT.9510000000000002"];
    await named("wamid.alias.5", { user }, "Um");
    await named("wamid.alias.6", { phone, user }, "Dois");
    await named("wamid.alias.7", { phone }, "Três");
    const [conversation, ...others] = await with_([phone, user]);
    expect(others).toEqual([]);
    expect(await texts(conversation?.id ?? "")).toEqual(["Um", "Dois", "Três"]);
  });

  it("who turns out to be one person goes on in one of the two conversations", async () => {
    const [phone, user] = ["351951000003", "PT.9510000000000003"];
    await named("wamid.alias.8", { phone }, "Pelo número");
    await named("wamid.alias.9", { user }, "Pelo nome");
    await named("wamid.alias.10", { phone, user }, "Sou a mesma");
    await named("wamid.alias.11", { phone }, "De novo pelo número");
    const byUser = await stack.conversationWith(user);
    const byPhone = await stack.conversationWith(phone);
    expect(await texts(byUser)).toEqual(["Pelo nome", "Sou a mesma", "De novo pelo número"]);
    expect(await texts(byPhone)).toEqual(["Pelo número"]);
    expect((await stack.events(byPhone)).at(-1)).toMatchObject({ type: "contact.merged", data: { into: byUser } });
  });
});

describe("customers who are one person", () => {
  const patch = (contact: string, body: object) => stack.patch(`/v1/contacts/${contact}`, body);
  const contactOf = async (conversation: string) => {
    const { json } = await stack.get(`/v1/conversations/${conversation}`);
    return (json as { contact: { id: string } }).contact.id;
  };
  const shown = async (contact: string) => ApiContact.parse((await stack.get(`/v1/contacts/${contact}`)).json);
  const found = async (query: string) => {
    const { data } = ContactPage.parse((await stack.get(`/v1/contacts?${query}`)).json);
    return data.map(({ id }) => id);
  };

  it("are named, found, merged, silent where one of them said so, and two again", async () => {
    const { graph } = stack;
    const written = [
      graph.write({ phoneNumberId: PHONE_NUMBER_ID, from: "351954000001", text: "Olá", name: "Graça" }),
      graph.write({ phoneNumberId: PHONE_NUMBER_ID, from: "351954000002", text: "Olá", name: "Outra Graça" }),
      graph.write({ instagramId: "300000000000001", from: "9540000000000003", text: "Olá" }),
    ];
    const [first = "", second = "", third = ""] = await Promise.all(
      (await Promise.all(written)).map((id) => stack.conversationOf(id)),
    );
    await stack.settled();
    const [graca, other, insta] = await Promise.all([contactOf(first), contactOf(second), contactOf(third)]);
    expect(await patch(graca, { name: "Graça Lima", attributes: { size: 38 } })).toMatchObject({ status: 202 });
    for (const contact of [other, insta])
      expect(await stack.post(`/v1/contacts/${graca}/merge`, { with: contact })).toMatchObject({ status: 202 });
    await stack.settled();
    const person = await shown(graca);
    expect(person).toMatchObject({ name: "Graça Lima", attributes: { size: 38 }, absorbed: [other, insta] });
    expect(person.conversations.map(({ id }) => id).sort()).toEqual([first, second, third].sort());
    await expect.poll(() => found("name=GRACA%20l"), SOON).toEqual([graca]);
    expect(await found("number=%2B351954000002")).toEqual([graca]);
    expect(await found("account=instagram&address=9540000000000003")).toEqual([graca]);

    // A word to one of the numbers holds for the other, until it turns out that they are two.
    await graph.write({ phoneNumberId: PHONE_NUMBER_ID, from: "351954000001", text: "STOP" });
    await stack.settled();
    const offer = () =>
      stack.post(`/v1/conversations/${second}/messages`, { content: { type: "text", text: "-20%" }, topic: "offers" });
    expect(await offer()).toMatchObject({ status: 422, json: { code: "opted_out" } });
    expect(await stack.post(`/v1/contacts/${graca}/split`, { from: other })).toMatchObject({ status: 202 });
    await stack.settled();
    expect(await offer()).toMatchObject({ status: 202 });
    expect(await shown(other)).toMatchObject({ name: "Outra Graça", conversations: [{ id: second }] });
    expect((await shown(graca)).absorbed).toEqual([insta]);

    const { json } = await stack.get(`/v1/contacts/${graca}/events`);
    const events = EventPage.parse(json).data;
    expect(events.map(({ type }) => type.replace("contact.", ""))).toEqual(["updated", "merged", "merged", "split"]);
    await stack.settled();
    expect(stack.published.filter(({ subject }) => subject === graca)).toEqual(events);
  });
});

describe("what AWS is asked, by its own rules of counting", () => {
  const text = (id: string) => id.padEnd(100, "á");

  /** Units of what was done meanwhile by functions whose name begins with one of these. */
  async function unitsOf(names: readonly string[], act: () => Promise<unknown>) {
    await stack.settled();
    const mark = stack.calls.length;
    await act();
    await stack.settled();
    const counted = stack.calls
      .slice(mark)
      .filter(({ principal }) => names.some((name) => principal.startsWith(`recado-local-${name}`)));
    const sum = (units: "readUnits" | "writeUnits") => counted.reduce((total, call) => total + call[units], 0);
    return { read: sum("readUnits"), write: sum("writeUnits") };
  }
  const recorder = ["record-event"];

  it("an inbound message takes 2 write and 2 read units, the first of a conversation at most 8", async () => {
    const customer = "351952000001";
    const first = await unitsOf(recorder, () => says(customer, "wamid.cost.1", text("wamid.cost.1")));
    const second = await unitsOf(recorder, () => says(customer, "wamid.cost.2", text("wamid.cost.2")));
    expect(first.write).toBeGreaterThan(2);
    expect(first.write).toBeLessThanOrEqual(8);
    expect(second).toEqual({ read: 2, write: 2 });
  });

  it("a repeated message takes no write unit once the queue has forgotten it", async () => {
    const [customer, id] = ["351952000002", "wamid.cost.3"];
    await says(customer, id, text(id));
    await says(customer, "wamid.cost.4", text("wamid.cost.4"));
    const conversation = await stack.conversationWith(customer);
    const entry = await stack.table.entry(conversation, 1);
    const again = await unitsOf(recorder, async () => {
      const { key, type, account, channel, address, at, data } = entry ?? {};
      const item = { log: conversation, key, token: "another", type, account, channel, address, at, data };
      await stack.sqs.send(
        new SendMessageCommand({
          QueueUrl: stack.queue("conversations.fifo"),
          MessageGroupId: conversation,
          MessageDeduplicationId: "forgotten",
          MessageBody: JSON.stringify(item).replace(/á/g, "\\u00e1"),
        }),
      );
    });
    expect(again.write).toBe(0);
    expect(again.read).toBeGreaterThan(0);
    expect(await stack.messages(conversation)).toHaveLength(2);
  });

  it("a message that is sent and three receipts take at most 12 write units in all, a receipt 2", async () => {
    const customer = "351952000003";
    const conversation = await stack.conversationOf(
      await stack.graph.write({ phoneNumberId: PHONE_NUMBER_ID, from: customer, text: "Olá" }),
    );
    // That the key was used is noted once an hour, and no part of what a message costs.
    await stack.messages(conversation);
    // From the API to the last receipt, without the consumers of the log, which have cursors of their own.
    const everyone = ["api", "send-message", "record-event"];
    const whole = await unitsOf(everyone, async () => {
      const message = await stack.send(conversation, text("out.1"));
      await expect.poll(() => stack.publishedAfter(message), SOON).toContain("read");
    });
    expect(whole.write).toBeGreaterThan(8);
    expect(whole.write).toBeLessThanOrEqual(12);

    await stack.graph.order({ kind: "drop_webhook", about: "receipt", times: 3, customer });
    const message = await stack.send(conversation, text("out.2"));
    await expect.poll(() => stack.publishedAfter(message), SOON).toContain("sent");
    const { providerMessageId } = await stack.message(conversation, message);
    const status = {
      id: providerMessageId,
      status: "delivered",
      timestamp: secondsNow(),
      recipient_id: customer,
      biz_opaque_callback_data: `${conversation}.${message}.0`,
      pricing: { billable: true, pricing_model: "PMP", type: "regular", category: "service" },
    };
    const receipt = await unitsOf(recorder, () => stack.whatsapp(whatsAppWebhook({ statuses: [status] })));
    expect(receipt).toEqual({ read: 2, write: 2 });
    expect(await stack.message(conversation, message)).toMatchObject({ status: "delivered" });
  });

  it("costs the same behind two thousand entries as behind two", async () => {
    const customer = "351952000004";
    await says(customer, "wamid.cost.5", text("wamid.cost.5"));
    await says(customer, "wamid.cost.6", text("wamid.cost.6"));
    const third = await unitsOf(recorder, () => says(customer, "wamid.cost.7", text("wamid.cost.7")));
    const conversation = await stack.conversationWith(customer);
    let newest = (await stack.table.newest(conversation)) as Entry;
    const entries = Array.from({ length: 2000 }, (_, index) => {
      const { sequence: _sequence, after, ...arrival } = newest;
      newest = advance(after, { ...arrival, key: `key-of-the-past-${index}` } satisfies Arrival);
      return newest;
    });
    for (let from = 0; from < entries.length; from += 25) {
      const puts = entries
        .slice(from, from + 25)
        .map((entry) => ({ PutRequest: { Item: toItem(conversation, entry) } }));
      await stack.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [stack.tableName]: puts } }));
    }
    const late = await unitsOf(recorder, () => says(customer, "wamid.cost.8", text("wamid.cost.8")));
    expect(third).toEqual({ read: 2, write: 2 });
    expect(late).toEqual(third);
    expect(await stack.table.newest(conversation)).toMatchObject({ sequence: 2004 });
    await stack.settled();
  });
});

describe("the logs of functions", () => {
  const TEXT = "canário amarelo";
  const PHONE = "351966600042";
  const PERSON = "7666000000000042";
  const NAME = "Zeferina Canarinha";
  const GUESS = "segredo-adivinhado";

  it("neither what people write nor who they are nor a secret stands in any log", async () => {
    const { graph, twilio } = stack;

    // What comes in: readable, half readable, not readable, forged.
    const contacts = [{ wa_id: PHONE, profile: { name: NAME } }];
    const odd = { from: PHONE, id: "wamid.canary.odd", type: "riddle", riddle: { text: TEXT, of: NAME } };
    const messages = [whatsAppText(PHONE, "wamid.canary.1", TEXT), odd, { text: TEXT, from: PHONE }];
    const statuses = [{ id: "wamid.canary.none", status: TEXT, recipient_id: PHONE }];
    await stack.whatsapp(whatsAppWebhook({ contacts, messages, statuses }));
    await stack.whatsapp(`{"object":"whatsapp_business_account","${TEXT}":"${PHONE}`);
    await stack.messenger(
      messengerWebhook([messengerText(PERSON, "m_canary", TEXT), { sender: { id: PERSON }, [TEXT]: NAME }]),
    );
    await stack.messenger(`[${TEXT} ${PERSON}`);
    await stack.sms({ ...smsText(`+${PHONE}`, "SM00000000000000000000000000000666", TEXT), ProfileName: NAME });
    await stack.sms({ [TEXT]: PHONE });
    for (const connector of ["whatsapp-cloud", "messenger", "sms-twilio"]) {
      const url = `${stack.url}/webhooks/${connector}`;
      const headers = { "x-hub-signature-256": GUESS, "x-twilio-signature": GUESS };
      await call(url, { method: "POST", headers, body: `${TEXT} ${PHONE} ${NAME}` });
      await call(`${url}?hub.mode=subscribe&hub.verify_token=${GUESS}&hub.challenge=${GUESS}`);
    }
    const QueueUrl = stack.queue("conversations.fifo");
    for (const [index, poison] of [
      `${TEXT} ${PHONE}`,
      JSON.stringify({ log: PHONE, data: TEXT, name: NAME }),
    ].entries()) {
      const MessageBody = poison.replaceAll("á", "a");
      const ids = { MessageGroupId: "canary", MessageDeduplicationId: `canary-${index}` };
      await stack.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...ids }));
    }

    // What goes out: well, and in every way that it can go wrong.
    const written = [
      await graph.write({ phoneNumberId: PHONE_NUMBER_ID, from: PHONE, text: TEXT, name: NAME }),
      await graph.write({ pageId: PAGE_ID, from: PERSON, text: TEXT }),
      await twilio.write({ to: SMS_NUMBER, from: `+${PHONE}`, text: TEXT }),
    ];
    const faults = [
      undefined,
      { kind: "429", retryAfterSeconds: 1 },
      { kind: "failed" },
      { kind: "reset_after_accepting" },
      { kind: "500" },
    ];
    const outcomes = await Promise.all(
      written.map(async (id) => {
        const conversation = await stack.conversationOf(id);
        const sent: string[] = [];
        for (const fault of faults) {
          const { address } = (await stack.conversations()).find((one) => one.id === conversation) ?? { address: "" };
          const vendor = address.startsWith("+") ? twilio : graph;
          if (fault) await vendor.order({ ...fault, customer: address });
          sent.push(await stack.send(conversation, `${TEXT} ${PHONE}`));
          // One fault after another: they are used up by whoever comes next.
          await expect.poll(() => stack.publishedAfter(sent.at(-1) ?? "").length, SOON).toBeGreaterThan(1);
        }
        for (const bad of [`{"${TEXT}":1}`, `${TEXT} ${PHONE}`, `{"content":{"type":"${TEXT}"}}`]) {
          await stack.post(`/v1/conversations/${conversation}/messages?name=${PHONE}`, bad);
          await stack.post(`/v1/conversations/${conversation}/messages`, bad, {
            "idempotency-key": TEXT.replace("á", "a"),
          });
        }
        return sent.length;
      }),
    );
    expect(outcomes).toEqual([faults.length, faults.length, faults.length]);
    await call(`${stack.url}/v1/conversations/${PHONE}?name=${PHONE}`, {
      headers: { authorization: `Bearer ${GUESS}` },
    });
    await stack.settled();
    const dead = async () => (await stack.accountEvents("whatsapp")).map(({ data }) => data.code);
    await vi.waitFor(async () => expect(await dead()).toContain("webhook_unreadable"), SOON);

    const codes = [
      "webhook_refused",
      "webhook_unreadable",
      "mailbox_item_parked",
      "send_uncertain",
      "handshake_refused",
    ];
    const missing = () => codes.filter((code) => !stack.lines.some((line) => line.includes(code)));
    await expect.poll(missing, SOON).toEqual([]);
    const secrets = [
      "whatsapp-appSecret",
      "whatsapp-accessToken",
      "messenger-appSecret",
      "sms-authToken",
      "sms-apiSecret",
    ];
    const planted = [
      TEXT,
      "canario amarelo",
      PHONE,
      PERSON,
      NAME,
      GUESS,
      "local-api-key",
      ...secrets.map((one) => `local-${one}`),
    ];
    const leaked = stack.lines.filter((line) => planted.some((word) => line.includes(word)));
    expect(leaked).toEqual([]);
  });
});

describe("the bus", () => {
  it("has brought every entry of every log, once and in the order of the log", async () => {
    const customers = Array.from({ length: 10 }, (_, index) => `35195300000${index}`);
    const turns = Array.from({ length: 5 }, (_, turn) => turn);
    await Promise.all(
      customers.map(async (customer) => {
        for (const turn of turns) await says(customer, `wamid.bus.${customer}.${turn}`, `n.º ${turn}`);
      }),
    );
    await stack.settled();
    const conversations = await stack.conversations();
    expect(conversations.length).toBeGreaterThan(customers.length);
    for (const { id } of conversations) {
      const published = stack.published.filter(({ subject }) => subject === id);
      expect(published, id).toEqual(await stack.events(id));
    }
    const alerts = stack.published.filter(({ subject }) => subject === "account:whatsapp");
    expect(alerts).toEqual(await stack.accountEvents("whatsapp"));
    expect(alerts.length).toBeGreaterThan(0);
  });
});
