/**
 * Every request that this desk makes, held to Front's own API descriptions. Those are not part of this repository:
 * SPECS_DIR names the folder that they are in.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpRequest } from "../../shared/ports.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const folder = process.env.SPECS_DIR;
type Json = Record<string, unknown>;

const FILES = ["channel-api.json", "core-api.json"];
/** Described as JSON alone, and taken as a form as soon as there is a file; a form has texts for numbers. */
const FORM_NUMBERS = ["delivered_at"];
const FILE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };

describe("Front's API descriptions", () => {
  if (!folder) {
    it("are not at hand: without SPECS_DIR no request is held to them", () => {
      console.warn("SPECS_DIR is not set: the requests are not compared with Front's descriptions.");
      expect(folder).toBeFalsy();
    });
    return;
  }

  const specs = FILES.map((file) => described(JSON.parse(readFileSync(join(folder, "front", file), "utf8")) as Json));
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
        .filter(([name, value]) => !found.takes(name, value))
        .map(([name]) => `${request.url}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it("take every body, and know all of its fields", async () => {
    const judged = new Set<string>();
    for (const request of asked.filter(({ body }) => body !== undefined)) {
      const found = operationOf(request);
      const body = await bodyOf(request);
      expect(found?.fits(body), `${request.url}: ${JSON.stringify(found?.fits.errors)}`).toBe(true);
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
    const body = await bodyOf(request);
    expect(found?.fits({ ...body, colour: "blue" })).toBe(false);
    expect(found?.fits({ ...body, metadata: { external_id: "1" } })).toBe(false);
    expect(operationOf({ ...request, url: request.url.replace("inbound", "inward") })).toBeUndefined();
  });

  it("give their files where they are fetched from", () => {
    for (const path of ["/messages/msg_1/download/fil_1", "/download/fil_1"])
      expect(operationOf({ method: "GET", url: `https://api2.frontapp.com${path}`, headers: {} })).toBeDefined();
  });

  function operationOf({ method, url }: HttpRequest) {
    const { pathname } = new URL(url);
    for (const { paths, judge, takes } of specs) {
      const template = Object.keys(paths).find(
        (one) => isPath(one, pathname) && method.toLowerCase() in (paths[one] ?? {}),
      );
      if (template === undefined) continue;
      const operation = paths[template]?.[method.toLowerCase()] as Json;
      return {
        template,
        fits: judge(operation),
        takes: (name: string, value: string) => takes(operation, name, value),
      };
    }
    return undefined;
  }
});

/** Fields that are not described count as wrong. */
function described(spec: Json) {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const components = closed(
    JSON.parse(JSON.stringify(spec.components).replaceAll('"#/components', '"spec#/components')),
  );
  ajv.addSchema({ $id: "spec", components });
  const parameterOf = (parameter: Json): Json => {
    const [, name = ""] = /#\/components\/parameters\/(.+)/.exec(String(parameter.$ref)) ?? [];
    return name === "" ? parameter : (at(spec, "components", "parameters", name) as Json);
  };
  return {
    paths: spec.paths as Record<string, Json>,
    judge(operation: Json) {
      const schema = at(operation, "requestBody", "content", "application/json", "schema") ?? false;
      const text = JSON.stringify(schema).replaceAll('"#/components', '"spec#/components');
      return ajv.compile(closed(JSON.parse(text)) as Json);
    },
    takes(operation: Json, name: string, value: string): boolean {
      const found = ((operation.parameters ?? []) as Json[])
        .map(parameterOf)
        .find((one) => one.name === name && one.in === "query");
      const given = at(found, "schema", "type") === "integer" ? Number(value) : value;
      return found !== undefined && ajv.validate(found.schema as Json, given);
    },
  };
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)] as const);
  const isObject = "properties" in schema && !("allOf" in schema) && typeof (schema as Json).properties === "object";
  return { ...Object.fromEntries(entries), ...(isObject && { additionalProperties: false }) };
}

function isPath(template: string, path: string): boolean {
  const parts = template.replace(/\/$/, "").split("/");
  const given = path.split("/");
  return parts.length === given.length && parts.every((part, index) => part.startsWith("{") || part === given[index]);
}

/** A form as what it says: `sender[handle]` is the handle of the sender, files are their names. */
async function bodyOf({ body, headers }: HttpRequest): Promise<Json> {
  const contentType = headers["content-type"] ?? "";
  if (!contentType.startsWith("multipart/")) return JSON.parse(String(body)) as Json;
  const form = await new Response(new Uint8Array(body as Uint8Array), {
    headers: { "content-type": contentType },
  }).formData();
  const read: Json = {};
  for (const [name, value] of form) {
    const [first = "", ...rest] = name.split(/[[\]]+/).filter(Boolean);
    const text = typeof value === "string" ? value : value.name;
    put(read, [first, ...rest], FORM_NUMBERS.includes(first) ? Number(text) : text);
  }
  return read;
}

function put(into: Json, [key = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  into[key] ??= /^\d+$/.test(rest[0] ?? "") ? [] : {};
  put(into[key] as Json, rest, value);
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((parent, name) => (parent as Json | undefined)?.[name], value);
}
