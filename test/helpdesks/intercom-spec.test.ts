/** Every request to Intercom is held to the vendor's own description, where that is at hand. */
import { expect, it } from "vitest";
import type { TicketWay } from "../../shared/helpdesks/helpdesk.ts";
import { intercom } from "../../shared/helpdesks/intercom/index.ts";
import type { HttpRequest } from "../../shared/ports.ts";
import { at, describeWithSpecs, type Json, judgeBy, operationFor, resolved } from "../contracts/api-description.ts";
import { FILE, saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SAMPLE = {
  settings: { region: "us", adminId: "1957471" },
  secrets: { accessToken: "dG9rOjEyMzQ1", clientSecret: "secret" },
};
describeWithSpecs("Intercom's API description", (read) => {
  const spec = withoutStrayNullable(read("intercom", "api.intercom.io-2.16.yaml"));
  const judge = judgeBy(spec.components);

  it("takes everything that we ask and say", { timeout: 30_000 }, async () => {
    const requests = await everyRequest();
    const seen = new Set<string>();
    for (const request of requests) {
      const found = operationFor(spec, request);
      expect(found, `${request.method} ${request.url}`).toBeDefined();
      if (!found) continue;
      const { template, query, body: contents } = found;
      seen.add(`${request.method} ${template}`);
      expect(query.map(({ name }) => name)).toEqual(
        expect.arrayContaining([...new URL(request.url).searchParams.keys()]),
      );
      expect(at(spec, "components", "schemas", "intercom_version", "enum")).toContain(
        request.headers["intercom-version"],
      );
      if (request.body === undefined) continue;
      const schema = contents["application/json"] ?? {};
      const body = JSON.parse(String(request.body)) as Json;
      const fits = judge(schema);
      expect(fits(body), `${template} ${JSON.stringify(fits.errors)}`).toBe(true);
      expect([...namesIn(schema, spec)], template).toEqual(expect.arrayContaining(Object.keys(body)));
    }
    expect([...seen].toSorted()).toEqual([
      "GET /contacts/find_by_external_id/{external_id}",
      "GET /conversations/{conversation_id}",
      "POST /contacts",
      "POST /contacts/{contact_id}/unarchive",
      "POST /conversations",
      "POST /conversations/search",
      "POST /conversations/{conversation_id}/parts",
      "POST /conversations/{conversation_id}/reply",
      "POST /conversations/{conversation_id}/tags",
      "POST /tags",
      "PUT /contacts/{contact_id}",
      "PUT /conversations/{conversation_id}",
    ]);
  });

  it("does not take what is wrong", () => {
    const request = { method: "POST", url: "https://api.intercom.io/conversations/1/reply", headers: {} } as const;
    const schema = operationFor(spec, request)?.body["application/json"] ?? {};
    const fits = judge(schema);
    expect(fits({ message_type: "comment", type: "user", body: "Oi" })).toBe(false);
    expect(fits({ message_type: "note", type: "admin", body: "Oi" })).toBe(false);
    expect(namesIn(schema, spec).has("external_id")).toBe(false);
  });
});

/** Whatever there is to tell and to ask, and what was sent for it. */
async function everyRequest(): Promise<HttpRequest[]> {
  const requests: HttpRequest[] = [];
  const world = await startTicketDeskWorld("intercom", SAMPLE, (request) => void requests.push(request));
  const way = intercom.way as TicketWay;
  const file = { id: "med_1", size: FILE.length };
  const picture = { ...file, contentType: "image/png", fileName: "foto.png" };
  const pdf = { ...file, contentType: "application/pdf", fileName: "conta.pdf" };
  try {
    const { place, phone } = world.customer();
    const first = saying("Olá", { files: [picture, pdf] });
    await world.order({ kind: "reset_after_accepting", customer: phone, times: 2 });
    let outcome = await way.say(first, place);
    for (let tries = 0; outcome.kind !== "told" && tries < 6; tries++)
      outcome = await way.say(first, { ...place, ticket: place.ticket, isRepeated: true });
    const tellings = [
      outcome,
      await way.say(saying("Mais", { files: [picture, pdf] }), place),
      await way.say(saying("Mais"), { ...place, isRepeated: true }),
      await way.say(saying("Enviamos.", { from: "business", author: "Bia", files: [picture, pdf] }), place),
      await way.say(saying("Nota", { from: "recado", isPrivate: true }), place),
      await way.state?.("closed", place),
      await way.state?.("open", place),
      await way.tag?.(["vip"], place),
      await way.customer?.(place.conversation.customer, place),
      await way.fields?.(place),
    ];
    expect(tellings.map((one) => one?.kind)).toEqual(tellings.map(() => "told"));
    const reach = { desk: world.desk as never, http: world.http };
    await intercom.reconciler?.heard({ id: place.ticket.id ?? "", kept: {} }, { since: 0 }, reach);
    await intercom.reconciler?.changed?.({ since: 1_000 }, reach);
    const archived = {
      errors: [
        { message: "An archived contact matching those details already exists with id=5ff25dc6ec394ef8296e873f" },
      ],
    };
    const http = async (request: HttpRequest) => {
      requests.push(request);
      const status = { GET: 404, POST: request.url.endsWith("/contacts") ? 409 : 200 }[
        request.method as "GET" | "POST"
      ];
      return { kind: "answer" as const, status, headers: {}, body: JSON.stringify(archived) };
    };
    await way.say(saying("Olá"), { ...world.customer().place, http });
  } finally {
    await world.stop();
  }
  return requests;
}

/** The names of all properties that a schema knows, whichever of its branches. */
function namesIn(schema: Json, spec: Json): Set<string> {
  const { properties = {} } = schema as { properties?: Json };
  const named = "$ref" in schema ? [resolved(schema, spec)] : [];
  const branches = ["allOf", "anyOf", "oneOf"].flatMap((name) => (schema[name] as Json[] | undefined) ?? []);
  return new Set([...Object.keys(properties), ...[...named, ...branches].flatMap((one) => [...namesIn(one, spec)])]);
}

/** `nullable` stands beside references, where it means nothing. */
function withoutStrayNullable(spec: Json): Json {
  return JSON.parse(JSON.stringify(spec), (_, value) => {
    if (typeof value?.nullable !== "boolean" || "type" in value) return value;
    const { nullable: _nullable, ...rest } = value;
    return rest;
  });
}
