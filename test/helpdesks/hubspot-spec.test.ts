/** Every request that this desk makes, held to HubSpot's own API descriptions. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HttpRequest } from "../../shared/ports.ts";
import {
  at,
  bodyOf,
  describeWithSpecs,
  type Json,
  judgeBy,
  type Operation,
  operationFor,
} from "../contracts/api-description.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

/** The part of the API that a path belongs to, by the description's file. */
const FILES = ["customChannels-2026-09.json", "conversations-2026-09.json", "files-v3.json"];

/**
 * Where the descriptions are known to be wrong. What may be posted to a thread is described as one of two kinds, each of
 * which is described as the whole again: a judge never comes to an end, so that each kind is taken for what it adds.
 */
const ENDLESS = ["PublicCommentEgg", "PublicConversationsMessageEgg"];

const FILE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };
const LOCATION = { latitude: 38.7, longitude: -9.1, name: "Loja", address: "Rua 1" };

describeWithSpecs("HubSpot's API descriptions", (read) => {
  const specs = FILES.map((file) => described(read("hubspot", file)));
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
      const names = found.query.map(({ name }) => name);
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

  function operationOf(request: HttpRequest) {
    for (const { spec, judge } of specs) {
      const operation = operationFor(spec, request);
      if (operation) return { ...operation, judge: (body: Json) => judge(operation, body) };
    }
    return undefined;
  }

  function described(spec: Json) {
    const schemas = structuredClone(at(spec, "components", "schemas")) as Record<string, Json>;
    for (const name of ENDLESS) {
      const branches = schemas[name]?.allOf as Json[] | undefined;
      if (branches) schemas[name] = branches.find((branch) => !("$ref" in branch)) ?? {};
    }
    const compile = judgeBy({ schemas });
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
      spec,
      judge({ body: contents }: Operation, body: Json) {
        const [schema = {}] = Object.values(contents);
        const whole = schemaOf(schema, body);
        return { fits: compile(whole), fields: Object.keys((whole.properties ?? {}) as Json) };
      },
    };
  }
});
