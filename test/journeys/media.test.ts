/** Files of customers: kept before the provider forgets them; and whatever is wrong with one, the conversation goes on. */
import { createHash } from "node:crypto";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { userIdOf } from "../../local/simulators/graph/whatsapp.ts";
import { PAGE_ID, PHONE_NUMBER_ID, SMS_NUMBER, SOON, startStack } from "./stack.ts";

const INSTAGRAM_ID = "300000000000001";

let stack: Awaited<ReturnType<typeof startStack>>;
beforeAll(async () => {
  stack = await startStack({ policies: { largestMediaBytes: 1_000_000 } });
});
afterAll(() => stack.stop());

const whatsApp = (from: string, more: object) => stack.graph.write({ phoneNumberId: PHONE_NUMBER_ID, from, ...more });

/** The first message of a conversation, once its file is kept or given up. */
async function firstMessage(address: string) {
  const conversation = await stack.conversationWith(address);
  return vi.waitFor(async () => {
    const [first] = await stack.messages(conversation);
    if (!first || !("media" in first.content)) throw new Error("no file is there");
    if (first.content.media?.id === undefined && !first.mediaFailure) throw new Error("nothing came of the file yet");
    return { conversation, first, media: first.content.media };
  }, SOON);
}

/** Type, size and checksum of what lies in the bucket. */
async function kept(id: string | undefined) {
  const { Body, ContentType, Metadata } = await stack.s3.send(
    new GetObjectCommand({ Bucket: stack.bucket, Key: `media/${id}` }),
  );
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { contentType: ContentType, size: bytes.length, sha256, fileName: Metadata?.filename };
}

describe.concurrent("what a customer sends", () => {
  const channels = {
    WhatsApp: (from: string) => whatsApp(from, { kind: "image", text: "Look" }),
    Messenger: (from: string) => stack.graph.write({ pageId: PAGE_ID, from, kind: "image" }),
    Instagram: (from: string) => stack.graph.write({ instagramId: INSTAGRAM_ID, from, kind: "image" }),
    // The simulator refuses the credentials of the API where the file lies.
    SMS: (from: string) => stack.twilio.write({ to: SMS_NUMBER, from, kind: "image" }),
  };

  it.each([
    ["WhatsApp", "15551100001"],
    ["Messenger", "4001100001"],
    ["Instagram", "8101100001"],
    ["SMS", "+15551100001"],
  ] as const)("by %s lies in the bucket as the message says", async (channel, from) => {
    await channels[channel](from);
    const { media } = await firstMessage(channel === "WhatsApp" ? userIdOf(from) : from);
    expect(media).toMatchObject({ id: expect.stringMatching(/^med_/), contentType: "image/jpeg" });
    const { id, contentType, size, sha256 } = media ?? {};
    expect(await kept(id)).toEqual({ contentType, size, sha256, fileName: undefined });
  });

  it("under a name keeps it", async () => {
    await whatsApp("15551100002", { kind: "document" });
    const { media } = await firstMessage(userIdOf("15551100002"));
    expect(media).toMatchObject({ contentType: "application/pdf", fileName: "fatura.pdf" });
    expect(await kept(media?.id)).toMatchObject({ contentType: "application/pdf", fileName: "fatura.pdf" });
  });

  it("is asked for again when its link has died meanwhile", async () => {
    const from = "15551100003";
    await stack.graph.order({ kind: "dead_link", customer: from });
    await whatsApp(from, { kind: "voice" });
    const { media } = await firstMessage(userIdOf(from));
    expect(media).toMatchObject({ id: expect.stringMatching(/^med_/), contentType: "audio/ogg; codecs=opus" });
  });
});

describe.concurrent("a file that cannot be kept", () => {
  it.each([
    ["is announced too large", "file_announced_huge", "too_large"],
    ["turns out to be too large", "endless_file", "too_large"],
    ["is not the announced one", "other_file", "wrong_checksum"],
    ["lies inside the cloud", "link_inside", "forbidden_address"],
    ["is a page", "page_for_file", "wrong_type"],
  ])("since it %s: says so, and the next text arrives", async (_, kind, code) => {
    const from = `1555110${1000 + (Number(`0x${createHash("sha256").update(kind).digest("hex").slice(0, 4)}`) % 9000)}`;
    await stack.graph.order({ kind, customer: from });
    await whatsApp(from, { kind: "image" });
    const { conversation, first } = await firstMessage(userIdOf(from));
    expect(first).toMatchObject({ mediaFailure: { code, reason: expect.stringMatching(/^The|^What/) } });
    await whatsApp(from, { text: "Did you get it?" });
    await vi.waitFor(async () => {
      const messages = await stack.messages(conversation);
      expect(messages.map(({ content }) => content.type)).toEqual(["image", "text"]);
    }, SOON);
    const events = await stack.events(conversation);
    expect(events.filter(({ type }) => type.startsWith("media."))).toMatchObject([
      { type: "media.failed", data: { message: { id: first.id }, code } },
    ]);
  });
});
