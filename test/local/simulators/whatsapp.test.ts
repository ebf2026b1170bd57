/** The kinds of WhatsApp at the simulator: what customers do arrives as Meta tells it, what we send is judged as Meta does. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startGraphSimulator } from "../../../local/simulators/graph/index.ts";
import { WhatsAppWriting } from "../../../local/simulators/graph/whatsapp-elements.ts";
import type { Server } from "../../../local/simulators/http.ts";
import type { Parsed } from "../../../shared/channels/connector.ts";
import { whatsappCloud } from "../../../shared/channels/whatsapp-cloud/index.ts";
import type { Content } from "../../../shared/domain/content.ts";
import { SENDS } from "../../channels/whatsapp-cloud-sends.ts";
import { SAMPLE } from "../../contracts/provider.ts";
import { ask, type Receiver, startReceiver } from "./receiver.ts";

const NUMBER = {
  id: "100000000000001",
  displayPhoneNumber: "+15550000001",
  accessToken: "whatsapp-token",
  appSecret: "whatsapp-secret",
  verifyToken: "whatsapp-verify",
};
const CUSTOMER = "+351910000001";

let receiver: Receiver;
let simulator: Server;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startGraphSimulator({
    webhookOrigin: receiver.url,
    phoneNumbers: [NUMBER],
    pages: [],
    receiptsAfterMs: [1, 5, 10, 15],
    retryAfterMs: [0],
  });
});

afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const writes = (more: object) =>
  ask("POST", `${simulator.url}/_simulator/messages`, { phoneNumberId: NUMBER.id, from: CUSTOMER, ...more });

/** What came to the webhooks so far, as the connector reads it. */
function told(): Parsed[] {
  return receiver.received.flatMap(({ body }) => {
    const request = {
      method: "POST",
      url: "",
      query: {},
      headers: {},
      body: Buffer.from(body),
      receivedAt: Date.now(),
    };
    const result = whatsappCloud.receiver.parse(request, [SAMPLE["whatsapp-cloud"] as never]);
    if (!result.ok) throw new Error(result.reason);
    return result.parsed;
  });
}

async function sends(body: unknown): Promise<{ status: number; code: number | undefined; words: string }> {
  const response = await fetch(`${simulator.url}/v26.0/${NUMBER.id}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${NUMBER.accessToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { error } = (await response.json()) as { error?: { code: number; message: string; error_data?: object } };
  return { status: response.status, code: error?.code, words: JSON.stringify(error ?? "") };
}

function rendered(content: Content, to = CUSTOMER): Record<string, unknown> {
  const settings = { phoneNumberId: NUMBER.id, graphVersion: "v26.0" };
  const author = { type: "agent" } as const;
  return JSON.parse(String(whatsappCloud.sender.render({ to, content, author, settings, correlation: "c" }).body));
}

describe("a customer", () => {
  const kinds = WhatsAppWriting.shape.kind.unwrap().options;
  const TEXTS: Record<string, string> = { reaction: "👍", change_number: "+351910000009" };
  const HAPPENINGS: Record<string, string> = {
    reaction: "message.reacted",
    edit: "message.edited",
    unsend: "message.deleted",
    change_number: "contact.updated",
    stop_marketing: "consent.changed",
    resume_marketing: "consent.changed",
    phone_app: "message.sent",
  };

  it.each(kinds)("does %s, and it can be read", async (kind) => {
    const { status, body } = await writes({ kind, text: TEXTS[kind] ?? "Olá", replyTo: "wamid.OUT1" });
    expect(status).toBe(200);
    await vi.waitFor(() => expect(told()).toHaveLength(1));
    const [parsed] = told();
    expect(parsed?.happening.type).toBe(HAPPENINGS[kind] ?? "message.received");
    if (parsed && "message" in parsed.happening) {
      expect(parsed.happening.message.providerMessageId).toBe((body.ids as string[])[0]);
      const isUnread = ["welcome", "unsupported", "unavailable", "call"].includes(kind);
      expect(parsed.happening.message.content.type === "unsupported").toBe(isUnread);
    }
  });

  it("who only corrects a message, or does not write at all, leaves the window closed", async () => {
    await writes({ text: "old", secondsAgo: 25 * 3600 });
    for (const kind of ["edit", "unsend", "stop_marketing", "phone_app"])
      await writes({ kind, text: "x", replyTo: "w" });
    expect((await sends(rendered({ type: "text", text: "Olá" }))).code).toBe(131047);
    await writes({ kind: "button" });
    expect((await sends(rendered({ type: "text", text: "Olá" }))).status).toBe(200);
  });

  it("has to say what a kind cannot do without", async () => {
    expect((await writes({ kind: "reaction", text: "👍" })).body.error).toContain("replyTo");
    expect((await writes({ kind: "ad" })).body.error).toContain("text");
    expect((await writes({ kind: "change_number", text: "soon" })).body.error).toContain("number");
    expect((await writes({ kind: "smoke_signal" })).body.error).toContain("kind");
  });
});

describe("WhatsApp takes", () => {
  const known = SENDS.filter(({ content }) => content.type !== "template");

  it.each(known)("$about", async ({ content }) => {
    expect((await sends(rendered(content))).words).toBe('""');
  });

  it("templates that it has approved, with what belongs into their places", async () => {
    const order = SENDS.find(({ content }) => content.type === "template" && content.name === "order_update");
    expect((await sends(rendered(order?.content as Content))).status).toBe(200);
    const sale: Content = {
      type: "template",
      name: "spring_sale",
      language: "pt_BR",
      header: "Primavera",
      parameters: { customer: "Ana", discount: "10 %" },
      buttons: [{ index: 0, type: "copy_code", value: "BOLO10" }],
    };
    expect((await sends(rendered(sale))).status).toBe(200);
    const refusals = {
      "another language": [{ ...sale, language: "en_US" }, 132001],
      "a value too few": [{ ...sale, parameters: { customer: "Ana" } }, 132000],
      "no headline": [{ ...sale, header: undefined }, 132000],
      "values in order": [{ ...sale, parameters: ["Ana", "10 %"] }, 132012],
      "an empty value": [{ ...sale, parameters: { customer: "", discount: "10 %" } }, 132012],
      "no code": [{ ...sale, buttons: [] }, 132012],
      "a button of another kind": [{ ...sale, buttons: [{ index: 0, type: "url", value: "x" }] }, 132012],
    } satisfies Record<string, [object, number]>;
    for (const [what, [content, code]] of Object.entries(refusals)) {
      expect((await sends(rendered(content as Content))).code, what).toBe(code);
    }
  });

  it("a voice note until it is played", async () => {
    const voice = SENDS.find(({ about }) => about === "a voice note");
    await sends(rendered(voice?.content as Content));
    await vi.waitFor(() => expect(told()).toHaveLength(4));
    expect(told().map(({ happening }) => happening.type)).toEqual([
      "message.sent",
      "message.delivered",
      "message.read",
      "message.played",
    ]);
  });

  it("messages to a group from those who are in it, and tells of each of them", async () => {
    await writes({ kind: "group", text: "Olá a todos" });
    await writes({ kind: "group", text: "Olá", from: "BR.4410000000000000001" });
    await vi.waitFor(() => expect(told()).toHaveLength(2));
    const address = told()[0]?.address ?? "";
    expect((await sends(rendered({ type: "text", text: "Bom dia" }, address))).status).toBe(200);
    await vi.waitFor(() => expect(told()).toHaveLength(8));
    const read = told().flatMap(({ happening }) => (happening.type === "message.read" ? [happening.receipt] : []));
    expect(read.map((receipt) => "participant" in receipt && receipt.participant)).toEqual([
      "351910000001",
      "BR.4410000000000000001",
    ]);
    const buttons = SENDS.find(({ content }) => content.type === "buttons");
    expect((await sends(rendered(buttons?.content as Content, address))).code).toBe(131051);
    expect((await sends(rendered({ type: "text", text: "x" }, "group:unknown"))).code).toBe(131009);
  });
});

describe("WhatsApp refuses", () => {
  const row = (id: string, title = id) => ({ id, title });
  const rows = (count: number) => Array.from({ length: count }, (_, index) => row(`r${index}`));
  const list = (sections: { title?: string; rows: { id: string; title: string }[] }[]): Content => ({
    type: "list",
    text: "Quando?",
    button: "Ver",
    sections,
  });
  const buttons = (...titles: string[]): Content => ({
    type: "buttons",
    text: "Sim?",
    buttons: titles.map((title, index) => ({ id: String(index), title })),
  });
  const card = (contentType: string) => ({
    media: { contentType, url: "https://files.example.test/1" },
    title: "Ver",
    url: "https://shop.example/1",
  });
  const image = { contentType: "image/jpeg", url: "https://files.example.test/1.jpg" };

  it.each<[what: string, content: Content, words: string]>([
    ["four buttons", buttons("a", "b", "c", "d"), "buttons"],
    ["two buttons alike", buttons("a", "a"), "unique"],
    ["a button of 21 characters", buttons("x".repeat(21)), "20 characters"],
    [
      "eleven rows",
      list([
        { title: "a", rows: rows(6) },
        { title: "b", rows: rows(5).map(({ id }) => row(`b${id}`)) },
      ]),
      "10 rows",
    ],
    ["two rows alike", list([{ rows: [row("a"), row("a", "b")] }]), "unique"],
    ["a row of 25 characters", list([{ rows: [row("a", "x".repeat(25))] }]), "24 characters"],
    ["a button's body of 1,025 characters", { ...buttons("a"), text: "x".repeat(1025) } as Content, "1024 characters"],
    ["one card", { type: "carousel", text: "x", cards: [card("image/png")] }, "cards"],
    ["cards of two kinds", { type: "carousel", text: "x", cards: [card("image/png"), card("video/mp4")] }, "one kind"],
    ["a caption of 1,025 characters", { type: "image", media: image, caption: "x".repeat(1025) }, "1024 characters"],
    ["a contact without a name", { type: "contacts", contacts: [{ phones: [{ phone: "+1" }] }] }, "name"],
    ["a place that is not on earth", { type: "location", latitude: 91, longitude: 0 }, "latitude"],
  ])("%s", async (_what, content, words) => {
    const { status, code, words: said } = await sends(rendered(content));
    expect(status).toBe(400);
    expect([100, 131008, 131009]).toContain(code);
    expect(said).toContain(words);
  });

  it("a file without id and address, and a sound with a caption", async () => {
    const { image: _, ...rest } = rendered({ type: "image", media: image });
    expect(await sends({ ...rest, image: { caption: "x" } })).toMatchObject({ status: 400, code: 131009 });
    const sound = { ...rest, type: "audio", audio: { link: "https://files.example.test/1.mp3", caption: "x" } };
    expect((await sends(sound)).words).toContain("caption");
  });
});
