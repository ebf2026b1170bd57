/** Every request that this desk's code makes, held to Zendesk's own description of the API. */
import { expect, it } from "vitest";
import type { HttpRequest } from "../../shared/ports.ts";
import {
  at,
  bodyOf,
  describeWithSpecs,
  type Json,
  judgeBy,
  operationFor,
  resolved,
} from "../contracts/api-description.ts";
import { FILE, saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const BASE = "https://lojaazul.zendesk.com/sc";
const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: FILE.length };

/**
 * Where the description is known not to help: the branches of a message's content are told apart by the discriminator
 * alone, so that every one of them takes any body that names a type. Each is given the type that the mapping names.
 */
const DISCRIMINATED = ["content"];

describeWithSpecs("Zendesk's description of the API", (read) => {
  const spec = read("zendesk-sunco", "openapi.yaml");
  const schemas = at(spec, "components", "schemas") as Record<string, Json>;
  const judge = judgeBy({ schemas: closed(corrected(schemas)) });

  /** What of a request the description does not know. */
  async function faultsOf(request: HttpRequest): Promise<string[]> {
    const { method, url, headers, body } = request;
    const { href, searchParams } = new URL(url);
    if (!href.startsWith(BASE)) return [`${href} is elsewhere`];
    const operation = operationFor(spec, request, new URL(BASE).pathname);
    if (!operation) return [`${method} ${href} is no operation`];
    const { template, query } = operation;
    const known = query.flatMap(namesOf);
    const needed = query.filter((one) => one.required === true && one.style !== "deepObject");
    const faults = [
      ...[...searchParams.keys()].filter((name) => !known.includes(name)).map((name) => `${template}: unknown ${name}`),
      ...needed.filter(({ name }) => !searchParams.has(name)).map(({ name }) => `${template}: ${name} is missing`),
    ];
    const [contentType = "", wanted] = Object.entries(operation.body)[0] ?? [];
    if (wanted === undefined) return body === undefined ? faults : [...faults, `${template}: a body`];
    if (!headers["content-type"]?.startsWith(contentType)) return [...faults, `${template}: not ${contentType}`];
    const fits = judge(wanted);
    return fits(await bodyOf(request)) ? faults : [...faults, `${template}: ${JSON.stringify(fits.errors)}`];
  }

  /** A `deepObject` parameter has a name for each of its fields. */
  function namesOf({ name, style, schema = {} }: { name: string; style?: string; schema?: Json }): string[] {
    if (style !== "deepObject") return [name];
    return Object.keys(resolved(schema, spec).properties as Json).map((field) => `${name}[${field}]`);
  }

  it("takes every request that we make", async () => {
    const asked: HttpRequest[] = [];
    const settings = {
      subdomain: "lojaazul",
      appId: "64f1c2a7be90d3f8417a5c02",
      switchboardIntegration: "zd:agentWorkspace",
    };
    const secrets = { keyId: "app_64f1c2", keySecret: "s3cret", webhookSecret: "d1c9e8a07b6f4f0f9a3b5c7d2e4f6a81" };
    const world = await startTicketDeskWorld("zendesk-messaging", { settings, secrets }, (request) =>
      asked.push(request),
    );
    try {
      const { place, phone } = world.customer();
      const first = saying("Olá");
      const say = async (word: ReturnType<typeof saying>, more: object = {}) =>
        expect(await world.way.say(word, { ...place, ...more })).toMatchObject({ kind: "told" });
      await say(first);
      await say(first, { isRepeated: true });
      await say(first, { isRepeated: true, ticket: { kept: {} } });
      await say(
        saying("Veja", { files: [PICTURE, { ...PICTURE, contentType: "application/pdf", fileName: "a.pdf" }] }),
        {
          ticket: place.ticket,
        },
      );
      const location = { latitude: 38.7, longitude: -9.1, name: "Loja", address: "Rua 1" };
      await say(saying("", { location }), { ticket: place.ticket });
      await say(saying("", { location: { latitude: 38.7, longitude: -9.1 } }), { ticket: place.ticket });
      await say(saying("Enviamos.", { from: "business", author: "Bia" }), { ticket: place.ticket });
      await say(saying("Não chegou.", { from: "recado", isPrivate: true }), { ticket: place.ticket });
      await world.way.customer?.({ ...place.conversation.customer, name: "Ana" }, place);
      await world.act("state", { ticket: place.ticket.id ?? "", state: "closed" });
      await say(saying("Voltei"), { ticket: place.ticket });
      for (let number = 0; number < 110; number++)
        await world.act("reply", { ticket: place.ticket.id ?? "", text: "Oi" });
      const reach = { desk: world.desk, http: world.http };
      await world.helpdesk.reconciler?.heard({ id: place.ticket.id ?? "", kept: {} }, { since: 0 }, reach);
      expect((await world.ticket(phone)).messages.length).toBeGreaterThan(110);
    } finally {
      await world.stop();
    }
    expect(
      new Set(
        asked.map(
          ({ method, url }) => `${method} ${new URL(url).pathname.split("/").slice(5).map(anonymous).join("/")}`,
        ),
      ),
    ).toEqual(
      new Set([
        ...["POST users", "PATCH users/…", "POST conversations", "GET conversations", "GET conversations/…"],
        ...["POST conversations/…/passControl", "GET conversations/…/participants", "POST attachments"],
        ...["POST conversations/…/messages", "GET conversations/…/messages"],
      ]),
    );
    expect((await Promise.all(asked.map(faultsOf))).flat()).toEqual([]);
  });

  it("and not what is wrong", async () => {
    const post = (path: string, json: object): HttpRequest => ({
      ...{ method: "POST", url: `${BASE}/v2/apps/a/${path}`, headers: { "content-type": "application/json" } },
      body: JSON.stringify(json),
    });
    const author = { type: "business" };
    const wrong: HttpRequest[] = [
      post("conversations/1/message", {}),
      post("conversations/1/messages?draft=true", { author, content: { type: "text", text: "Oi" } }),
      post("conversations/1/messages", { author: { type: "agent" }, content: { type: "text", text: "Oi" } }),
      post("conversations/1/messages", { author, content: { type: "text", text: "x".repeat(4097) } }),
      post("conversations/1/messages", { author, content: { type: "file", text: "Oi" } }),
      post("conversations/1/messages", { author, content: { type: "text", words: "Oi" } }),
      post("conversations/1/messages", {
        author,
        content: { type: "text", text: "Oi" },
        destination: { channel: "none" },
      }),
      post("conversations", { participants: [] }),
      post("users", { externalId: "1", profile: { name: "Ana" } }),
      post("conversations/1/passControl", {}),
      post("attachments?access=public&for=message", {}),
    ];
    for (const request of wrong) expect(await faultsOf(request), JSON.stringify(request)).not.toEqual([]);
  });
});

/** The ids in a path, which are not what is looked at. */
function anonymous(step: string): string {
  return /^(con_|[0-9a-f]{24}$)/.test(step) ? "…" : step;
}

function corrected(schemas: Record<string, Json>): Record<string, Json> {
  const copy = structuredClone(schemas);
  for (const name of DISCRIMINATED) {
    const mapping = at(copy, name, "discriminator", "mapping") as Record<string, string>;
    for (const [type, ref] of Object.entries(mapping)) {
      const branch = at(copy, ref.split("/").at(-1) ?? "", "properties") as Json;
      branch.type = { const: type };
    }
  }
  return copy;
}

/** Unknown fields are refused, but where several schemas are to hold of one object. */
function closed(schema: unknown, isBranch = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => closed(one, isBranch));
  if (typeof schema !== "object" || schema === null) return schema;
  // What may be null is another dialect's matter: we send no null.
  const { nullable: _, ...rest } = schema as Json;
  const copy = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [
      name,
      closed(value, name === "allOf" && (value as Json[]).length > 1),
    ]),
  );
  const isOpen = isBranch || !("properties" in copy) || "additionalProperties" in copy || "allOf" in copy;
  return isOpen || typeof copy.properties !== "object" ? copy : { ...copy, additionalProperties: false };
}
