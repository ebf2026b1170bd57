/** What is exported of a contact, held against what the logs and the bucket hold. */
import { beforeEach, expect, test } from "vitest";
import { type ExportItem, ExportPage } from "../../../shared/domain/api-shapes.ts";
import { advance } from "../../../shared/domain/conversation-log.ts";
import { toEnvelope } from "../../../shared/domain/envelope.ts";
import { contactId, conversationId } from "../../../shared/domain/ids.ts";
import { inboundText, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn } from "./api-world.ts";

const PHONE = "5511987650000";
const contact = contactId(SECRET, "whatsapp", PHONE);
const conversation = conversationId(SECRET, "whatsapp", PHONE);
const OURS = "msg_01m80v99chhrt829vc6dayx5sh";
const FILE = "med_01m80vq2d4f6h8k0n2r4t6w8y0";

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

async function exported(id = contact): Promise<{ items: ExportItem[]; pages: number; largest: number }> {
  const items: ExportItem[] = [];
  let [next, largest] = ["", 0];
  for (let pages = 1; ; pages++) {
    const answer = await here.ask("GET", `/v1/contacts/${id}/export${next}`);
    expect(answer.status, answer.body).toBe(200);
    largest = Math.max(largest, Buffer.byteLength(JSON.stringify(answer.body)));
    const page = ExportPage.parse(answer.json);
    items.push(...page.data);
    if (page.nextCursor === null) return { items, pages, largest };
    next = `?cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

const of = <Kind extends ExportItem["kind"]>(items: readonly ExportItem[], kind: Kind) =>
  items.filter((item): item is Extract<ExportItem, { kind: Kind }> => item.kind === kind);

/** The fields that are compared may come in any order. */
const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();

function everythingIn(logs: readonly string[]) {
  return logs.flatMap((log) => (here.table.logs.get(log) ?? []).map((entry) => toEnvelope(log, 3, entry)));
}

test("is who they are, where they are spoken to, every message and every event", async () => {
  await here.arrive(inboundText("wamid.1", { name: "Ana", aliases: ["BR.user-1"] }), queued(OURS));
  await here.arrive(receipt("message.sent", OURS), receipt("message.read", OURS));
  await here.arrive(inboundText("wamid.other", { address: "5511900000000" }));
  const { items } = await exported();
  expect(items.map(({ kind }) => kind)).toEqual([
    ...["contact", "conversation", "message", "message"],
    ...Array.from(here.table.logs.get(conversation) ?? [], () => "event"),
  ]);
  expect(of(items, "contact")[0]?.contact).toMatchObject({ id: contact, name: "Ana" });
  expect(of(items, "conversation")[0]).toMatchObject({ conversation: { id: conversation, address: PHONE }, events: 4 });
  const shown = (await here.ask("GET", `/v1/conversations/${conversation}/messages`)).json.data;
  expect(of(items, "message").map(({ message }) => message)).toEqual(shown);
  expect(sorted(of(items, "event").map(({ event }) => event))).toEqual(sorted(everythingIn([conversation])));
  // The other name that the channel has for them stands in no envelope.
  expect(of(items, "event")[0]).toMatchObject({ address: PHONE, profile: { name: "Ana", addresses: ["BR.user-1"] } });
});

test("has the files that came and went, with links that open them, as far as they are there", async () => {
  const media = { id: FILE, contentType: "image/jpeg", size: 3, sha256: "0".repeat(64) };
  here.files.kept.set(FILE, { contentType: "image/jpeg", size: 3 });
  const photo = inboundText("wamid.1");
  const stored = {
    ...photo,
    key: "stored",
    type: "media.stored" as const,
    data: { message: { id: "msg_1" }, media },
  };
  const sentAlong = { type: "image" as const, media: { id: FILE, contentType: "image/jpeg" } };
  const gone = { type: "image" as const, media: { id: FILE.replace("01m", "02m"), contentType: "image/png" } };
  await here.arrive(photo, stored, queued(OURS, { content: sentAlong, parts: [sentAlong, gone] }));
  const { items } = await exported();
  expect(items.slice(-4).map(({ kind }) => kind)).toEqual(["event", "file", "event", "file"]);
  expect(of(items, "file").map(({ file }) => [file.id, file.url.split("?")[0]])).toEqual([
    [FILE, `https://bucket.test/media/${FILE}`],
    [FILE, `https://bucket.test/media/${FILE}`],
  ]);
});

test("is of the person with everybody whom they turned out to be, their own logs too", async () => {
  const other = { account: "sms", address: "+5511987650000" };
  const absorbed = contactId(SECRET, "sms", other.address);
  await here.arrive(inboundText("wamid.1"), inboundText("SM1", other));
  here.table.contact = async (id) => ({
    id,
    absorbed: [absorbed],
    conversations: [contact, absorbed].flatMap((one) => here.table.profiles.get(one)?.conversations ?? []),
  });
  here.table.person = () => here.table.contact(contact);
  for (const id of [contact, absorbed]) {
    const { token, account, channel } = inboundText("any");
    const at = { received: here.clock.time, recorded: here.clock.time };
    const data = { change: "profile", attributes: { plan: id } };
    const written = advance(undefined, { key: id, token, type: "contact.updated", account, channel, at, data });
    here.table.logs.set(id, [written]);
  }
  const logs = [contact, absorbed, conversation, conversationId(SECRET, "sms", other.address)];
  for (const asked of [contact, absorbed]) {
    const { items } = await exported(asked);
    expect(of(items, "contact")).toHaveLength(1);
    expect(of(items, "conversation")).toHaveLength(2);
    expect(sorted(of(items, "event").map(({ event }) => event))).toEqual(sorted(everythingIn(logs)));
  }
});

test("of a long history comes over pages that are bounded, nothing twice and nothing left out", async () => {
  await here.arrive(inboundText("wamid.1"));
  const entries = here.table.logs.get(conversation) ?? [];
  for (let number = 0; number < 1_300; number++) {
    const { key, token, type, account, channel, data } = inboundText(`more ${number}`);
    const at = { received: here.clock.time, recorded: here.clock.time };
    entries.push(advance(entries.at(-1)?.after, { key, token, type, account, channel, data, at }));
  }
  const { items, pages } = await exported();
  expect(pages).toBe(6);
  expect(of(items, "message").map(({ message }) => message.providerMessageId)).toEqual(
    entries.map(({ data }) => (data as { message: { providerMessageId: string } }).message.providerMessageId),
  );
  expect(of(items, "event").map(({ event }) => Number(event.sequence))).toEqual(
    entries.map(({ sequence }) => sequence),
  );
});

test("of large entries fits into what a function may answer", async () => {
  await here.arrive(
    ...[1, 2, 3, 4, 5, 6].map((number) => inboundText(`wamid.${number}`, { text: '"'.repeat(900_000) })),
  );
  const { items, largest } = await exported();
  expect(of(items, "event")).toHaveLength(6);
  expect(of(items, "message")).toHaveLength(6);
  expect(largest).toBeLessThan(6_000_000);
});

test("ends a page when its time is over", async () => {
  await here.arrive(...Array.from({ length: 250 }, (_, number) => inboundText(`wamid.${number}`)));
  const entries = here.table.entries.bind(here.table);
  here.table.entries = async (...page) => {
    here.clock.time += 3_000;
    return entries(...page);
  };
  const { items, pages } = await exported();
  expect(pages).toBeGreaterThan(2);
  expect(of(items, "event")).toHaveLength(250);
});

test("that was begun goes on only while the contact is made of the same conversations", async () => {
  await here.arrive(...Array.from({ length: 300 }, (_, number) => inboundText(`wamid.${number}`)));
  const { json } = await here.ask("GET", `/v1/contacts/${contact}/export`);
  const next = `/v1/contacts/${contact}/export?cursor=${encodeURIComponent(json.nextCursor)}`;
  expect((await here.ask("GET", next)).status).toBe(200);
  await here.arrive(inboundText("wamid.other", { address: "5511900000000" }));
  const others = contactId(SECRET, "whatsapp", "5511900000000");
  expect(problemIn(await here.ask("GET", next.replace(contact, others)))).toMatchObject({ field: "cursor" });
  here.table.profiles.set(contact, { id: contact, conversations: [] });
  expect(problemIn(await here.ask("GET", next))).toMatchObject({ code: "bad_parameter", field: "cursor" });
});

test("is for nobody without the scope admin, and for no key that is limited to accounts", async () => {
  await here.arrive(inboundText("wamid.1"));
  here.addKey("reader", "key_read", ["read", "send"]);
  here.addKey("narrow", "key_narrow", ["admin"], { accounts: ["whatsapp"] });
  const path = `/v1/contacts/${contact}/export`;
  expect(problemIn(await here.ask("GET", path, { key: "reader" })).code).toBe("scope_missing");
  expect(problemIn(await here.ask("GET", path, { key: "narrow" })).code).toBe("account_limited");
  expect(problemIn(await here.ask("GET", "/v1/contacts/con_nobody/export")).code).toBe("not_found");
});
