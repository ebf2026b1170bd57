import { Webhook } from "standardwebhooks";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { LARGEST_HAPPENING, receiveReply } from "../../../functions/receive-reply/receive-reply.ts";
import { DeskItem } from "../../../shared/domain/desk-happening.ts";
import { generic } from "../../../shared/helpdesks/generic/index.ts";
import { WorldFault } from "../../../shared/ports.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const SECRET = `whsec_${Buffer.from("a secret of the desk, in base64").toString("base64")}`;
const CONVERSATION = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const REPLY = { id: "r1", type: "reply", conversation: CONVERSATION, text: "Até já ☕" };

interface Given {
  path?: string;
  body?: unknown;
  secret?: string;
  /** Ms. */
  signedAt?: number;
  headers?: Record<string, string>;
  documents?: Record<string, Record<string, unknown>>;
  fault?: Error;
}

/** One webhook, signed by the judge of the standard. */
async function posted({
  path = "/helpdesks/desk",
  body = REPLY,
  secret = SECRET,
  signedAt = NOW,
  ...given
}: Given = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const at = new Date(signedAt);
  const queued: { group: string; deduplicationId: string; item: DeskItem }[] = [];
  const answer = await receiveReply(
    {
      method: "POST",
      url: `https://recado.example${path}`,
      query: {},
      headers: {
        "webhook-id": "m1",
        "webhook-timestamp": String(Math.floor(signedAt / 1000)),
        "webhook-signature": new Webhook(secret).sign("m1", at, text),
        ...given.headers,
      },
      body: Buffer.from(text),
      receivedAt: NOW,
    },
    {
      desk: (name) =>
        name === "desk" ? { settings: { url: "https://desk.example/in" }, door: generic.door } : undefined,
      secrets: async () => new Map(Object.entries(given.documents ?? { desk: { webhookSecret: [SECRET] } })),
      async queue(items) {
        if (given.fault) throw given.fault;
        for (const { body: written, ...place } of items) {
          expect(written).toMatch(/^[\x20-\x7e]+$/);
          queued.push({ ...place, item: DeskItem.parse(JSON.parse(written)) });
        }
      },
    },
  );
  return { answer, queued };
}

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(line));
});

describe("a webhook of the desk", () => {
  it("is queued for its conversation and answered 202", async () => {
    const { answer, queued } = await posted();
    expect(answer).toMatchObject({ status: 202, body: "{}" });
    const happening = {
      type: "reply",
      id: "r1",
      conversation: CONVERSATION,
      author: { type: "agent" },
      text: REPLY.text,
      files: [],
    };
    expect(queued).toMatchObject([{ group: CONVERSATION, item: { desk: "desk", happening, receivedAt: NOW } }]);
  });

  it("has the same place in the queue whenever it comes again, and another of its own for every id and type", async () => {
    const state = { id: "r1", type: "state", conversation: CONVERSATION, state: "closed" };
    const each = [REPLY, { ...REPLY, text: "changed" }, { ...REPLY, id: "r2" }, state];
    const places = await Promise.all(
      each.map(async (body) => (await posted({ body, signedAt: NOW - 1000 })).queued[0]?.deduplicationId),
    );
    expect(places[0]).toBe(places[1]);
    expect(new Set(places).size).toBe(3);
  });

  it("with a note is taken, and goes nowhere", async () => {
    const { answer, queued } = await posted({
      body: { id: "n1", type: "note", conversation: CONVERSATION, text: "hm" },
    });
    expect([answer.status, queued]).toEqual([202, []]);
  });

  it("is accepted under every key while they change", async () => {
    const documents = { desk: { webhookSecret: ["whsec_bmV3", SECRET] } };
    expect((await posted({ documents })).answer.status).toBe(202);
  });
});

describe("the door refuses", () => {
  const now = String(NOW / 1000);
  it.each<[string, number, Given, string]>([
    ["a desk that is not configured", 404, { path: "/helpdesks/other" }, ""],
    ["a path below a desk", 404, { path: "/helpdesks/desk/more" }, ""],
    ["a name that every object has", 404, { path: "/helpdesks/constructor" }, ""],
    ["the signature of another secret", 401, { secret: "whsec_YW5vdGhlcg==" }, "of another secret"],
    ["no signature", 401, { headers: { "webhook-signature": "" } }, "missing"],
    ["no id", 401, { headers: { "webhook-id": "" } }, "missing"],
    ["a signature that is cut off", 401, { headers: { "webhook-signature": "v1,AAAA" } }, "of another secret"],
    ["another id under the signature", 401, { headers: { "webhook-id": "m2" } }, "of another secret"],
    ["an old one, replayed", 401, { signedAt: NOW - 301_000 }, "five minutes"],
    ["one from the future", 401, { signedAt: NOW + 301_000 }, "five minutes"],
    [
      "an old one under a new time",
      401,
      { signedAt: NOW - 400_000, headers: { "webhook-timestamp": now } },
      "of other",
    ],
    ["a body over 1 MB", 413, { body: "x".repeat(1024 * 1024 + 1) }, ""],
    ["an encoded body", 415, { headers: { "content-encoding": "gzip" } }, ""],
    ["everything without a secret", 503, { documents: {} }, "secret_missing"],
    ["everything under an empty secret", 503, { documents: { desk: { webhookSecret: [" "] } } }, "secret_missing"],
    ["what could not be queued", 503, { fault: new WorldFault("sqs") }, "reply_not_queued"],
  ])("%s: %i", async (_, status, given, hint) => {
    const { answer, queued } = await posted(given);
    // The caller learns nothing; whoever reads the log does.
    expect(answer).toEqual({ status, contentType: "text/plain", body: "" });
    expect(queued).toEqual([]);
    expect(lines.join()).toContain(hint);
    expect(lines.join()).not.toContain("Até");
  });

  it("lets a fault of ours be one", async () => {
    await expect(posted({ fault: new TypeError("ours") })).rejects.toThrow("ours");
  });

  it.each<[string, unknown, string | undefined]>([
    ["no JSON", "{", undefined],
    ["a list", [], undefined],
    ["an unknown type", { ...REPLY, type: "tag" }, "type"],
    ["no conversation", { ...REPLY, conversation: undefined }, "conversation"],
    ["a conversation that is none of ours", { ...REPLY, conversation: "42" }, "conversation"],
    ["an attachment without a url", { ...REPLY, attachments: [{ contentType: "image/png" }] }, "attachments.0.url"],
    [
      "an attachment whose content type is none",
      { ...REPLY, attachments: [{ url: "https://desk.example/1", contentType: "image/png\r\nx: y" }] },
      "attachments.0.contentType",
    ],
    [
      "an attachment whose name is no text",
      { ...REPLY, attachments: [{ url: "https://desk.example/1", fileName: "\ud800" }] },
      "attachments.0.fileName",
    ],
    ["a reply with nothing in it", { ...REPLY, text: "" }, undefined],
    ["a state that is none", { ...REPLY, type: "state", state: "asleep" }, "state"],
    ["a book", { ...REPLY, text: "x".repeat(LARGEST_HAPPENING) }, "text"],
  ])("authentic but with %s, by 422 and a word for its maker", async (_, body, field) => {
    const { answer, queued } = await posted({ body });
    expect(answer).toMatchObject({ status: 422, contentType: "application/problem+json" });
    const problem = JSON.parse(answer.body);
    expect(problem).toMatchObject({
      status: 422,
      code: "invalid_body",
      detail: expect.stringContaining("cannot be read"),
    });
    expect(problem.field).toBe(field);
    expect(queued).toEqual([]);
  });
});
