/** Every request to Chatwoot, held to its own description of its API. */
import { expect, it } from "vitest";
import type { HttpRequest } from "../../shared/ports.ts";
import { describeWithSpecs, type Json, judgeBy, operationFor, resolved } from "../contracts/api-description.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const ROOT = "https://chatwoot.example.com";
const SAMPLE = {
  settings: { baseUrl: ROOT, accountId: 1, inbox: { id: 7, identifier: "inbox-identifier" } },
  secrets: { apiToken: "user-token", webhookSecret: "inbox-secret" },
};
const PUBLIC = "/public/api/v1/inboxes/{inbox_identifier}";
const ACCOUNT = "/api/v1/accounts/{account_id}";
const MESSAGES = `${ACCOUNT}/conversations/{conversation_id}/messages`;

/** What the program takes and its description (of 4.13.0) leaves out. */
const LEFT_OUT = {
  operations: [`PATCH ${MESSAGES}/{message_id}`],
  fields: {
    [`POST ${PUBLIC}/contacts`]: ["source_id"],
    [`POST ${MESSAGES}`]: ["source_id", "external_created_at"],
  } as Record<string, string[]>,
  queries: { [`GET ${ACCOUNT}/conversations`]: ["updated_within"] } as Record<string, string[]>,
  /** Attachments go in no other form. */
  multipart: [`POST ${MESSAGES}`],
};

describeWithSpecs("Chatwoot's description of its API", (read) => {
  const spec = read("chatwoot", "swagger.json");
  const judge = judgeBy(spec.components);

  it("takes every request that we make", async () => {
    const requests = await everyRequest();
    const known = { ...spec, paths: { ...(spec.paths as Json), ...leftOutPaths() } };
    const met = new Set<string>();

    for (const request of requests) {
      const url = new URL(request.url);
      expect(url.origin).toBe(ROOT);
      const operation = operationFor(known, request);
      expect(operation, `${request.method} ${request.url}`).toBeDefined();
      if (!operation) continue;
      const { template, query, body: contents } = operation;
      const name = `${request.method} ${template}`;
      met.add(name);
      if (LEFT_OUT.operations.includes(name)) continue;
      expect([...query.map((one) => one.name), ...(LEFT_OUT.queries[name] ?? [])], name).toEqual(
        expect.arrayContaining([...url.searchParams.keys()]),
      );
      if (request.body === undefined) continue;
      if (request.headers["content-type"]?.startsWith("multipart/form-data")) {
        expect(LEFT_OUT.multipart).toContain(name);
        continue;
      }
      const body = JSON.parse(String(request.body)) as Json;
      const schema = contents["application/json"] ?? {};
      const fits = judge(schema);
      expect(fits(body), `${name}: ${JSON.stringify(fits.errors)}`).toBe(true);
      const fields = [...fieldsOf(schema, spec), ...(LEFT_OUT.fields[name] ?? [])];
      expect(
        Object.keys(body).filter((field) => !fields.includes(field)),
        name,
      ).toEqual([]);
    }
    // Whoever forgets to ask for something here, is told so.
    expect([...met].toSorted()).toEqual(
      [
        ...[`POST ${PUBLIC}/contacts`, `POST ${ACCOUNT}/conversations`, `GET ${ACCOUNT}/conversations`],
        ...[`GET ${ACCOUNT}/conversations/{conversation_id}`, `GET ${ACCOUNT}/contacts/{id}/conversations`],
        ...[`GET ${MESSAGES}`, `POST ${MESSAGES}`, `PATCH ${MESSAGES}/{message_id}`, `PUT ${ACCOUNT}/contacts/{id}`],
        ...["toggle_status", "custom_attributes", "labels"].map(
          (what) => `POST ${ACCOUNT}/conversations/{conversation_id}/${what}`,
        ),
        `GET ${ACCOUNT}/conversations/{conversation_id}/labels`,
      ].toSorted(),
    );
  });

  it("does not take what is wrong", () => {
    const fits = judge({ $ref: "#/components/schemas/conversation_message_create_payload" });
    expect(fits({ content: "Olá", message_type: "incoming", private: false })).toBe(true);
    expect(fits({ content: "Olá", message_type: "inbound" })).toBe(false);
    expect(fits({ content: 7 })).toBe(false);
  });
});

/** What is told and asked of a conversation in all its ways. */
async function everyRequest(): Promise<HttpRequest[]> {
  const requests: HttpRequest[] = [];
  const world = await startTicketDeskWorld("chatwoot", SAMPLE, (request) => requests.push(request));
  const { way, helpdesk, desk, http } = world;
  const { place, phone } = world.customer();
  const file = { id: "med_1", contentType: "image/png", fileName: "foto.png", size: 9 };

  await world.order({ kind: "reset_after_accepting", customer: phone, times: 2 });
  const first = saying("Olá");
  for (let tries = 0; tries < 4; tries++)
    await way.say(first, { ...place, ticket: place.ticket, isRepeated: tries > 0 });
  const { id: ticket = "" } = place.ticket;
  const { id: replied } = await world.act("reply", { ticket, text: "Já vai" });
  await way.say(saying("Veja", { files: [file], replyTo: replied }), place);
  await way.say(saying("Sim", { replyTo: replied }), place);
  await way.say(saying("Enviamos", { from: "business", author: "Bia" }), place);
  await way.say(saying("O cliente leu", { from: "recado", isPrivate: true }), place);
  for (const status of ["sent", "delivered", "read", "failed"] as const)
    await way.status?.({ message: replied, status, at: 1, ...(status === "failed" && { reason: "Closed." }) }, place);
  for (const state of ["closed", "open"] as const) await way.state?.(state, place);
  await way.tag?.(["vip"], place);
  await way.customer?.({ ...place.conversation.customer, name: "Rita" }, place);
  await way.fields?.({ ...place, conversation: { ...place.conversation, fields: { recado_ad: "spring" } } });
  const again = await helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, { desk, http });
  for (let count = 0; count < 25; count++) await world.act("note", { ticket, text: "nota" });
  if (again?.kind === "heard")
    await helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0, after: again.upTo ?? "" }, { desk, http });
  await helpdesk.reconciler?.changed?.({ since: 0 }, { desk, http });
  const unread: typeof http = async (request) =>
    request.url.includes("updated_within") ? { kind: "interrupted", detail: "" } : http(request);
  await helpdesk.reconciler?.changed?.({ since: 0 }, { desk, http: unread });
  await world.stop();
  return requests;
}

/** What is left out, as if it were described. */
function leftOutPaths(): Json {
  const operations = LEFT_OUT.operations.map((one) => one.split(" "));
  return Object.fromEntries(operations.map(([method = "", path = ""]) => [path, { [method.toLowerCase()]: {} }]));
}

function fieldsOf(schema: Json, spec: Json): string[] {
  return Object.keys((resolved(schema, spec).properties ?? {}) as Json);
}
