/** Every request that this desk makes, held to Front's own API descriptions. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HttpRequest } from "../../shared/ports.ts";
import { bodyOf, describeWithSpecs, type Json, judgeBy, operationFor } from "../contracts/api-description.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const FILES = ["channel-api.json", "core-api.json"];
/** Described as JSON alone, and taken as a form as soon as there is a file; a form has texts for numbers. */
const FORM_NUMBERS = ["delivered_at"];
const FILE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };

describeWithSpecs("Front's API descriptions", (read) => {
  const specs = FILES.map((file) => {
    const spec = read("front", file);
    return { spec, judge: judgeBy(closed(spec.components)) };
  });
  const asked: HttpRequest[] = [];
  let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;

  beforeAll(async () => {
    const settings = { appId: "0a1b2c3d4e5f60718293", channels: "cha_55c8c149" };
    const secrets = { appSecret: "front-app-secret", apiToken: "front-api-token" };
    world = await startTicketDeskWorld("front", { settings, secrets }, (request) => asked.push(request));
    await everything();
  });
  afterAll(() => world.stop());

  /** All that the desk is ever told or asked, once. */
  async function everything() {
    const { way, helpdesk } = world;
    const { place } = world.customer();
    const told = async (...args: Parameters<typeof way.say>) =>
      expect(await way.say(...args)).toMatchObject({ kind: "told" });
    const first = saying("Olá");
    await told(first, place);
    // As if nothing had been kept of the first try.
    await told(first, { ...place, ticket: { kept: {} }, isRepeated: true });
    await told(saying("", { files: [FILE] }), place);
    await told(saying("Oi", { replyTo: "msg_9" }), place);
    const mirrored = saying("Enviamos", { from: "business", author: "Bia" });
    await told(mirrored, place);
    await told(mirrored, { ...place, isRepeated: true });
    await told(saying("", { from: "business", files: [FILE] }), place);
    const note = saying("Nota", { from: "recado", isPrivate: true, files: [FILE] });
    await told(note, place);
    await told(note, { ...place, isRepeated: true });
    await told(saying("Nota", { from: "recado", isPrivate: true }), place);
    const nameless = world.customer().place;
    const { name: _, phone: __, ...customer } = nameless.conversation.customer;
    nameless.conversation = { ...nameless.conversation, customer };
    await told(saying("Sem número"), nameless);
    const ticket = place.ticket.id ?? "";
    const { id } = await world.act("reply", { ticket, text: "Já vai" });
    for (const message of [id, "msg_unknown"]) {
      const failed = { message, status: "failed" as const, reason: "Closed", at: 0 };
      expect(await way.status?.(failed, place)).toMatchObject({ kind: "told" });
    }
    for (const state of ["closed", "open"] as const)
      expect(await way.state?.(state, place)).toMatchObject({ kind: "told" });
    expect(await way.tag?.(["vip"], place)).toMatchObject({ kind: "told" });
    expect(await way.customer?.({ ...place.conversation.customer, name: "Ana" }, place)).toMatchObject({
      kind: "told",
    });
    for (let count = 0; count < 50; count++) await world.act("note", { ticket, text: `Nota ${count}` });
    const reach = { desk: world.desk, http: world.http };
    const { reconciler } = helpdesk;
    expect(await reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach)).toMatchObject({ kind: "heard" });
    expect(await reconciler?.changed?.({ since: 0 }, reach)).toMatchObject({ kind: "changed" });
  }

  it("know every path and method, and every parameter", () => {
    const unknown = asked.flatMap((request) => {
      const found = operationOf(request);
      if (!found) return [`${request.method} ${request.url}`];
      const { searchParams } = new URL(request.url);
      return [...searchParams]
        .filter(([name, value]) => !takes(found, name, value))
        .map(([name]) => `${request.url}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it("take every body, and know all of its fields", async () => {
    const judged = new Set<string>();
    for (const request of asked.filter(({ body }) => body !== undefined)) {
      const found = operationOf(request);
      expect(found?.fits(await givenIn(request)), `${request.url}: ${JSON.stringify(found?.fits.errors)}`).toBe(true);
      judged.add(`${request.method} ${found?.template}`);
    }
    expect([...judged].toSorted()).toEqual([
      "PATCH /contacts/{contact_id}",
      "PATCH /conversations/{conversation_id}",
      "POST /channels/{channel_id}/inbound_messages",
      "POST /channels/{channel_id}/outbound_messages",
      "POST /company/tags",
      "POST /conversations/{conversation_id}/comments",
      "POST /conversations/{conversation_id}/tags",
      "PUT /channels/{channel_id}/conversations/{conv_ext_id}/messages/{message_ext_id}/status",
    ]);
  });

  it("and not what is wrong", async () => {
    const request = asked.find(({ url }) => url.endsWith("/inbound_messages"));
    if (!request) throw new Error("nothing was asked");
    const found = operationOf(request);
    const body = await givenIn(request);
    expect(found?.fits({ ...body, colour: "blue" })).toBe(false);
    expect(found?.fits({ ...body, metadata: { external_id: "1" } })).toBe(false);
    expect(operationOf({ ...request, url: request.url.replace("inbound", "inward") })).toBeUndefined();
  });

  it("give their files where they are fetched from", () => {
    for (const path of ["/messages/msg_1/download/fil_1", "/download/fil_1"])
      expect(operationOf({ method: "GET", url: `https://api2.frontapp.com${path}`, headers: {} })).toBeDefined();
  });

  function operationOf(request: HttpRequest) {
    for (const { spec, judge } of specs) {
      const operation = operationFor(spec, request);
      if (operation) return { ...operation, judge, fits: judge(closed(operation.body["application/json"] ?? false)) };
    }
    return undefined;
  }

  function takes({ query, judge }: NonNullable<ReturnType<typeof operationOf>>, name: string, value: string): boolean {
    const schema = query.find((one) => one.name === name)?.schema;
    return schema !== undefined && judge(schema)(schema.type === "integer" ? Number(value) : value);
  }
});

async function givenIn(request: HttpRequest): Promise<Json> {
  const body = await bodyOf(request);
  if (typeof request.body === "string") return body;
  const numbers = FORM_NUMBERS.filter((name) => name in body).map((name) => [name, Number(body[name])]);
  return { ...body, ...Object.fromEntries(numbers) };
}

/** Fields that are not described count as wrong. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)] as const);
  const isObject = "properties" in schema && !("allOf" in schema) && typeof (schema as Json).properties === "object";
  return { ...Object.fromEntries(entries), ...(isObject && { additionalProperties: false }) };
}
