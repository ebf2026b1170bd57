/** Files through the API: where one is to be put, where it lies, and messages that name one by its id. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Ports } from "../../../functions/api/route.ts";
import { ApiMedia, PlanAnswer, SentMessage, UploadOffer } from "../../../shared/domain/api-shapes.ts";
import { conversationId, isMediaId } from "../../../shared/domain/ids.ts";
import { LINK_DAYS, linkCode, placeholderOf } from "../../../shared/domain/media-link.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, DAY_MS, problemIn } from "./api-world.ts";

const STORED = "med_AAAAAAAAAAAAAAAAAAAAAA";
const ABSENT = "med_BBBBBBBBBBBBBBBBBBBBBB";
const invoice = { contentType: "application/pdf", size: 70_000, fileName: "conta de março.pdf" };
const upload = { contentType: "image/jpeg", size: 5 };
const files = { files: [{ contentTypes: ["image/*"], largestBytes: 100_000 }] };
const accounts: Ports["accounts"] = new Map([
  [
    "whatsapp",
    {
      carries: { text: {}, image: files, document: {}, template: {}, carousel: { ...files, mostCards: 10 } },
      receipts: [],
      correlates: true,
    },
  ],
  ["sms", { carries: { text: { longestText: 1600, segmented: true } }, receipts: [], correlates: true }],
]);
const messages = (account: string) => `/v1/conversations/${conversationId(SECRET, account, "customer")}/messages`;

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld({ accounts });
  here.files.kept.set(STORED, invoice);
  await here.arrive(
    inboundText("wamid.1", { address: "customer", time: here.clock.time }),
    inboundText("SM1", { account: "sms", address: "customer" }),
  );
});

const offer = (body: unknown, headers: Record<string, string> = {}) => here.ask("POST", "/v1/media", { body, headers });
const send = (content: unknown, account = "whatsapp", query = "") =>
  here.ask("POST", `${messages(account)}${query}`, { body: { content } });
/** Data of what waits in the mailbox. */
const queued = () => here.mailbox.waiting.map(({ data }) => data as { message: { content: unknown }; parts?: unknown });

describe("a file that is announced", () => {
  test("gets an id and a link to put it, which is good for a quarter of an hour", async () => {
    const answer = await offer({ ...invoice, sha256: "ab".repeat(32) });
    expect(answer.status).toBe(201);
    const { media, upload } = UploadOffer.parse(answer.json);
    expect(media.id).toMatch(/^med_[0-9a-z]{26}$/);
    expect(isMediaId(media.id)).toBe(true);
    expect(upload).toEqual({
      method: "PUT",
      url: `https://bucket.test/media/${media.id}?seconds=900&size=70000`,
      headers: { "content-type": "application/pdf" },
      expiresAt: new Date(here.clock.time + 900_000).toISOString(),
    });
  });

  test("is the same one under the same Idempotency-Key, with a link of its own time", async () => {
    const key = { "idempotency-key": "k" };
    const first = UploadOffer.parse((await offer(upload, key)).json);
    here.clock.time += DAY_MS;
    const again = UploadOffer.parse((await offer(upload, key)).json);
    expect(again.media).toEqual(first.media);
    expect(Date.parse(again.upload.expiresAt)).toBe(here.clock.time + 900_000);
    expect(UploadOffer.parse((await offer(upload)).json).media).not.toEqual(first.media);
    const other = await offer({ ...upload, size: 6 }, key);
    expect(problemIn(other)).toMatchObject({ status: 409, code: "idempotency_key_reused" });
  });

  test.each([
    ["no type", { size: 5 }, "contentType"],
    ["a type that is none", { ...upload, contentType: "jpeg" }, "contentType"],
    ["a type with a line break", { ...upload, contentType: "image/jpeg\r\nx: y" }, "contentType"],
    ["no size", { contentType: "image/jpeg" }, "size"],
    ["nothing", { ...upload, size: 0 }, "size"],
    ["half a byte", { ...upload, size: 0.5 }, "size"],
    ["more than is kept", { ...upload, size: 104_857_601 }, "size"],
    ["a path for a name", { ...upload, fileName: "../../etc/passwd" }, "fileName"],
    ["a name of control characters", { ...upload, fileName: "a\u0007" }, "fileName"],
    ["a hash that is none", { ...upload, sha256: "abc" }, "sha256"],
    ["the bytes themselves", { ...upload, data: "AAAA" }, "data"],
  ])("is refused with %s", async (_, body, field) => {
    expect(problemIn(await offer(body))).toMatchObject({ status: 422, code: "invalid_body", field });
  });

  test("may carry parameters in its type", async () => {
    expect((await offer({ ...upload, contentType: 'audio/ogg; codecs="opus"' })).status).toBe(201);
  });

  test("needs a key that may send; to see one needs a key that may read", async () => {
    here.addKey("reader", "key_r", ["read"]);
    here.addKey("sender", "key_s", ["send"]);
    const denied = { status: 403, code: "scope_missing" };
    expect(problemIn(await here.ask("POST", "/v1/media", { body: upload, key: "reader" }))).toMatchObject(denied);
    expect(problemIn(await here.ask("GET", `/v1/media/${STORED}`, { key: "sender" }))).toMatchObject(denied);
  });
});

describe("a stored file", () => {
  test("is shown with a link under which a browser saves it by its name", async () => {
    const answer = await here.ask("GET", `/v1/media/${STORED}`);
    expect(answer.status).toBe(200);
    const { media } = ApiMedia.parse(answer.json);
    const { url, ...rest } = media;
    expect(rest).toEqual({ id: STORED, ...invoice, expiresAt: new Date(here.clock.time + 900_000).toISOString() });
    expect(new URL(url).searchParams.get("disposition")).toBe(
      "inline; filename=\"conta de mar_o.pdf\"; filename*=UTF-8''conta%20de%20mar%C3%A7o.pdf",
    );
  });

  test.each([ABSENT, "med_", "msg_AAAAAAAAAAAAAAAAAAAAAA", "..%2Fentries%2F1"])(
    "that nobody put there is unknown: %s",
    async (id) => {
      expect(problemIn(await here.ask("GET", `/v1/media/${id}`))).toMatchObject({ status: 404, code: "not_found" });
    },
  );
});

describe("a message that names a file by its id", () => {
  test("is taken with what the bucket knows of the file, and the log keeps no link", async () => {
    const answer = await send({ type: "document", media: { id: STORED }, caption: "A conta" });
    const content = { type: "document", media: { id: STORED, ...invoice }, caption: "A conta" };
    expect(SentMessage.parse(answer.json).message.content).toEqual(content);
    expect(queued()).toMatchObject([{ message: { content } }]);
    expect(JSON.stringify(queued())).not.toContain("http");
  });

  test("may call it as it likes, and forwards a customer's file as it came in", async () => {
    const there = { providerMediaId: "77", url: "https://provider.example/77" };
    const received = { ...there, contentType: "image/jpeg", sha256: "aa", fileName: "foto.pdf" };
    await send({ type: "image", media: { id: STORED, ...received } });
    const media = { id: STORED, contentType: "application/pdf", size: 70_000, fileName: "foto.pdf" };
    expect(queued()).toEqual([expect.objectContaining({ parts: [{ type: "document", media }] })]);
  });

  test("may hold several: in cards, and in the header of a template", async () => {
    const photo = { contentType: "image/png", size: 9 };
    here.files.kept.set(ABSENT, photo);
    const card = { title: "Ver", url: "https://a.pt", media: { id: ABSENT } };
    await send({ type: "carousel", cards: [card] });
    await send({ type: "template", name: "conta", language: "pt_PT", header: { id: STORED } });
    expect(queued().map(({ message }) => message.content)).toEqual([
      { type: "carousel", cards: [{ ...card, media: { id: ABSENT, ...photo } }] },
      { type: "template", name: "conta", language: "pt_PT", header: { id: STORED, ...invoice } },
    ]);
  });

  const unknown = { id: ABSENT };
  test.each([
    ["that is not there", { type: "image", media: unknown }, "media_unknown", "content.media.id"],
    ["of another kind of id", { type: "image", media: { id: "x" } }, "media_unknown", "content.media.id"],
    [
      "in a card",
      { type: "carousel", cards: [{ title: "a", url: "https://a.pt", media: unknown }] },
      "media_unknown",
      "content.cards.0.media.id",
    ],
    [
      "in a template's header",
      { type: "template", name: "a", language: "pt", header: unknown },
      "media_unknown",
      "content.header.id",
    ],
    [
      "only by its address, without a type",
      { type: "image", media: { url: "https://a.pt/b.jpg" } },
      "invalid_body",
      "content.media.contentType",
    ],
  ])("is refused %s, and leaves no trace", async (_, content, code, field) => {
    const before = here.traces();
    for (const query of ["", "?dryRun=true"]) {
      expect(problemIn(await send(content, "whatsapp", query))).toMatchObject({ status: 422, code, field });
    }
    expect(here.traces()).toEqual(before);
  });

  test("goes out as a link where the channel takes no files, and says for how long it opens", async () => {
    const content = { type: "document", media: { id: STORED }, caption: "A conta" };
    const { plan } = PlanAnswer.parse((await send(content, "sms", "?dryRun=true")).json);
    const text = `A conta\nconta de março.pdf: ${placeholderOf(STORED)}`;
    expect(plan).toMatchObject({ allowed: true, parts: [{ content: { type: "text", text }, segments: 3 }] });
    expect(plan.changes).toEqual([{ code: "as_link", text: expect.stringContaining("7 days") }]);
    await send(content, "sms");
    expect(queued()).toMatchObject([{ parts: [{ type: "text", text }] }]);
  });
});

describe("a customer's link", () => {
  const open = (code: string, method = "GET") => here.ask(method, `/v1/links/${code}`, { key: "" });

  test("opens the file without any key, for seven days", async () => {
    const code = linkCode(SECRET, STORED, here.clock.time);
    const path = `/v1/links/${code}`;
    const { status, headers, body } = await here.answer("GET", path, { key: "" });
    expect({ status, body }).toEqual({ status: 302, body: "" });
    expect(headers).toMatchObject({ "cache-control": "no-store" });
    const { pathname, searchParams } = new URL(headers.location ?? "");
    expect(pathname).toBe(`/media/${STORED}`);
    expect(searchParams.get("seconds")).toBe("300");
    expect(searchParams.get("disposition")).toContain("conta%20de%20mar%C3%A7o.pdf");
    here.clock.time += LINK_DAYS * DAY_MS - 1;
    expect((await here.answer("GET", path, { key: "" })).status).toBe(302);
    here.clock.time += 1001;
    expect(problemIn(await open(code))).toMatchObject({ status: 404, code: "not_found" });
  });

  test("opens nothing once the file is gone, when it was changed, or when it is of another deployment", async () => {
    const code = linkCode(SECRET, STORED, here.clock.time);
    const gone = { status: 404, code: "not_found" };
    expect(problemIn(await open(linkCode("another secret", STORED, here.clock.time)))).toMatchObject(gone);
    expect(problemIn(await open(code.replace("AAAA", "AAAB")))).toMatchObject(gone);
    expect(problemIn(await open(code.replace(/\.(\w+)\./, ".zzzzzzz.")))).toMatchObject(gone);
    expect(problemIn(await open(code.slice(0, -1)))).toMatchObject(gone);
    expect(problemIn(await open(""))).toMatchObject(gone);
    here.files.kept.delete(STORED);
    expect(problemIn(await open(code))).toMatchObject(gone);
    expect(problemIn(await open(code, "POST"))).toMatchObject({ status: 405 });
  });
});
