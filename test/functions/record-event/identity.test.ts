/** Who a customer is, from the provider's webhook to the log and the contact: numbers, user ids, and their changes. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { conversationId, personId } from "../../../shared/domain/ids.ts";
import { SAMPLE, webhook } from "../../contracts/provider.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";
import { door, ID_SECRET } from "../receive-webhook/door.ts";

beforeAll(() => void vi.spyOn(console, "info").mockReturnValue());
afterAll(() => void vi.restoreAllMocks());

const ANA = "5511987650000";

function start({ joinByNumber = true } = {}) {
  const here = world();
  const doors = {
    whatsapp: door("whatsapp-cloud", { joinByNumber }),
    sms: door("sms-twilio", { joinByNumber }),
  };
  const through = async (way: keyof typeof doors, body: unknown) => {
    const { receive, mailbox } = doors[way];
    const name = way === "whatsapp" ? "whatsapp-cloud" : "sms-twilio";
    expect((await receive(webhook(name, { body }))).status).toBe(200);
    here.mailbox.waiting.push(...mailbox.waiting.splice(0));
    await pump(here.mailbox, () => here.ports);
  };
  const told = (value: object) => {
    const whole = { metadata: { phone_number_id: "100000000000001" }, ...value };
    const changes = [{ field: "messages", value: whole }];
    return through("whatsapp", { object: "whatsapp_business_account", entry: [{ id: "1", changes }] });
  };
  let count = 0;
  return {
    table: here.table,
    /** On WhatsApp; `from` is the number, where it is shown. */
    says: ({ from, user, name }: { from?: string; user?: string; name?: string }) => {
      const message = { id: `wamid.${++count}`, timestamp: "1795000000", type: "text", text: { body: "Oi" } };
      const contacts = name ? [{ profile: { name }, wa_id: from, user_id: user }] : [];
      return told({ messages: [{ ...message, from, from_user_id: user }], contacts });
    },
    changes: (system: object, message: object) =>
      told({ messages: [{ id: `wamid.${++count}`, timestamp: "1795000000", type: "system", ...message, system }] }),
    isDelivered: (to: object) =>
      told({ statuses: [{ id: `wamid.out.${++count}`, status: "delivered", timestamp: "1795000000", ...to }] }),
    texts: (from: string) =>
      through(
        "sms",
        new URLSearchParams({
          MessageSid: `SM${String(++count).padStart(32, "0")}`,
          AccountSid: "AC00000000000000000000000000000001",
          From: from,
          To: "+15550000002",
          Body: "Oi",
          NumMedia: "0",
        }).toString(),
      ),
    /** By conversation: the contact at its end. */
    contacts: () =>
      Object.fromEntries([...here.table.logs].map(([log, entries]) => [log, entries.at(-1)?.after.contact])),
  };
}

const named = (address: string) => conversationId(ID_SECRET, SAMPLE["whatsapp-cloud"].name, address);
const person = (number: string) => personId(ID_SECRET, `+${number}`);

describe("one number", () => {
  test("spelled in two ways has one conversation and one contact; what is kept is as it came", async () => {
    const { says, table } = start();
    await says({ from: "551187650000" });
    await says({ from: ANA });
    expect([...table.logs.keys()]).toEqual([named(ANA)]);
    expect(table.logs.get(named(ANA))?.map(({ address }) => address)).toEqual(["551187650000", ANA]);
  });

  test.each([
    ["551187650000", ANA],
    [ANA, "551187650000"],
  ])("that came along as %s leads to the conversation when it comes alone as %s", async (first, second) => {
    const { says, table } = start();
    await says({ user: "BR.1", from: first });
    await says({ from: second });
    expect([...table.logs.keys()]).toEqual([named("BR.1")]);
  });

  test("on WhatsApp and by SMS is one person, who is spoken to in both places", async () => {
    const { says, texts, table } = start();
    await says({ from: "551187650000", name: "Ana" });
    await texts(`+${ANA}`);
    expect(table.profiles.get(person(ANA))).toMatchObject({
      name: "Ana",
      conversations: [
        { channel: "whatsapp", account: "whatsapp", address: "551187650000" },
        { channel: "sms", account: "sms", address: `+${ANA}` },
      ],
    });
    expect(table.profiles.size).toBe(1);
  });

  test("is nobody's by itself where the owner does not join by it: each account knows its own customer", async () => {
    const { says, texts, contacts } = start({ joinByNumber: false });
    await says({ from: "551187650000" });
    await says({ from: ANA });
    await texts(`+${ANA}`);
    expect(new Set(Object.values(contacts())).size).toBe(2);
    expect(Object.values(contacts())).not.toContain(person(ANA));
  });

  test("is none when it is a short code or masked", async () => {
    const { texts, contacts } = start();
    await texts("68849");
    await texts("+266696687");
    expect(Object.values(contacts())).not.toContain(person("68849"));
    expect(Object.values(contacts())).not.toContain(person("266696687"));
  });
});

describe("a customer whose number is told only sometimes", () => {
  test("becomes the person once it is told, and stays so; who they were before points on", async () => {
    const { says, contacts, table } = start();
    await says({ user: "BR.1", name: "Ana" });
    const before = contacts()[named("BR.1")] ?? "";
    expect(before).not.toBe(person(ANA));
    await says({ user: "BR.1", from: ANA, name: "Ana" });
    await says({ user: "BR.1", name: "Ana" });
    expect(contacts()).toEqual({ [named("BR.1")]: person(ANA) });
    expect(table.logs.get(named("BR.1"))?.map(({ contact }) => contact)).toEqual([before, person(ANA), undefined]);
    expect(table.profiles.get(before)).toMatchObject({ mergedInto: person(ANA), conversations: [] });
    const [place] = table.profiles.get(person(ANA))?.conversations ?? [];
    expect(table.profiles.get(person(ANA))).toMatchObject({ name: "Ana" });
    expect(place).toMatchObject({ conversation: named("BR.1"), address: "BR.1" });
  });

  test("is one contact with two conversations that turn out to be one", async () => {
    const { says, contacts, table } = start();
    await says({ user: "BR.1" });
    const before = contacts()[named("BR.1")] ?? "";
    await says({ from: ANA });
    await says({ user: "BR.1", from: ANA });
    await says({ from: ANA });
    expect(contacts()).toEqual({ [named("BR.1")]: person(ANA), [named(ANA)]: person(ANA) });
    expect(table.logs.get(named("BR.1"))).toHaveLength(3);
    expect(table.profiles.get(before)?.mergedInto).toBe(person(ANA));
  });

  test("is one contact too where nobody is joined by number: the one of the conversation that goes on", async () => {
    const { says, contacts, table } = start({ joinByNumber: false });
    await says({ user: "BR.1" });
    await says({ from: ANA });
    const { [named("BR.1")]: kept = "", [named(ANA)]: former = "" } = contacts();
    await says({ user: "BR.1", from: ANA });
    expect(contacts()[named("BR.1")]).toBe(kept);
    expect(table.profiles.get(former)?.mergedInto).toBe(kept);
    const places = table.profiles.get(kept)?.conversations.map(({ conversation }) => conversation);
    expect(places?.toSorted()).toEqual([named("BR.1"), named(ANA)].toSorted());
  });
});

describe("a customer who changes", () => {
  const NEW = "5511912340000";

  test("the number keeps conversation and identity; both numbers and user ids lead there", async () => {
    const { says, changes, isDelivered, contacts, table } = start();
    await says({ user: "BR.1", from: ANA, name: "Ana" });
    await changes(
      { type: "user_changed_number", wa_id: NEW, user_id: "BR.2", previous_user_id: "BR.1", body: "changed" },
      { from: ANA },
    );
    await says({ user: "BR.2", from: NEW });
    await says({ user: "BR.2" });
    await says({ from: NEW });
    await isDelivered({ recipient_user_id: "BR.1" });
    await isDelivered({ recipient_id: ANA });
    expect(contacts()).toEqual({ [named("BR.1")]: person(ANA) });
    expect(table.logs.get(named("BR.1"))?.map(({ type }) => type)).toEqual([
      "message.received",
      "contact.updated",
      "message.received",
      "message.received",
      "message.received",
      "message.delivered",
      "message.delivered",
    ]);
  });

  test("the number, spelled in the old way, is found by the spelling that names the conversation", async () => {
    const { says, changes, table } = start();
    await says({ from: "551187650000" });
    await changes({ type: "user_changed_number", wa_id: NEW, body: "changed" }, { from: "551187650000" });
    await says({ from: NEW });
    expect([...table.logs.keys()]).toEqual([named(ANA)]);
    expect(table.logs.get(named(ANA))).toHaveLength(3);
  });

  test("the user id while nobody shows a number goes on in the same place, and so does its parent", async () => {
    const { says, changes, isDelivered, contacts, table } = start();
    await says({ user: "BR.1" });
    const [contact] = Object.values(contacts());
    await changes(
      {
        type: "user_changed_user_id",
        user_id: "BR.2",
        previous_user_id: "BR.1",
        parent_user_id: "BR.ENT.2",
        previous_parent_user_id: "BR.ENT.1",
      },
      {},
    );
    await says({ user: "BR.2" });
    await says({ user: "BR.ENT.2" });
    await isDelivered({ recipient_user_id: "BR.1" });
    await isDelivered({ recipient_parent_user_id: "BR.ENT.1" });
    expect(contacts()).toEqual({ [named("BR.1")]: contact });
    expect(table.logs.get(named("BR.1"))).toHaveLength(6);
  });
});
