import { describe, expect, test } from "vitest";
import type { Content } from "../../../shared/domain/content.ts";
import type { Channel, Message } from "../../../shared/domain/event.ts";
import { contactId, conversationId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { verifyLog } from "../../../shared/domain/verify-log.ts";
import { inboundText, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { pump } from "../../fakes/pump.ts";
import { faulty, OPT_OUT, world } from "../../fakes/world.ts";

const CUSTOMER = "5511987650000";
const T0 = 1_795_000_000_000;
/** The account `sms` leaves the word to us; `twilio` acts by itself. */
const optOut = {
  ...OPT_OUT,
  stopWords: ["Enough"],
  byProvider: [{ accounts: ["twilio"], stop: ["STOP", "CANCEL"], start: ["START", "YES"] }],
};
type Account = "whatsapp" | "sms" | "twilio";

function customer(account: Account) {
  const channel: Channel = account === "whatsapp" ? "whatsapp" : "sms";
  const here = world();
  const ports = { ...here.ports, optOut };
  const log = conversationId(SECRET, account, CUSTOMER);
  const settle = () => pump(here.mailbox, () => ports);
  let count = 0;
  const text = (words: string, message: Partial<Message> = {}): MailboxItem => {
    const item = inboundText(`wamid.${++count}`, { account, text: words, received: here.clock.now() });
    const { message: written } = item.data as { message: Message };
    return { ...item, channel, data: { message: { ...written, ...message } } };
  };
  return {
    ...here,
    log,
    text,
    async hears(...items: (MailboxItem | string)[]) {
      here.mailbox.waiting.push(...items.map((item) => (typeof item === "string" ? text(item) : item)));
      await settle();
      expect(verifyLog(log, here.table.logs.get(log) ?? [])).toEqual([]);
    },
    entries: () => here.table.logs.get(log) ?? [],
    optedOut: () => here.table.logs.get(log)?.at(-1)?.after.optedOut,
    changes: () => (here.table.logs.get(log) ?? []).filter(({ type }) => type === "consent.changed"),
    confirmations: () =>
      (here.table.logs.get(log) ?? []).filter(({ data }) => (data as { confirmsOptOut?: true }).confirmsOptOut),
    wish: (at = -1) =>
      (here.table.logs.get(log)?.at(at)?.data as { message: Message } | undefined)?.message.consentWish,
  };
}

describe("a word that stops messages", () => {
  test.each<[Account, string]>([
    ["sms", "all"],
    ["twilio", "all"],
    ["whatsapp", "proactive"],
  ])("from %s ends %s at once, and is told as one event", async (account, topic) => {
    const one = customer(account);
    await one.hears("Olá", "STOP!");
    expect(one.wish(1)).toEqual({ wants: "stop", said: "keyword" });
    expect(one.optedOut()).toEqual([topic]);
    expect(one.changes().map(({ data }) => data)).toEqual([{ topic, state: "opted_out", source: "keyword" }]);
    const contact = one.table.profiles.get(contactId(SECRET, account, CUSTOMER));
    expect(contact?.consents).toMatchObject([{ topic, state: "opted_out", source: "keyword" }]);
  });

  test("is answered once where the provider does not, also when it is said twice in one breath", async () => {
    const one = customer("sms");
    await one.hears("STOP", "stop", "Enough");
    await one.hears("STOP");
    expect(one.changes()).toHaveLength(1);
    const confirmations = one.confirmations();
    expect(confirmations).toHaveLength(1);
    expect(confirmations[0]).toMatchObject({
      type: "message.queued",
      address: CUSTOMER,
      data: { message: { author: { type: "system" }, content: { type: "text", text: "Goodbye" } } },
    });
    expect(one.bells.requests).toHaveLength(1);
  });

  test("is told and answered once, wherever in between the worker dies or AWS fails", async () => {
    const item = { ...inboundText("wamid.1", { account: "sms", text: "STOP" }), channel: "sms" as const };
    for (const fault of ["before", "after"] as const)
      for (const crash of [true, false])
        for (let at = 0; at < 24; at++) {
          const here = world();
          const count = { calls: 0 };
          const failing = <Port extends object>(port: Port) =>
            faulty(port, (call) => (call === at ? fault : undefined), { count, crash });
          here.mailbox.waiting.push(structuredClone(item));
          const ports = { ...here.ports, table: failing(here.table), mailbox: failing(here.mailbox), optOut };
          await pump(here.mailbox, () => ports);
          const types = here.table.logs.get(item.log)?.map(({ type }) => type);
          expect(types).toEqual(["message.received", "consent.changed", "message.queued"]);
        }
  });

  test("is answered again after the customer had come back", async () => {
    const one = customer("sms");
    await one.hears("STOP");
    await one.hears("START");
    expect(one.optedOut()).toBeUndefined();
    await one.hears("STOP");
    expect(one.confirmations()).toHaveLength(2);
  });

  test("is not answered where the provider does it, on other channels, or without an answer in the configuration", async () => {
    for (const account of ["twilio", "whatsapp"] as const) {
      const one = customer(account);
      await one.hears("STOP");
      expect(one.confirmations()).toEqual([]);
    }
    const here = world();
    here.mailbox.waiting.push({ ...inboundText("wamid.1", { account: "sms", text: "STOP" }), channel: "sms" });
    await pump(here.mailbox, () => ({ ...here.ports, optOut: { ...optOut, confirmation: "" } }));
    expect([...here.table.logs.values()].flat().map(({ type }) => type)).toEqual([
      "message.received",
      "consent.changed",
    ]);
  });

  test("is the last word, also when it comes in one breath with the one that takes it back", async () => {
    const one = customer("sms");
    await one.hears("STOP");
    await one.hears("START", "STOP");
    expect(one.optedOut()).toEqual(["all"]);
  });

  test("is heard for all accounts of the channel, also where this one knew it before", async () => {
    const one = customer("sms");
    await one.hears("STOP");
    const contact = contactId(SECRET, "sms", CUSTOMER);
    one.clock.time += 1000;
    // As another account of the channel tells it, to which they said that they want messages again.
    const again = { topic: "all", state: "opted_in", source: "keyword" } as const;
    await one.table.putConsent(contact, { channel: "sms", ...again, at: one.clock.now() });
    one.clock.time += 1000;
    await one.hears("STOP");
    expect(one.changes()).toHaveLength(1);
    expect(one.table.profiles.get(contact)?.consents).toMatchObject([{ topic: "all", state: "opted_out" }]);
  });

  test("that comes late ends messages, and is not answered any more", async () => {
    const one = customer("sms");
    const late = one.text("STOP");
    await one.hears({ ...late, at: { ...late.at, provider: late.at.received - 6 * 60_000 } });
    expect(one.optedOut()).toEqual(["all"]);
    expect(one.confirmations()).toEqual([]);
  });

  test("that the provider took for one is one, whatever it reads", async () => {
    const one = customer("twilio");
    await one.hears(one.text("Ya no", { consentWish: { wants: "stop", said: "keyword" } }));
    expect(one.optedOut()).toEqual(["all"]);
    expect(one.changes()).toHaveLength(1);
  });

  test("inside a sentence, or in words of the customer's own, changes nothing and is flagged", async () => {
    const one = customer("sms");
    await one.hears("please stop texting me");
    expect(one.wish()).toEqual({ wants: "stop", said: "phrase" });
    await one.hears("we stop at five");
    expect(one.wish()).toBeUndefined();
    expect(one.changes()).toEqual([]);
  });

  test("from a number's history is long settled", async () => {
    const one = customer("whatsapp");
    const old = one.text("STOP");
    await one.hears({ ...old, at: { ...old.at, provider: old.at.received - 60 * 86_400_000 } });
    expect(one.wish()).toBeUndefined();
    expect(one.changes()).toEqual([]);
  });
});

describe("a word that starts them again", () => {
  test("may be a yes for one who had stopped, and is an answer from anybody else", async () => {
    const one = customer("twilio");
    await one.hears("Yes");
    expect(one.wish()).toBeUndefined();
    await one.hears("STOP");
    await one.hears("Yes");
    expect(one.optedOut()).toBeUndefined();
  });

  test("does not take back what was said after it, when it comes late", async () => {
    const one = customer("sms");
    const start = one.text("START");
    one.clock.time += 120_000;
    const stop = one.text("STOP");
    await one.hears({ ...stop, at: { ...stop.at, provider: stop.at.received } });
    one.clock.time += 60_000;
    await one.hears({ ...start, at: { received: one.clock.now(), provider: start.at.received } });
    expect(one.optedOut()).toEqual(["all"]);
  });
});

describe("an answer to a question", () => {
  const question = (account: Account) => {
    const content: Content = {
      type: "buttons",
      text: "Confirm or cancel?",
      buttons: [
        { id: "yes", title: "Confirm" },
        { id: "no", title: "Cancel" },
      ],
    };
    const parts: Content[] = [{ type: "text", text: "Confirm or cancel?\n\n1. Confirm\n2. Cancel" }];
    const item = queued("msg_0000000000000000000000001a", { content, parts });
    return { ...item, log: conversationId(SECRET, account, CUSTOMER), account, channel: "sms" as const };
  };

  test.each<[Account, string]>([
    ["sms", "CANCEL"],
    ["twilio", "2"],
  ])("from %s is no stop word: %s", async (account, answer) => {
    const one = customer(account);
    await one.hears(question(account), answer);
    expect(one.entries().at(-1)?.data).toMatchObject({ message: { content: { type: "choice", id: "no" } } });
    expect(one.changes()).toEqual([]);
  });

  test("is one all the same where the provider takes it for that", async () => {
    const one = customer("twilio");
    await one.hears(question("twilio"), "CANCEL");
    expect(one.entries().at(-2)?.data).toMatchObject({ message: { content: { type: "choice", id: "no" } } });
    expect(one.optedOut()).toEqual(["all"]);
  });
});

describe("a provider that will not send any more", () => {
  const refused = (log: string, account: Account, id: string, code: string): MailboxItem[] => {
    const about = { log, account, channel: account === "whatsapp" ? ("whatsapp" as const) : ("sms" as const) };
    const failure = { class: "opted_out", code, reason: "They do not want it." };
    const data = { message: { id }, failure };
    return [
      { ...queued(id), ...about },
      { ...receipt("message.failed", id), ...about, data },
    ];
  };

  test.each<[Account, string]>([
    ["twilio", "all"],
    ["whatsapp", "marketing"],
  ])("to customers of %s has told that they want no %s, once", async (account, topic) => {
    const one = customer(account);
    const ids = ["msg_0000000000000000000001", "msg_0000000000000000000002"];
    await one.hears("Olá", ...ids.flatMap((id) => refused(one.log, account, id, "21610")));
    expect(one.changes().map(({ data }) => data)).toEqual([{ topic, state: "opted_out", source: "provider" }]);
    expect(one.confirmations()).toEqual([]);
  });

  test("says nothing new where we did not ask it", async () => {
    const one = customer("sms");
    await one.hears("Olá", ...refused(one.log, "sms", "msg_0000000000000000000001", "opted_out"));
    expect(one.changes()).toEqual([]);
  });
});

test("a conversation that takes over knows what was said in the one before", async () => {
  const here = world();
  const receive = async (item: MailboxItem) => {
    here.mailbox.waiting.push(item);
    await pump(here.mailbox, () => ({ ...here.ports, optOut }));
  };
  await receive(inboundText("one", { address: "BR.1" }));
  await receive(inboundText("two", { address: CUSTOMER, text: "STOP" }));
  await receive(inboundText("three", { address: "BR.1", aliases: [CUSTOMER] }));
  const newest = await here.table.newest(conversationId(SECRET, "whatsapp", "BR.1"));
  expect(newest?.after.optedOut).toEqual(["proactive"]);
});

test("a contact who turns out to be a person takes along what they said", async () => {
  const one = customer("sms");
  await one.hears("STOP");
  const person = { id: "con_person", by: "number" as const };
  await one.hears({ ...one.text("Olá"), contact: person, at: { received: T0 } });
  expect(one.table.profiles.get("con_person")?.consents).toMatchObject([{ topic: "all", state: "opted_out" }]);
});
