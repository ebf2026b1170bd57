/**
 * Every request that this desk makes, held to HubSpot's own API descriptions. Those are not part of this repository:
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

/** The part of the API that a path belongs to, by the description's file. */
const FILES = ["customChannels-2026-09.json", "conversations-2026-09.json", "files-v3.json"];

/**
 * Where the descriptions are known to be wrong. What may be posted to a thread is described as one of two kinds, each of
 * which is described as the whole again: a judge never comes to an end, so that each kind is taken for what it adds.
 */
const ENDLESS = ["PublicCommentEgg", "PublicConversationsMessageEgg"];

const FILE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };
const LOCATION = { latitude: 38.7, longitude: -9.1, name: "Loja", address: "Rua 1" };

describe("HubSpot's API descriptions", () => {
  if (!folder) {
    it("are not at hand: without SPECS_DIR no request is held to them", () => {
      console.warn("SPECS_DIR is not set: the requests are not compared with HubSpot's descriptions.");
      expect(folder).toBeFalsy();
    });
    return;
  }

  const specs = FILES.map((file) => described(JSON.parse(readFileSync(join(folder, "hubspot", file), "utf8")) as Json));
  const asked: HttpRequest[] = [];
  let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;

  beforeAll(async () => {
    const settings = { channelId: "1042", channelAccounts: "2001", appId: "3003" };
    const secrets = { accessToken: "pat-na1-token", clientSecret: "00000000-client-secret", pathToken: "unguessable" };
    world = await startTicketDeskWorld("hubspot", { settings, secrets }, (request) => asked.push(request));
    await everything();
  });
  afterAll(() => world.stop());

  /** All that the desk is ever told or asked, once. */
  async function everything() {
    const { way, helpdesk } = world;
    const { place } = world.customer();
    const told = async (...args: Parameters<typeof way.say>) =>
      expect(await way.say(...args)).toMatchObject({ kind: "told" });
    await told(saying("Olá", { location: LOCATION }), place);
    await told(saying("", { files: [FILE] }), place);
    await told(saying("Oi", { replyTo: "4a1c9f0e2b" }), place);
    await told(saying("Enviamos", { from: "business", author: "Bia" }), place);
    const note = saying("Nota", { from: "recado", isPrivate: true, files: [FILE] });
    await told(note, place);
    await told(note, { ...place, isRepeated: true });
    const ticket = place.ticket.id ?? "";
    await world.act("state", { ticket, state: "closed" });
    const closed = {
      kind: "answer" as const,
      status: 200,
      headers: {},
      body: JSON.stringify({ id: ticket, status: "CLOSED" }),
    };
    const isLook = ({ method, url }: HttpRequest) => method === "GET" && url.endsWith(ticket);
    await told(saying("Mais"), { ...place, http: async (request) => (isLook(request) ? closed : place.http(request)) });
    const follows = { ...place, ticket: { kept: {} }, follows: place.ticket, keep: async () => {} };
    await told(saying("Outra"), follows);
    const nameless = world.customer().place;
    const { name: _, phone: __, ...customer } = nameless.conversation.customer;
    nameless.conversation = { ...nameless.conversation, customer };
    await told(saying("Sem número"), nameless);
    const { id } = await world.act("reply", { ticket, text: "Já vai" });
    for (const status of ["sent", "delivered", "read", "failed"] as const)
      expect(await way.status?.({ message: id, status, reason: "Closed", at: 0 }, place)).toMatchObject({
        kind: "told",
      });
    for (const state of ["closed", "open"] as const)
      expect(await way.state?.(state, place)).toMatchObject({ kind: "told" });
    const reach = { desk: world.desk, http: world.http };
    const { reconciler } = helpdesk;
    expect(await reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach)).toMatchObject({ kind: "heard" });
    expect(await reconciler?.changed?.({ since: 0 }, reach)).toMatchObject({ kind: "changed" });
    await reconciler?.locate?.({ url: "", id: "77" }, reach);
  }

  it("know every path and method, and every parameter", () => {
    const unknown = asked.flatMap((request) => {
      const found = operationOf(request);
      if (!found) return [`${request.method} ${request.url}`];
      const names = found.parameters.filter((one) => one.in === "query").map(({ name }) => name);
      const { searchParams } = new URL(request.url);
      return [...searchParams.keys()].filter((name) => !names.includes(name)).map((name) => `${request.url}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it("take every body, and know all of its fields", async () => {
    const judged: string[] = [];
    for (const request of asked.filter(({ body }) => body !== undefined)) {
      const found = operationOf(request);
      const body = await bodyOf(request);
      const { fits, fields } = found?.judge(body) ?? {};
      expect(fits?.(body), `${request.url}: ${JSON.stringify(fits?.errors)}`).toBe(true);
      expect(
        Object.keys(body).filter((name) => !fields?.includes(name)),
        request.url,
      ).toEqual([]);
      judged.push(`${request.method} ${found?.template}`);
    }
    expect(new Set(judged)).toEqual(
      new Set([
        "POST /conversations/custom-channels/2026-09/{channelId}/messages",
        "PATCH /conversations/custom-channels/2026-09/{channelId}/messages/{messageId}",
        "POST /conversations/conversations/2026-09/threads/{threadId}/messages",
        "PATCH /conversations/conversations/2026-09/threads/{threadId}",
        "POST /files/v3/files",
      ]),
    );
  });

  it("and not what is wrong", async () => {
    for (const request of asked.filter(({ body, headers }) => body && headers["content-type"] === "application/json")) {
      const body = await bodyOf(request);
      const wrong = Object.fromEntries(Object.entries(body).map(([name]) => [name, { nothing: true }]));
      const { fits } = operationOf(request)?.judge(body) ?? {};
      expect(fits?.(wrong), request.url).toBe(false);
    }
  });

  interface Operation {
    template: string;
    parameters: { name: string; in: string }[];
    judge(body: Json): { fits: ReturnType<Ajv["compile"]>; fields: string[] };
  }

  function operationOf({ method, url }: HttpRequest): Operation | undefined {
    const { pathname } = new URL(url);
    for (const { paths, judge } of specs) {
      for (const [template, operations] of Object.entries(paths)) {
        const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`);
        const operation = operations[method.toLowerCase()] as Json | undefined;
        if (!operation || !pattern.test(pathname)) continue;
        const parameters = (operation.parameters ?? []) as Operation["parameters"];
        return { template, parameters, judge: (body) => judge(operation, body) };
      }
    }
    return undefined;
  }

  function described(spec: Json) {
    const schemas = structuredClone((spec.components as Json).schemas) as Record<string, Json>;
    for (const name of ENDLESS) {
      const branches = schemas[name]?.allOf as Json[] | undefined;
      if (branches) schemas[name] = branches.find((branch) => !("$ref" in branch)) ?? {};
    }
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: "spec", components: withSpecReferences({ schemas }) });
    const schemaOf = (schema: Json, body: Json): Json => {
      const name =
        String(schema.$ref ?? "")
          .split("/")
          .at(-1) ?? "";
      const whole = schemas[name] ?? schema;
      if (name !== "PublicMessageEgg") return whole;
      return schemas[body.type === "COMMENT" ? "PublicCommentEgg" : "PublicConversationsMessageEgg"] ?? {};
    };
    return {
      paths: spec.paths as Record<string, Json>,
      judge(operation: Json, body: Json) {
        const content = (operation.requestBody as { content: Record<string, { schema: Json }> }).content;
        const [{ schema } = { schema: {} }] = Object.values(content);
        const whole = schemaOf(schema, body);
        const fits = ajv.compile(withSpecReferences(whole) as Json);
        return { fits, fields: Object.keys((whole.properties ?? {}) as Json) };
      },
    };
  }
});

/** A form as its fields; a file counts as text, as it is described. */
async function bodyOf({ headers, body }: HttpRequest): Promise<Json> {
  if (typeof body === "string") return JSON.parse(body) as Json;
  const form = await new Response(new Uint8Array(body ?? []), { headers }).formData();
  return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === "string" ? value : value.name]));
}

function withSpecReferences(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"spec#/components'));
}
