import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type MediaAccount, type Ports, storeMedia } from "../../../functions/store-media/store-media.ts";
import type { MediaPlace } from "../../../shared/channels/connector.ts";
import type { Content } from "../../../shared/domain/content.ts";
import { eventData } from "../../../shared/domain/event.ts";
import { mediaId, messageId } from "../../../shared/domain/ids.ts";
import { type Fetched, type FetchedFile, type MediaFiles, WorldFault } from "../../../shared/ports.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { fetchedFile } from "../../fakes/fetched-file.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

const HOUR_MS = 3_600_000;
const MESSAGE = messageId(SECRET, "whatsapp", "wamid.file");
const ID = mediaId(SECRET, "whatsapp", MESSAGE);
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, "p")]);
const SHA256 = createHash("sha256").update(JPEG).digest();
const FOUND: MediaPlace = { kind: "found", url: "https://cdn.example/1" };
const IMAGE: Content = { type: "image", media: { providerMediaId: "1", contentType: "image/jpeg" } };

class Bucket implements MediaFiles {
  readonly kept = new Map<string, { bytes: Buffer; contentType: string; fileName?: string }>();
  async keep(key: string, file: FetchedFile, about: { contentType: string; fileName?: string }) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.read()) pieces.push(piece);
    this.kept.set(key, { bytes: Buffer.concat(pieces), ...about });
  }
  async fetchBack(key: string): Promise<Fetched> {
    const found = this.kept.get(key);
    return found ? fetchedFile(found.bytes) : { kind: "unavailable", detail: "not there" };
  }
}

/** A message with a file, recorded; places and answers come one after the other, the last of them for ever. */
async function sent({
  content = IMAGE,
  places = [FOUND],
  answers = [fetchedFile(JPEG)],
  account,
}: {
  content?: Content;
  places?: MediaPlace[];
  answers?: Fetched[];
  account?: MediaAccount;
} = {}) {
  const { table, mailbox, bells, clock, ports: recording } = world();
  const bucket = new Bucket();
  const asked: string[] = [];
  const item = inboundText("wamid.file");
  const data = { message: { ...(item.data as { message: object }).message, content } };
  mailbox.waiting.push({ ...item, data });
  await pump(mailbox, () => recording);
  const next = <One>(list: One[]) => (list.length > 1 ? list.shift() : list[0]) as One;
  const source = {
    async locate(media: { providerMediaId?: string | undefined }) {
      asked.push(`locate ${media.providerMediaId}`);
      return next(places);
    },
  };
  const http = async () => ({ kind: "not_sent" as const, detail: "" });
  const ready = { kind: "ready" as const, account: { name: "whatsapp", settings: {}, secrets: {} }, source, http };
  const ports: Ports = {
    table,
    mailbox,
    files: bucket,
    fetchFile: async ({ url }) => {
      asked.push(url);
      return next(answers);
    },
    account: async () => account ?? ready,
    clock,
    random: (bytes) => new Uint8Array(bytes),
    idSecret: SECRET,
    bucket: "bucket",
    largestBytes: 10_000,
  };
  const [request] = bells.media;
  return {
    request,
    bucket,
    asked,
    clock,
    table,
    ports,
    store: (received = 1) =>
      storeMedia(request ?? { log: "conv_none", sequence: 1, account: "whatsapp" }, received, ports),
    /** What the log was told, once it is recorded. */
    async told() {
      await pump(mailbox, () => recording);
      const [, ...entries] = table.logs.get(item.log) ?? [];
      return entries.map(({ type, data }) => ({ type, data: eventData[type].parse(data) as object }));
    },
  };
}

beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
});

describe("a file that comes as it was announced", () => {
  it("is kept under our id and told", async () => {
    const file = fetchedFile(JPEG, "image/jpeg");
    const { store, told, bucket } = await sent({ answers: [file] });
    expect(await store()).toEqual({ kind: "done" });
    expect(bucket.kept.get(`media/${ID}`)).toEqual({ bytes: JPEG, contentType: "image/jpeg" });
    const media = { id: ID, contentType: "image/jpeg", size: JPEG.length, sha256: SHA256.toString("hex") };
    expect(await told()).toEqual([{ type: "media.stored", data: { message: { id: MESSAGE }, media } }]);
    expect(file.closed).toBe(1);
  });

  it("keeps its name", async () => {
    const media = { providerMediaId: "1", contentType: "application/pdf", fileName: "Fatura nº 1.pdf" };
    const { store, told, bucket } = await sent({
      content: { type: "document", media },
      answers: [fetchedFile(Buffer.from("%PDF-1.7"))],
    });
    await store();
    expect(bucket.kept.get(`media/${ID}`)).toMatchObject({
      contentType: "application/pdf",
      fileName: "Fatura nº 1.pdf",
    });
    expect(await told()).toMatchObject([{ data: { media: { fileName: "Fatura nº 1.pdf" } } }]);
  });

  it("is fetched once, however often it is asked for", async () => {
    const { store, told, asked } = await sent();
    await store();
    await told();
    const before = asked.length;
    expect(await store()).toEqual({ kind: "done" });
    expect(asked).toHaveLength(before);
    expect(await told()).toHaveLength(1);
  });

  it("and was put into the bucket by the provider itself is held to the same", async () => {
    const { store, told, bucket } = await sent({ places: [{ kind: "delivered", sha256: SHA256.toString("base64") }] });
    await bucket.keep(`incoming/${ID}`, (fetchedFile(JPEG) as Extract<Fetched, { kind: "fetched" }>).file, {
      contentType: "",
    });
    await store();
    expect(bucket.kept.get(`media/${ID}`)).toEqual({ bytes: JPEG, contentType: "image/jpeg" });
    expect(await told()).toMatchObject([{ type: "media.stored" }]);
  });
});

describe("a checksum", () => {
  const other = createHash("sha256").update("other").digest();
  it.each<[string, string | undefined, string | undefined, string]>([
    [
      "in base64 in the webhook, in hexadecimal in the look-up",
      SHA256.toString("base64"),
      SHA256.toString("hex"),
      "stored",
    ],
    ["in capital hexadecimal", SHA256.toString("hex").toUpperCase(), undefined, "stored"],
    ["that is none", "none", "none", "stored"],
    ["of another file in the webhook", other.toString("base64"), SHA256.toString("hex"), "failed"],
    ["of another file in the look-up", SHA256.toString("base64"), other.toString("hex"), "failed"],
  ])("%s: media.%4$s", async (_, inWebhook, inLookUp, end) => {
    const media = { providerMediaId: "1", contentType: "image/jpeg", ...(inWebhook && { sha256: inWebhook }) };
    const places = [{ ...FOUND, ...(inLookUp && { sha256: inLookUp }) } as MediaPlace];
    const { store, told, bucket } = await sent({ content: { type: "image", media }, places });
    await store();
    const failure = end === "failed" ? { data: { code: "wrong_checksum" } } : {};
    expect(await told()).toMatchObject([{ type: `media.${end}`, ...failure }]);
    expect(bucket.kept.size).toBe(end === "failed" ? 0 : 1);
  });
});

describe("an end without a file is told with a code and a sentence", () => {
  const dead = (status: number): Fetched => ({ kind: "dead", status });
  const html = Buffer.from("<!doctype html><html></html>");
  it.each<[string, Parameters<typeof sent>[0], string]>([
    ["the provider has forgotten it", { places: [{ kind: "gone", detail: "" }] }, "expired"],
    ["its link stays dead", { answers: [dead(404)] }, "expired"],
    [
      "its second link is dead too",
      { places: [FOUND, { ...FOUND, url: "https://cdn.example/2" }], answers: [dead(403)] },
      "expired",
    ],
    ["the look-up says that it is too large", { places: [{ ...FOUND, size: 10_001 }] }, "too_large"],
    ["it is too large", { answers: [{ kind: "too_large" }] }, "too_large"],
    ["it lies where nobody may ask", { answers: [{ kind: "forbidden_address", detail: "" }] }, "forbidden_address"],
    ["it is a page", { answers: [fetchedFile(html)] }, "wrong_type"],
    ["it is announced as one", { answers: [fetchedFile(JPEG, "text/html; charset=utf-8")] }, "wrong_type"],
    ["it is another kind of file", { answers: [fetchedFile(Buffer.from("%PDF-1.7"))] }, "wrong_type"],
    ["the answer is none", { answers: [{ kind: "unusable", detail: "" }] }, "unavailable"],
    ["the account is gone", { account: { kind: "not_configured" } }, "unavailable"],
  ])("%s", async (_, given, code) => {
    const { store, told, bucket } = await sent(given);
    expect(await store()).toEqual({ kind: "done" });
    const data = { message: { id: MESSAGE }, code, reason: expect.stringMatching(/^[A-Z].+\.$/) };
    expect(await told()).toEqual([{ type: "media.failed", data }]);
    expect(bucket.kept.size).toBe(0);
  });
});

describe("a link that has died", () => {
  it("is asked for again, by the id", async () => {
    const places: MediaPlace[] = [FOUND, { ...FOUND, url: "https://cdn.example/2" }];
    const { store, told, asked } = await sent({ places, answers: [{ kind: "dead", status: 404 }, fetchedFile(JPEG)] });
    await store();
    expect(asked).toEqual(["locate 1", "https://cdn.example/1", "locate 1", "https://cdn.example/2"]);
    expect(await told()).toMatchObject([{ type: "media.stored" }]);
  });
});

describe("trouble that may pass", () => {
  const later: Fetched = { kind: "unavailable", detail: "HTTP 503" };
  it.each<[string, Parameters<typeof sent>[0]]>([
    ["of the look-up", { places: [{ kind: "unavailable", detail: "HTTP 500" }] }],
    ["of the file", { answers: [later] }],
    ["of a token that its owner may renew", { answers: [{ kind: "dead", status: 401 }] }],
    ["of missing secrets", { account: { kind: "no_secrets" } }],
  ])("%s is waited for, ever longer, and given up after six hours", async (_, given) => {
    const { store, told, clock } = await sent(given);
    const waits: unknown[] = [];
    for (const received of [1, 2, 3, 8, 9, 20]) waits.push(await store(received));
    expect(waits).toEqual([5, 10, 20, 640, 900, 900].map((afterSeconds) => ({ kind: "retry", afterSeconds })));
    expect(await told()).toEqual([]);
    clock.time += 6 * HOUR_MS - 60_000;
    expect(await store(30)).toEqual({ kind: "retry", afterSeconds: 60 });
    clock.time += 60_000;
    expect(await store(31)).toEqual({ kind: "done" });
    expect(await told()).toMatchObject([{ type: "media.failed", data: { code: "unavailable" } }]);
  });

  it("with a token is called so in the end", async () => {
    const { store, told, clock } = await sent({ answers: [{ kind: "dead", status: 401 }] });
    clock.time += 6 * HOUR_MS;
    await store();
    expect(await told()).toMatchObject([{ data: { reason: expect.stringContaining("access token") } }]);
  });

  it("lasts as long as the provider says", async () => {
    const { store } = await sent({ answers: [{ ...later, retryAfterSeconds: 77 } as Fetched] });
    expect(await store()).toEqual({ kind: "retry", afterSeconds: 77 });
  });

  it("does not end a file that is tried for the first time after so long", async () => {
    const { store, told, clock } = await sent();
    clock.time += 48 * HOUR_MS;
    await store();
    expect(await told()).toMatchObject([{ type: "media.stored" }]);
  });

  it("and a fault of our own are told apart in the log, and end alike", async () => {
    const { store, told, ports, clock } = await sent();
    ports.fetchFile = async () => {
      throw new TypeError("a slip");
    };
    expect(await store()).toEqual({ kind: "retry", afterSeconds: 5 });
    expect(vi.mocked(console.error).mock.calls.join()).toMatch(/media_fault.*TypeError/);
    clock.time += 7 * HOUR_MS;
    await store();
    expect(await told()).toMatchObject([{ data: { code: "unavailable" } }]);
  });

  it("of AWS is the queue's to wait for", async () => {
    const { store, ports, told } = await sent();
    ports.files = { ...ports.files, keep: () => Promise.reject(new WorldFault("SlowDown")) };
    await expect(store()).rejects.toThrow(WorldFault);
    expect(await told()).toEqual([]);
  });
});

describe("what needs no fetching", () => {
  it("is a message that was erased meanwhile", async () => {
    const { store, asked, table, request } = await sent();
    const [entry] = table.logs.get(request?.log ?? "") ?? [];
    if (entry) table.logs.set(request?.log ?? "", [{ ...entry, erased: true, data: {} }]);
    expect(await store()).toEqual({ kind: "done" });
    expect(asked).toEqual([]);
  });

  it.each<[string, Content]>([
    ["a text", { type: "text", text: "Olá" }],
    [
      "a story that mentions us, which may not be kept",
      { type: "story", kind: "mention", url: "https://cdn.example/1" },
    ],
    ["a file of ours", { type: "image", media: { id: ID, url: "https://cdn.example/1", contentType: "image/jpeg" } }],
    ["a file that lies nowhere", { type: "image", media: { contentType: "image/jpeg" } }],
  ])("is %s: nobody is asked to", async (_, content) => {
    expect((await sent({ content })).request).toBeUndefined();
  });
});
