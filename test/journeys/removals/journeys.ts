/**
 * Everything that the stack is for, as journeys through its doors. Each is here because some permission exists for it
 * alone; what the answers look like in detail is held elsewhere.
 */
import { expect, vi } from "vitest";
import { hashOfKey } from "../../../shared/domain/api-key.ts";
import { ApiMedia, SentMessage, UploadOffer } from "../../../shared/domain/api-shapes.ts";
import { BatchRecipientPage, ShownBatch } from "../../../shared/domain/batch-shapes.ts";
import { advance, type Entry } from "../../../shared/domain/conversation-log.ts";
import { ErasureAnswer } from "../../../shared/domain/erasure-shapes.ts";
import { accountLog } from "../../../shared/domain/mailbox.ts";
import { CreatedSubscription, ReplayPage } from "../../../shared/domain/subscription-shapes.ts";
import { startEndpoint } from "../endpoint.ts";
import { PAGE_ID, postMeta, postTwilio, SMS_NUMBER, TWILIO_ACCOUNT, whatsAppText, whatsAppWebhook } from "../stack.ts";
import { channels, onEveryChannel, opened, writes } from "./channels.ts";
import { type Journeys, type Run, SOON } from "./run.ts";

/** Too large for the queue, and too large for an item of the table. */
const BOOK = "A book. ".repeat(45_000);
/** Too large for the queue alone. */
const CHAPTER = "A chapter. ".repeat(22_000);
/** More entries than are read behind a page in any case: a thousand, in stretches of five hundred. */
const LONG_AHEAD = 1_510;

const [whatsapp, , sms] = channels as [(typeof channels)[0], (typeof channels)[1], (typeof channels)[2]];

/** Waits until the message has come to one of these. */
function reaches(run: Run, conversation: string, message: string, statuses: readonly string[]): Promise<void> {
  const look = async () => expect(statuses).toContain((await run.message(conversation, message)).status);
  return run.found(look, conversation);
}

const SENT = ["sent", "delivered", "read"];
const LINE = { type: "text", text: "One line of many" };

async function contactOf(run: Run, conversation: string): Promise<string> {
  const { json } = await run.get(`/v1/conversations/${conversation}`);
  return (json as { contact: { id: string } }).contact.id;
}

/** Waits until the log has as many events of this type. */
function holds(run: Run, conversation: string, type: string, count = 1): Promise<void> {
  return run.found(async () => {
    const found = (await run.log(conversation)).filter((entry) => entry.type === type);
    expect(found).toHaveLength(count);
  }, conversation);
}

function alerts(run: Run, account: string, code: string, count: number): Promise<void> {
  return run.found(async () => {
    const found = (await run.log(accountLog(account))).filter(({ data }) => (data as { code?: string }).code === code);
    expect(found).toHaveLength(count);
  }, accountLog(account));
}

/** Who writes while the bus is closed. */
const MISSED = "1000011";

/** Entries as record-event would append them one by one, at once. Gives the number of the last. */
async function goOn(run: Run, conversation: string, count: number, recorded?: number): Promise<number> {
  const newest = await run.table.newest(conversation);
  if (!newest) throw new Error(`${conversation} is empty`);
  const { account, channel } = newest;
  const at = { received: newest.at.recorded, recorded: recorded ?? newest.at.recorded };
  const entries: Entry[] = [];
  for (let number = 0; number < count; number++) {
    const message = { id: `msg_line${number}`, direction: "inbound", author: { type: "contact" }, content: LINE };
    const arrival = { key: `line${number}`, token: "line", type: "message.received" as const, account, channel, at };
    entries.push(advance((entries.at(-1) ?? newest).after, { ...arrival, data: { message } }));
  }
  await Promise.all(entries.map((entry) => run.table.put(conversation, entry)));
  return newest.sequence + count;
}

export const journeys: Journeys = {
  "a provider subscribes": async (run) => {
    const query = "hub.mode=subscribe&hub.challenge=42&hub.verify_token=local-whatsapp-verifyToken";
    const answer = await fetch(`${run.url}/webhooks/whatsapp-cloud?${query}`);
    expect([answer.status, await answer.text()]).toEqual([200, "42"]);
  },

  "a customer writes while bus and topic are closed": async (run) => {
    const { gateway, stack } = run.local;
    const bus = "arn:aws:events:eu-west-1:000000000000:event-bus/recado-local";
    const topic = "arn:aws:sns:eu-west-1:000000000000:recado-local.fifo";
    const closed = (Action: string, Resource: string) => [{ Effect: "Deny", Principal: "*", Action, Resource }];
    gateway.setResourcePolicy(bus, { Statement: closed("events:PutEvents", bus) });
    gateway.setResourcePolicy(topic, { Statement: closed("sns:Publish", topic) });
    await opened(run, whatsapp, MISSED);
    for (const stream of ["publish-event", "publish-event-topic"])
      await run.heard(stream, "sqs:ChangeMessageVisibility");
    gateway.setResourcePolicy(bus, { Statement: [] });
    gateway.setResourcePolicy(topic, stack.resourcePolicies[topic] ?? { Statement: [] });
  },

  "customers write on every channel, and a developer reads it": (run) =>
    onEveryChannel(async (channel) => {
      const { conversation } = await opened(run, channel, "1000001");
      expect((await run.get(`/v1/contacts/${await contactOf(run, conversation)}`)).status).toBe(200);
      expect(await run.messages(conversation)).toHaveLength(1);
      expect(await run.events(conversation)).not.toEqual([]);
      expect(await run.conversations()).toContainEqual(expect.objectContaining({ id: conversation }));
    }).then(() => {}),

  "the business answers under a key of its own, twice, and receipts come": (run) =>
    onEveryChannel(async (channel) => {
      const { customer, conversation } = await opened(run, channel, "1000002");
      const ask = () =>
        run.post(
          `/v1/conversations/${conversation}/messages`,
          { content: { type: "text", text: "Boa tarde" } },
          { "idempotency-key": `answer on ${channel.account}` },
        );
      const first = await ask();
      expect((await ask()).json).toEqual(first.json);
      const { message } = first.json as { message: { id: string } };
      await reaches(run, conversation, message.id, ["delivered", "read"]);
      expect(await run[channel.vendor].phone(customer)).toHaveLength(1);
    }).then(() => {}),

  "the business writes for later, and thinks better of it": (run) =>
    onEveryChannel(async (channel) => {
      const { customer, conversation } = await opened(run, channel, "1000032");
      const later = async (text: string) => {
        const sendAt = new Date(Date.now() + 3_600_000).toISOString();
        const said = { content: { type: "text", text }, sendAt };
        const answer = await run.post(`/v1/conversations/${conversation}/messages`, said);
        const { id } = SentMessage.parse(answer.json).message;
        await reaches(run, conversation, id, ["queued"]);
        return id;
      };
      const cancelled = await later("Never");
      expect((await run.delete(`/v1/messages/${cancelled}`)).status).toBe(200);
      const begun = await later("A sender has it");
      await run.table.takeClaim(begun, 0, Date.now());
      expect((await run.delete(`/v1/messages/${begun}`)).status).toBe(409);
      // An hour later, as it were.
      const due = await later("Now");
      expect((await run.get(`/v1/messages/${due}`)).status).toBe(200);
      const queued = (await run.events(conversation)).findLast(({ type }) => type === "message.queued");
      const request = { log: conversation, sequence: Number(queued?.sequence), account: channel.account, message: due };
      await run.schedule.schedule(request, Date.now() - 1);
      await run.runSchedule("send-scheduled");
      await vi.waitFor(async () => expect(await run[channel.vendor].phone(customer)).toHaveLength(1), SOON);
    }).then(() => {}),

  "the business writes to many for later, and thinks better of it": async (run) => {
    const { conversation } = await opened(run, whatsapp, "1000034");
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const message = { content: { type: "text", text: "Ж".repeat(20_400) }, topic: "marketing", sendAt };
    const stranger = { account: "whatsapp", address: "+1 555 100 0035" };
    // More than one step takes.
    const nobody = Array.from({ length: 49 }, (_, number) => ({ contact: `con_${String(number).padStart(22, "0")}` }));
    const contact = await contactOf(run, conversation);
    const recipients = [{ contact }, stranger, ...nobody].map((to) => ({ to }));
    const { batch } = ShownBatch.parse((await run.post("/v1/batches", { message, recipients })).json);
    const path = `/v1/batches/${batch.id}`;
    const shows = (state: object) =>
      run.found(async () => expect((await run.get(path)).json).toMatchObject({ batch: state }));
    await shows({ status: "done", accepted: 1, refused: 50 });
    const [row] = BatchRecipientPage.parse((await run.get(`${path}/recipients`)).json).data;
    const id = row?.message?.id ?? expect.fail();
    await reaches(run, conversation, id, ["queued"]);
    await run.table.takeClaim(id, 0, Date.now());
    expect((await run.delete(path)).status).toBe(200);
    await run.heard("send-batch", "dynamodb:GetItem", `SEND#${id}#0`);
    await run.heard("send-batch", "sqs:ChangeMessageVisibility");
    expect((await run.get("/v1/batches")).json).toMatchObject({ data: [{ status: "cancelled" }] });
  },

  "the business writes to somebody who never wrote": async (run) => {
    const said = { to: { account: "sms", address: "+1 555 100 0033" }, content: { type: "text", text: "Good news" } };
    const { message } = SentMessage.parse((await run.post("/v1/messages", said)).json);
    await reaches(run, message.conversation, message.id, ["delivered"]);
  },

  "the customer sees that we have read, and are writing": (run) =>
    onEveryChannel(async (channel) => {
      if (channel.account === "sms") return;
      const { customer, conversation } = await opened(run, channel, "1000031");
      for (const signal of ["read", "typing"])
        expect((await run.post(`/v1/conversations/${conversation}/${signal}`, {})).status).toBe(202);
      await vi.waitFor(async () => {
        const asked = [...(await run.graph.requests("read")), ...(await run.graph.requests(customer))];
        const shown = channel.account === "whatsapp" ? { status: "read" } : { sender_action: "typing_on" };
        expect(asked).toContainEqual(expect.objectContaining({ status: 200, body: expect.objectContaining(shown) }));
      }, SOON);
    }).then(() => {}),

  "providers are asked for what they did not tell": async (run) => {
    const { customer, conversation } = await opened(run, sms, "1000051");
    await run.twilio.order({ kind: "drop_webhook", customer, about: "message", times: 2 });
    await writes(run, sms, customer, BOOK);
    // A file that Twilio has no more: kept whole, and too large for the log.
    const withFile = { Body: CHAPTER, NumMedia: "1" };
    await run.twilio.write({ to: SMS_NUMBER, from: customer, element: withFile });
    // Another program sends by the same number.
    const foreign = new URLSearchParams({ To: customer, From: SMS_NUMBER, Body: "Your code is 1234" });
    const authorization = `Basic ${Buffer.from("local-sms-apiKey:local-sms-apiSecret").toString("base64")}`;
    const messages = `${run.url}/_simulators/twilio/2010-04-01/Accounts/${TWILIO_ACCOUNT}/Messages.json`;
    await fetch(messages, { method: "POST", headers: { authorization }, body: foreign });
    const sent = await vi.waitFor(async () => {
      const [got] = await run.twilio.phone(customer);
      expect(got?.statuses.at(-1)?.status).toBe("delivered");
      return got;
    }, SOON);
    await run.loseSubscription({ pageId: PAGE_ID });
    await run.reconcile("sms");
    await run.heard("reconcile", "dynamodb:GetItem", `PROVIDER#sms#${sent?.id}`);
    await holds(run, conversation, "message.received", 3);
    for (const { account } of channels) await run.reconcile(account);
    await alerts(run, "messenger", "subscription_lost", 1);
  },

  "customers send pictures, one with a book below it, one slower than its webhook": async (run) => {
    await onEveryChannel(async (channel) => {
      const { vendor, account, writing } = channel;
      const { customer, conversation } = await opened(run, channel, "1000021");
      if (vendor === "twilio") await run.twilio.order({ kind: "file_not_ready", customer });
      await run[vendor].write({ ...writing(customer, account === "whatsapp" ? BOOK : ""), kind: "image" });
      if (vendor === "twilio") await run.heard("store-media", "sqs:ChangeMessageVisibility");
      await holds(run, conversation, "media.stored");
    });
  },

  "a send is refused for good": async (run) => {
    const { customer, conversation } = await opened(run, whatsapp, "1000003");
    await run.graph.order({ kind: "expired_window", customer });
    const message = await run.send(conversation, "Too late");
    await reaches(run, conversation, message, ["failed"]);
  },

  "nobody confirms a send, and it is settled": (run) =>
    onEveryChannel(async (channel) => {
      const { customer, conversation } = await opened(run, channel, "1000004");
      await run[channel.vendor].order({ kind: "drop_webhook", customer, about: "receipt", times: 20 });
      await run[channel.vendor].order({ kind: "reset_after_accepting", customer });
      const message = await run.send(conversation, "Are you there?");
      await holds(run, conversation, "message.uncertain");
      await reaches(run, conversation, message, ["failed"]);
    }).then(() => run.stopMisbehaving()),

  "a provider throttles the whole account, and customers write a book meanwhile": async (run) => {
    const waiting: (() => Promise<void>)[] = [];
    await onEveryChannel(async (channel) => {
      const { account, connector, vendor, throttle } = channel;
      const { customer, conversation } = await opened(run, channel, "1000005");
      await run[vendor].order({ ...throttle, customer, times: 1000, retryAfterSeconds: 1 });
      const message = await run.send(conversation, "One moment");
      await run.heard(`send-message-${connector}`, "dynamodb:PutItem", `PAUSE#${account}`);
      await writes(run, channel, customer, BOOK);
      await holds(run, conversation, "message.received", 2);
      waiting.push(() => reaches(run, conversation, message, SENT));
    });
    await run.stopMisbehaving();
    await Promise.all(waiting.map((wait) => wait()));
  },

  "webhooks that nobody can read are kept, and told once however often they come": async (run) => {
    await onEveryChannel(async (channel) => {
      for (const number of [1, 2]) await channel.postNonsense(run, number);
      await alerts(run, channel.account, "webhook_unreadable", 2);
      expect(await run.accountEvents(channel.account)).not.toEqual([]);
    });
    const first = await run.table.entry("account:sms", 1);
    if (!first) throw new Error("The log of the account is empty");
    const { sequence: _, after: __, ...item } = first;
    // The queue has forgotten it, as it does after five minutes.
    await run.put("conversations.fifo", { ...item, token: "again", log: "account:sms" }, lane("account:sms", "again"));
    await run.put(
      "conversations.fifo",
      { ...item, token: "new", key: "new", log: "account:sms" },
      lane("account:sms", "new"),
    );
    await alerts(run, "sms", "webhook_unreadable", 3);
  },

  "a customer turns out to be one who is known under another address": async (run) => {
    const [phone, user] = ["15551000006", "US.15551000006"];
    const first = whatsAppText(phone, "wamid.first", "Olá");
    const contact = { profile: { name: "Ana" }, wa_id: phone };
    const post = (...messages: object[]) =>
      postMeta(run.url, "whatsapp-cloud", whatsAppWebhook({ contacts: [{ ...contact, user_id: user }], messages }));
    await postMeta(run.url, "whatsapp-cloud", whatsAppWebhook({ contacts: [contact], messages: [first] }));
    const conversation = await run.conversationWith(phone);
    const chapter = whatsAppText(phone, "wamid.chapter", CHAPTER);
    await post({ ...chapter, from_user_id: user });
    await holds(run, conversation, "message.received", 2);
    // Meta repeats the first one, and knows more of the customer now.
    await post({ ...first, from_user_id: user });
    await post({ ...whatsAppText(phone, "wamid.last", "Adeus"), from_user_id: user });
    await holds(run, conversation, "message.received", 3);
  },

  "the business says that two contacts are one person, names them, and finds them": async (run) => {
    const [one, other] = await Promise.all([opened(run, whatsapp, "1000081"), opened(run, sms, "1000082")]);
    const [person, part] = await Promise.all([contactOf(run, one.conversation), contactOf(run, other.conversation)]);
    expect((await run.patch(`/v1/contacts/${person}`, { name: "Zulmira" })).status).toBe(202);
    const tells = (count: number) =>
      run.found(async () => {
        const { json } = await run.get(`/v1/contacts/${person}/events`);
        expect((json as { data: unknown[] }).data).toHaveLength(count);
      }, person);
    await tells(1);
    expect((await run.post(`/v1/contacts/${person}/merge`, { with: part })).status).toBe(202);
    await tells(2);
    await run.found(async () =>
      expect((await run.get("/v1/contacts?name=zul")).json).toMatchObject({ data: [{ absorbed: [part] }] }),
    );
  },

  "a developer asks with a key that has a limit": async (run) => {
    const limit = { requests: 100, seconds: 2 };
    await run.keys.addKey(hashOfKey("limited"), { id: "key_1", name: "", scopes: ["read"], limit, created: 0 });
    const answer = await fetch(`${run.url}/v1/conversations`, { headers: { authorization: "Bearer limited" } });
    expect([answer.status, answer.headers.get("ratelimit-policy")]).toEqual([200, '"key";q=100;w=2']);
    await run.heard("api", "dynamodb:UpdateItem", "KEYS#all");
  },

  "a conversation is closed, and the customer writes again": async (run) => {
    const { customer, conversation } = await opened(run, whatsapp, "1000007");
    expect((await run.post(`/v1/conversations/${conversation}/close`, {})).status).toBe(202);
    await holds(run, conversation, "conversation.closed");
    await writes(run, whatsapp, customer, "One more thing");
    await holds(run, conversation, "conversation.opened");
  },

  "a helpdesk is busy, gets a book all the same, and refuses what came long before": async (run) => {
    const { customer, conversation } = await opened(run, sms, "1000061");
    const shows = (count: number) =>
      vi.waitFor(async () => expect(await run.desk.events(conversation)).toHaveLength(count), SOON);
    await shows(1);
    await run.desk.order({ kind: "429", customer: conversation, retryAfterSeconds: 1 });
    await writes(run, sms, customer, BOOK);
    await shows(2);
    await run.heard("post-to-helpdesk-desk", "sqs:ChangeMessageVisibility");
    await run.desk.order({ kind: "refused", customer: conversation });
    const sequence = await goOn(run, conversation, 1, Date.now() - 3_600_000);
    await run.put("post-to-helpdesk-desk.fifo", { log: conversation, sequence }, lane(conversation, "rung"));
    await holds(run, conversation, "helpdesk.failed");
  },

  "a helpdesk is tended: what is older than it is handed over, and it is asked": async (run) => {
    await opened(run, sms, "1000063");
    await run.runSchedule("tend-desk");
  },

  "an agent answers in the helpdesk, with a file that is not there at first": async (run) => {
    const { conversation } = await opened(run, whatsapp, "1000062");
    await run.desk.order({ kind: "file_not_ready", customer: conversation });
    const attachments = [{ contentType: "image/jpeg", fileName: "foto.jpg" }];
    const id = await run.desk.reply({ conversation, text: "Veja", attachments });
    await run.heard("take-reply", "sqs:ChangeMessageVisibility");
    await holds(run, conversation, "message.read");
    // The desk tells it again, long after the queue has forgotten it.
    const happening = { type: "reply", id, conversation, author: { type: "agent" }, text: "Veja", files: [] };
    const told = { desk: "desk", happening, receivedAt: Date.now() };
    await run.put("take-reply.fifo", told, lane(conversation, "told-again"));
    await run.desk.reply({ type: "state", conversation, state: "closed" });
    await holds(run, conversation, "conversation.closed");
    expect(await run.messages(conversation)).toHaveLength(2);
  },

  "a customer's name is asked for, and cannot be had for now": async (run) => {
    const [customer, other] = ["4001000041", "4001000042"];
    await run.graph.write({ pageId: PAGE_ID, from: customer, text: "Oi", name: "Ana" });
    await holds(run, await run.conversationWith(customer), "contact.updated");
    await run.graph.order({ kind: "profile_unavailable", customer: other });
    await run.graph.write({ pageId: PAGE_ID, from: other, text: "Oi", name: "Rui" });
    await run.heard("fetch-profile", "sqs:ChangeMessageVisibility");
  },

  "a receipt comes before anyone knows its message": async (run) => {
    const receipt = { MessageSid: "SM00000000000000000000000000000008", MessageStatus: "delivered" };
    await postTwilio(run.url, { AccountSid: TWILIO_ACCOUNT, From: SMS_NUMBER, ...receipt });
    await run.heard("record-event", "sqs:ChangeMessageVisibility");
  },

  "a batch that nobody can read is parked": async (run) => {
    await run.put("send-batch.fifo", { what: "is this?" }, lane("batches", "riddle"));
    await run.lies("send-batch-dead-letters.fifo");
  },

  "what nobody can record is parked, and told": async (run) => {
    const log = "conv_0000000000000000000000";
    const about = { log, key: "broken", token: "broken", account: "whatsapp", channel: "whatsapp" };
    const item = { ...about, type: "message.received", at: { received: Date.now() }, data: null };
    await run.put("conversations.fifo", item, lane(log, "broken"));
    await alerts(run, "whatsapp", "event_parked", 1);
    await run.lies("conversations-dead-letters.fifo");
    // A body that is gone from the bucket is parked too, and is no fault that passes.
    await run.put("conversations.fifo", { reference: "mailbox/gone" }, lane("conv_0000000000000000000001", "gone"));
    await run.heard("record-event", "s3:ListBucket");
  },

  "a log has gone on for long behind a page of its messages": async (run) => {
    const { conversation } = await opened(run, whatsapp, "1000009");
    const message = await run.send(conversation, "How are you?");
    await reaches(run, conversation, message, ["read"]);
    await goOn(run, conversation, LONG_AHEAD);
    const { json } = await run.get(`/v1/conversations/${conversation}/messages?limit=2`);
    expect(json).toMatchObject({ data: [{ direction: "inbound" }, { id: message, status: "read" }] });
  },

  "a reply that the queue cannot take as it is": async (run) => {
    const { conversation } = await opened(run, whatsapp, "1000012");
    const message = await run.send(conversation, "Ж".repeat(20_400));
    await reaches(run, conversation, message, SENT);
  },

  "a file is uploaded, sent by its id, and opened": async (run) => {
    const offered = await run.post("/v1/media", { contentType: "image/jpeg", size: 7 });
    const { media, upload } = UploadOffer.parse(offered.json);
    await fetch(upload.url, { method: "PUT", headers: upload.headers, body: "a photo" });
    await onEveryChannel(async (channel) => {
      const { conversation } = await opened(run, channel, "1000021");
      const content = { type: "image", media };
      const answer = await run.post(`/v1/conversations/${conversation}/messages`, { content });
      const { message } = answer.json as { message: { id: string } };
      await reaches(run, conversation, message.id, ["delivered", "read"]);
    });
    const { url } = ApiMedia.parse((await run.get(`/v1/media/${media.id}`)).json).media;
    expect(await (await fetch(url)).text()).toBe("a photo");
    expect((await run.get(`/v1/media/med_${"0".repeat(22)}`)).status).toBe(404);
  },

  "a developer's endpoint gets a book and an alert, is slow, fails, is gone, and comes back": async (run) => {
    const said = { text: "", status: 204, delayMs: 0 };
    const endpoint = await startEndpoint(() => (answer) => {
      setTimeout(() => answer.writeHead(said.status).end(), said.delayMs);
    });
    try {
      // What other accounts may still have to tell would be told in their own logs.
      const filter = { accounts: ["sms"] };
      const created = await run.post("/v1/subscriptions", { url: endpoint.url, filter });
      const { id, since } = CreatedSubscription.parse(created.json).subscription;
      const path = `/v1/subscriptions/${id}`;
      const shows = (state: object) =>
        run.found(async () => expect((await run.get(path)).json).toMatchObject({ subscription: state }));
      const arrivals = (subject: string) => endpoint.got.filter(({ event }) => event.subject === subject).length;
      const arrive = (subject: string, count: number) =>
        vi.waitFor(() => expect(arrivals(subject)).toBeGreaterThanOrEqual(count), SOON);
      expect((await run.post(`${path}/test`, {})).status).toBe(200);
      expect((await run.get(`${path}/attempts`)).json).toMatchObject({ data: [{ reason: "test" }] });
      expect((await run.get("/v1/subscriptions")).json).toMatchObject({ data: [{ id }] });

      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(since)), SOON);
      const { customer, conversation } = await opened(run, sms, "1000071");
      await writes(run, sms, customer, BOOK);
      await arrive(conversation, 1);
      await sms.postNonsense(run, 71);
      await arrive("account:sms", 1);
      const contact = await contactOf(run, conversation);
      await run.patch(`/v1/contacts/${contact}`, { name: "Ana" });
      await arrive(contact, 1);
      said.delayMs = 4_000;
      await writes(run, sms, customer, "Slowly");
      await run.heard("deliver-webhook", "dynamodb:UpdateItem", "SUBSCRIPTION#all");
      said.delayMs = 0;
      said.status = 500;
      await writes(run, sms, customer, "Failing");
      await run.heard("deliver-webhook", "sqs:ChangeMessageVisibility");
      said.status = 410;
      await shows({ state: "disabled", disabled: { reason: "gone" } });
      await alerts(run, "sms", "webhook_disabled", 1);
      said.status = 204;
      expect((await run.patch(path, { state: "enabled" })).status).toBe(200);
      await shows({ state: "enabled" });
      const before = arrivals(conversation);
      expect((await run.post(`${path}/replay`, { conversation })).status).toBe(202);
      expect((await run.post(`${path}/replay`, { since: new Date(0).toISOString() })).status).toBe(202);
      // A minute is over, and another where it did not get through all logs.
      await run.found(async () => {
        await run.runSchedule("tend-webhooks");
        const { data } = ReplayPage.parse((await run.get(`${path}/replays`)).json);
        expect(data.map(({ kind, state }) => [kind, state])).toContainEqual(["span", "done"]);
      });
      await arrive(conversation, before + 2);
      expect((await run.post(`${path}/secrets`, {})).status).toBe(201);
      expect((await run.delete(path)).status).toBe(204);
    } finally {
      endpoint.close();
    }
  },

  "a sender dies before it can tell what came of a send": async (run) => {
    const { customer, conversation } = await opened(run, sms, "1000010");
    await run.twilio.order({ kind: "429", customer, times: 1000, retryAfterSeconds: 600 });
    const message = await run.send(conversation, "Hello?");
    await vi.waitFor(async () => expect(await run.table.claim(message, 0)).toMatchObject({ state: "released" }), SOON);
    await writes(run, sms, customer, BOOK);
    await holds(run, conversation, "message.received", 2);
    // The provider repeats the book after the queue has forgotten it.
    const { key = "" } = (await run.table.newest(conversation)) ?? {};
    const about = { log: conversation, type: "message.received", account: "sms", channel: "sms", data: {} };
    const again = { ...about, key, token: "again", at: { received: Date.now() } };
    await run.put("conversations.fifo", again, lane(conversation, "again"));
    const queued = (await run.events(conversation)).find(({ type }) => type === "message.queued");
    const providerMessageId = "SM00000000000000000000000000000010";
    const done = { state: "done", at: Date.now(), outcome: "sent", providerMessageId } as const;
    await run.table.finishClaim(message, 0, done);
    const request = { log: conversation, sequence: Number(queued?.sequence), account: "sms", message, part: 0 };
    await run.put("settle-send", request);
    await reaches(run, conversation, message, ["sent"]);
  },

  "two customers are erased: one of whom everything is kept that may be, and who writes meanwhile": async (run) => {
    const { customer, conversation } = await opened(run, whatsapp, "1000091");
    const sideways = await opened(run, sms, "1000092");
    const erase = async (contact: string) => {
      const answer = await run.delete(`/v1/contacts/${contact}`);
      return ErasureAnswer.parse(answer.json).erasure.id;
    };
    const ends = (erasure: string) =>
      run.found(async () =>
        expect((await run.get(`/v1/erasures/${erasure}`)).json).toMatchObject({ erasure: { status: "done" } }),
      );
    await ends(await erase(await contactOf(run, sideways.conversation)));

    const contact = await contactOf(run, conversation);
    await run.patch(`/v1/contacts/${contact}`, { name: "Zulmira" });
    await run.graph.write({ ...whatsapp.writing(customer, "Look"), kind: "image" });
    await writes(run, whatsapp, customer, BOOK);
    const path = `/v1/conversations/${conversation}`;
    await run.post(`${path}/consents`, { topic: "marketing", state: "opted_out" });
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const said = { content: { type: "text", text: "Tomorrow" }, sendAt };
    expect((await run.post(`${path}/messages`, said, { "idempotency-key": "tomorrow" })).status).toBe(202);
    const sent = await run.send(conversation, "Boa tarde");
    await reaches(run, conversation, sent, SENT);
    await run.desk.reply({ conversation, text: "At once" });
    await holds(run, conversation, "media.stored");
    await holds(run, conversation, "message.received", 3);
    await holds(run, conversation, "consent.changed");
    await holds(run, conversation, "message.queued", 3);
    await run.found(async () => expect(await run.table.newest(contact)).toBeDefined(), contact);
    // Of a helpdesk that is not configured any more.
    const about = { token: "t", account: "whatsapp", channel: "whatsapp", at: { received: Date.now() } };
    const linked = { ...about, log: conversation, key: "linked", type: "helpdesk.linked" };
    const link = { helpdesk: "gone", ticket: "77" };
    await run.put("conversations.fifo", { ...linked, data: link }, lane(conversation, "linked"));
    const alert = { ...about, log: "account:whatsapp", key: "foreign", type: "account.alert" };
    const raw = { code: "foreign", reason: "Odd", raw: { from: customer } };
    await run.put("conversations.fifo", { ...alert, data: raw }, lane("account:whatsapp", "foreign"));
    await holds(run, conversation, "helpdesk.linked");
    await alerts(run, "whatsapp", "foreign", 1);
    await postMeta(run.url, "whatsapp-cloud", `nonsense from ${customer}`);
    const reference = "mailbox/lost-letter";
    const lost = { ...about, log: conversation, key: "lost", type: "message.received", data: {} };
    await run.objects.put(reference, JSON.stringify(lost), "application/json");
    const letter = { parked: JSON.stringify({ reference }), error: "a fault" };
    await run.put("conversations-dead-letters.fifo", letter, lane(conversation, "lost"));

    // The helpdesk keeps the erasure waiting, and the customer writes again under both names.
    await run.desk.order({ kind: "429", customer: conversation, retryAfterSeconds: 2 });
    const erasure = await erase(contact);
    await run.heard("erase-contact", "sqs:ChangeMessageVisibility");
    await holds(run, conversation, "contact.erased");
    await writes(run, whatsapp, customer, "Me again");
    await ends(erasure);
    await run.heard("erase-contact", "dynamodb:PutItem", `ADDRESS#whatsapp#${customer}`);
  },

  "a developer who was away catches up with everything": async (run) => {
    const CHANGES = /^CHANGES#/;
    const hasAsked = () =>
      run.asked.some(
        ({ principal, conditionKeys }) =>
          principal === "recado-local-api" && conditionKeys["dynamodb:LeadingKeys"]?.some((key) => CHANGES.test(key)),
      );
    for (let query = "since=2026-01-01T00:00:00Z&limit=100"; !hasAsked(); ) {
      const { status, json, text } = await run.get(`/v1/events?${query}`);
      expect(status, text).toBe(200);
      query = `limit=100&cursor=${(json as { nextCursor: string }).nextCursor}`;
    }
  },

  "the bus, once it is open again, gets what it missed": async (run) => {
    const conversation = await run.conversationWith(whatsapp.addressOf(whatsapp.customer(MISSED)));
    await vi.waitFor(() => {
      const events = run.local.gateway.recentEvents("recado-local");
      expect(events.map(({ Detail }) => JSON.parse(Detail).subject)).toContain(conversation);
    }, SOON);
  },
};

/** What the owner's choice to send again adds. */
export const resending: Journeys = {
  "nobody confirms a send, and it is sent again": (run) =>
    onEveryChannel(async (channel) => {
      const { customer, conversation } = await opened(run, channel, "2000001");
      await run[channel.vendor].order({ kind: "drop_webhook", customer, about: "receipt", times: 3 });
      await run[channel.vendor].order({ kind: "reset_after_accepting", customer });
      const message = await run.send(conversation, "Are you there?");
      await holds(run, conversation, "message.uncertain");
      await reaches(run, conversation, message, SENT);
      expect(await run[channel.vendor].phone(customer)).toHaveLength(2);
    }).then(() => {}),
};

function lane(group: string, deduplicationId: string) {
  return { group, deduplicationId };
}
