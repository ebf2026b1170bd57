import { describe, expect, it } from "vitest";
import type { Connector } from "../../shared/channels/connector.ts";
import { instagram } from "../../shared/channels/instagram/index.ts";
import { messenger } from "../../shared/channels/messenger/index.ts";
import { whatsappCloud } from "../../shared/channels/whatsapp-cloud/index.ts";
import type { HttpAnswer } from "../../shared/ports.ts";
import { asked, CORRELATION, codes, NOW, opened, type Provider, refusal, subjects, webhook } from "./asked-provider.ts";

describe("whatsapp-cloud", () => {
  const settings = { phoneNumberId: "100000000000001", graphVersion: "v26.0" };
  const cloud = { ...whatsappCloud, settings };
  const secrets = { accessToken: "token" };
  const historyOf = (id: string, ...statuses: string[]) => ({
    data: [
      {
        id: "1",
        message_id: id,
        events: {
          data: statuses.map((status, index) => ({
            id: "2",
            delivery_status: status,
            timestamp: 1_795_000_000 + index,
          })),
        },
      },
    ],
  });

  it("tells every status of a message that is open, under the subjects of the webhooks", async () => {
    const answer = await asked(cloud, secrets, () => historyOf("wamid.1==", "SENT", "DELIVERED", "READ", "DELETED"), [
      opened("wamid.1=="),
    ]);
    expect(subjects(answer)).toEqual(["wamid.1==#sent", "wamid.1==#delivered", "wamid.1==#read"]);
    expect(answer.parsed.map(({ time }) => time)).toEqual([1_795_000_000_000, 1_795_000_001_000, 1_795_000_002_000]);
    expect(new Set(answer.parsed.map(({ correlation }) => correlation))).toEqual(new Set([CORRELATION]));
    const [request] = answer.requests;
    const { pathname, searchParams } = new URL(request?.url ?? "");
    expect(pathname).toBe("/v26.0/100000000000001/message_history");
    expect(searchParams.get("message_id")).toBe("wamid.1==");
    expect(request?.headers.authorization).toBe("Bearer token");
  });

  it("tells that a message failed", async () => {
    const answer = await asked(cloud, secrets, () => historyOf("wamid.1", "FAILED"), [opened("wamid.1")]);
    expect(answer.parsed[0]?.happening).toMatchObject({ type: "message.failed", failure: { class: "unknown" } });
  });

  it("asks for no message of a group, and goes on behind one that Meta does not know", async () => {
    const provider: Provider = (url) =>
      url.searchParams.get("message_id") === "wamid.2"
        ? historyOf("wamid.2", "SENT")
        : refusal(400, { error: { code: 100 } });
    const open = [opened("wamid.0", "group:1"), opened("wamid.1"), opened("wamid.2")];
    const answer = await asked(cloud, secrets, provider, open);
    expect([subjects(answer), answer.requests.length, answer.isComplete]).toEqual([["wamid.2#sent"], 2, true]);
  });

  it("stops where Meta throttles, and alerts where it does not know the token", async () => {
    const open = [opened("wamid.1"), opened("wamid.2")];
    const throttled = await asked(cloud, secrets, () => refusal(400, { error: { code: 4 } }), open);
    expect([throttled.requests.length, throttled.isComplete, throttled.parsed]).toEqual([1, false, []]);
    const denied = await asked(cloud, secrets, () => refusal(400, { error: { code: 190 } }), open);
    expect([codes(denied), denied.isComplete]).toEqual([["reconcile_denied"], false]);
  });
});

const PAGE = "200000000000001";
const ACCOUNT = "300000000000001";
const TOKEN = { accessToken: "token" };

function productOf<Settings>(
  name: string,
  node: string,
  business: string,
  connector: Connector<Settings, object>,
  settings: Settings,
) {
  return {
    name,
    node,
    business,
    ask: (provider: Provider) => asked({ ...connector, settings }, TOKEN, provider),
    parse: (body: string) => connector.receiver.parse(webhook(body), [{ name: "shop", settings, secrets: TOKEN }]),
  };
}

const graphVersion = "v26.0";
const products = [
  productOf("messenger", PAGE, PAGE, messenger, { pageId: PAGE, graphVersion }),
  productOf("instagram", "me", ACCOUNT, instagram, { instagramId: ACCOUNT, host: "graph.facebook.com", graphVersion }),
];

describe.each(products)("$name", ({ name, business, node, ask, parse }) => {
  const customer = "7120000001";
  const said = (id: string, at: string, more: object = {}) => ({
    id,
    created_time: `2026-11-22T${at}+0000`,
    from: { id: customer, name: "Ana" },
    to: { data: [{ id: business }] },
    message: "Olá",
    ...more,
  });
  const ours = { from: { id: business }, to: { data: [{ id: customer }] } };
  const conversation = (id: string, at: string, messages: object[], paging?: object) => ({
    id,
    updated_time: `2026-11-22T${at}+0000`,
    messages: { data: messages, ...(paging && { paging }) },
  });
  const SUBSCRIBED = {
    data: [
      {
        id: "1",
        subscribed_fields: ["messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_echoes"],
      },
    ],
  };
  const inbox =
    (
      pages: Record<string, object>,
      apps: object = SUBSCRIBED,
      resubscribed: HttpAnswer | object = { success: true },
    ): Provider =>
    ({ pathname, searchParams }, { method }) => {
      if (pathname === `/v26.0/${node}/subscribed_apps`) return method === "POST" ? resubscribed : apps;
      return pages[`${pathname.replace("/v26.0/", "")} ${searchParams.get("after") ?? ""}`.trim()];
    };
  const whole = (...conversations: object[]) => ({ [`${node}/conversations`]: { data: conversations } });

  it("tells messages as their webhooks would have, what was said first first", async () => {
    const messages = [said("m_2", "11:40:00", { message: "E?" }), said("m_1", "11:40:00")];
    const answer = await ask(inbox(whole(conversation("t_1", "11:40:00", messages))));
    expect(subjects(answer)).toEqual(["m_1#received", "m_2#received"]);
    const element = {
      sender: { id: customer },
      recipient: { id: business },
      timestamp: Date.parse("2026-11-22T11:40:00Z"),
      message: { mid: "m_1", text: "Olá" },
    };
    const object = name === "messenger" ? "page" : "instagram";
    const body = JSON.stringify({ object, entry: [{ id: business, time: NOW, messaging: [element] }] });
    const told = parse(body);
    expect(told).toEqual({ ok: true, parsed: answer.parsed.slice(0, 1) });
    const asking = new URL(answer.requests.find(({ url }) => url.includes("/conversations"))?.url ?? "");
    expect(asking.searchParams.get("platform")).toBe(name);
  });

  it("tells what was written elsewhere as an echo, under the subject of our own sends", async () => {
    const answer = await ask(inbox(whole(conversation("t_1", "11:40:00", [said("m_3", "11:40:00", ours)]))));
    expect(answer.parsed).toMatchObject([
      {
        subject: "m_3#sent",
        address: customer,
        happening: {
          type: "message.sent",
          message: { author: { type: "agent" }, content: { type: "text", text: "Olá" } },
        },
      },
    ]);
  });

  it("tells files, stickers and shares, and what is answered", async () => {
    const attachments = {
      data: [
        { mime_type: "image/jpeg", image_data: { url: "https://cdn.example/1.jpg" } },
        { mime_type: "video/mp4", video_data: { url: "https://cdn.example/2.mp4" } },
        { mime_type: "audio/mp4", file_url: "https://cdn.example/3.mp4" },
        { mime_type: "application/pdf", file_url: "https://cdn.example/4.pdf", name: "menu.pdf" },
      ],
    };
    const messages = [
      said("m_4", "11:43:00", { message: "", shares: { data: [{ link: "https://www.example.com/p/1" }] } }),
      said("m_3", "11:42:00", { message: "", sticker: "https://cdn.example/like.png" }),
      said("m_2", "11:41:00", { attachments }),
      said("m_1", "11:40:00", { reply_to: { mid: "m_0" } }),
    ];
    const answer = await ask(inbox(whole(conversation("t_1", "11:43:00", messages))));
    const told = answer.parsed.flatMap(({ happening }) => ("message" in happening ? [happening.message] : []));
    expect(told.map(({ content }) => content.type)).toEqual([
      "text",
      "image",
      "video",
      "audio",
      "document",
      "sticker",
      "share",
    ]);
    expect(told[0]?.replyTo).toEqual({ providerMessageId: "m_0" });
    expect(told[1]).toMatchObject({ content: { caption: "Olá", media: { url: "https://cdn.example/1.jpg" } } });
  });

  it("reads back to the beginning of the span, over pages of conversations and of messages, and no further", async () => {
    const more = (cursor: string) => ({
      cursors: { after: cursor },
      next: "https://elsewhere.example/?access_token=token",
    });
    const pages = {
      [`${node}/conversations`]: {
        data: [conversation("t_1", "11:50:00", [said("m_9", "11:50:00")], more("B"))],
        paging: more("A"),
      },
      "t_1/messages B": { data: [said("m_8", "11:30:00"), said("m_7", "10:30:00")], paging: more("C") },
      [`${node}/conversations A`]: {
        data: [conversation("t_2", "10:59:59", [said("m_6", "10:59:59")])],
        paging: more("D"),
      },
    };
    const answer = await ask(inbox(pages));
    expect([subjects(answer), answer.isComplete]).toEqual([["m_8#received", "m_9#received"], true]);
    expect(answer.requests).toHaveLength(4);
    expect(new Set(answer.requests.map(({ url }) => new URL(url).origin))).toEqual(
      new Set(["https://graph.facebook.com"]),
    );
  });

  it("is complete where Meta says of older messages that they are gone", async () => {
    const older = { cursors: { after: "B" }, next: "https://elsewhere.example/" };
    const pages = {
      [`${node}/conversations`]: {
        data: [conversation("t_1", "11:50:00", [said("m_9", "11:50:00")], older)],
      },
      "t_1/messages B": refusal(400, { error: { code: 100 } }),
    };
    const answer = await ask(inbox(pages));
    expect([subjects(answer), answer.isComplete]).toEqual([["m_9#received"], true]);
  });

  it("is not complete where Meta throttles, keeps what it has read, and stops at an inbox without an end", async () => {
    const provider = inbox({
      [`${node}/conversations`]: {
        data: [conversation("t_1", "11:50:00", [said("m_1", "11:50:00")])],
        paging: { cursors: { after: "A" }, next: "more" },
      },
      [`${node}/conversations A`]: refusal(400, { error: { code: 32 } }),
    });
    const throttled = await ask(provider);
    expect([subjects(throttled), throttled.isComplete]).toEqual([["m_1#received"], false]);
    const endless = await ask(({ pathname }) =>
      pathname.endsWith("subscribed_apps")
        ? SUBSCRIBED
        : { data: [conversation("t_1", "11:50:00", [])], paging: { cursors: { after: "A" }, next: "more" } },
    );
    expect(endless.isComplete).toBe(false);
    expect(endless.requests.length).toBeLessThan(200);
  });

  it("alerts when the subscription is gone, and takes it up again with every field that was there", async () => {
    const answer = await ask(inbox(whole(), { data: [{ id: "1", subscribed_fields: ["feed"] }] }));
    expect(answer.parsed).toMatchObject([{ subject: "subscription_lost#2026-11-22#alert" }]);
    expect(JSON.stringify(answer.parsed)).toContain("has subscribed the app again");
    const again = answer.requests.find(({ method }) => method === "POST");
    const fields = new URL(again?.url ?? "").searchParams.get("subscribed_fields")?.split(",");
    expect(fields).toEqual(expect.arrayContaining(["feed", "messages"]));
  });

  it("says what to do where it may not take the subscription up again", async () => {
    const answer = await ask(inbox(whole(), { data: [] }, refusal(403, { error: { code: 200 } })));
    expect(codes(answer)).toEqual(["subscription_lost"]);
    expect(JSON.stringify(answer.parsed)).toMatch(/subscribe it by hand.*pages_manage_metadata/);
    // Without an answer about the subscription nothing is known of it.
    const unknown = await ask(inbox(whole(), refusal(403, { error: { code: 200 } })));
    expect([unknown.parsed, unknown.isComplete]).toEqual([[], true]);
  });

  it("alerts once a day when the token is not taken", async () => {
    const answer = await ask(() => refusal(401, { error: { code: 190 } }));
    expect(answer).toMatchObject({ isComplete: false, parsed: [{ subject: "reconcile_denied#2026-11-22#alert" }] });
  });
});
