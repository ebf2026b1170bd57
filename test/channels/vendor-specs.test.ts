/** Every request that the connectors render, held to the vendors' own API descriptions. */
import { describe, expect, it } from "vitest";
import type { Rendering } from "../../shared/channels/connector.ts";
import { smsTwilio } from "../../shared/channels/sms-twilio/index.ts";
import { whatsappAws } from "../../shared/channels/whatsapp-aws/index.ts";
import { whatsappCloud } from "../../shared/channels/whatsapp-cloud/index.ts";
import type { Http } from "../../shared/ports.ts";
import { at, describeWithSpecs, type Json, judgeBy } from "../contracts/api-description.ts";
import { SENDS } from "./whatsapp-cloud-sends.ts";

const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";
const COMMON = {
  content: { type: "text", text: "Olá 😀" },
  author: { type: "agent" },
  correlation: CORRELATION,
} as const;

describeWithSpecs("the vendors' API descriptions", (read) => {
  describe("take what we send to WhatsApp:", () => {
    const spec = read("business-messaging-api_v23.0.yaml");
    const judge = judgeBy(withoutClosedBranches(corrected(spec.components as Json)));
    const mapping = at(spec, "components", "schemas", "Message", "discriminator", "mapping") as Record<string, string>;
    const settings = { phoneNumberId: "100000000000001", graphVersion: "v26.0" };
    const bodyFor = (about: Pick<Rendering, "to"> & Partial<Omit<Rendering, "settings">>) =>
      JSON.parse(String(whatsappCloud.sender.render({ ...COMMON, settings, ...about }).body)) as Json;
    // The same JSON inside AWS's input, so that what is said of the one is said of the other.
    const byAws = { phoneNumberId: "1", originationPhoneNumberId: "phone-number-id-1", metaApiVersion: "v20.0" };
    const bodyByAws = (about: Parameters<typeof bodyFor>[0]) => {
      const { body } = whatsappAws.sender.render({ ...COMMON, settings: byAws, ...about });
      return (JSON.parse(String(body)) as { message: Json }).message;
    };
    const judgeOf = (body: Json) => judge({ $ref: mapping[String(body.type)] });

    it.each(SENDS)("$about", ({ content }) => {
      for (const replyToProviderMessageId of [undefined, "wamid.1"]) {
        const answered = replyToProviderMessageId === undefined ? {} : { replyToProviderMessageId };
        const body = bodyFor({ to: "5511987650000", content, ...answered });
        expect(bodyByAws({ to: "5511987650000", content, ...answered })).toEqual(body);
        const fits = judgeOf(body);
        expect(fits(body), JSON.stringify(fits.errors)).toBe(true);
        for (const component of componentsIn(body)) {
          const suits = judge({ $ref: `#/components/schemas/${COMPONENTS[String(component.type)]}` });
          expect(suits(component), JSON.stringify(suits.errors)).toBe(true);
        }
        const known = [...KNOWN_FIELDS, String(body.type)];
        expect(Object.keys(body).filter((name) => !known.includes(name))).toEqual([]);
      }
    });

    it("a reaction, and one that is taken back", () => {
      for (const emoji of ["👍", ""]) {
        const content = { type: "reaction", emoji } as const;
        const body = bodyFor({ to: "5511987650000", content, replyToProviderMessageId: "wamid.1" });
        const fits = judgeOf(body);
        expect(fits(body), JSON.stringify(fits.errors)).toBe(true);
        expect(Object.keys(body).filter((name) => ![...KNOWN_FIELDS, "reaction"].includes(name))).toEqual([]);
      }
    });

    it("a word that we write, as in the example of it", () => {
      const path = ["/{Version}/{Phone-Number-ID}/messages", "post", "requestBody", "content", "application/json"];
      const examples = Object.values(at(spec, "paths", ...path, "examples") as Record<string, { value: Json }>);
      const example = examples.find(({ value }) => "typing_indicator" in value)?.value;
      const providerMessageId = String(example?.message_id);
      const signalling = { to: "5511987650000", providerMessageId, settings };
      const request = whatsappCloud.sender.signal?.({ ...signalling, signal: "typing" });
      expect(JSON.parse(String(request?.body))).toEqual(example);
    });

    it("and not what is wrong", () => {
      const body = bodyFor({ to: "5511987650000" });
      const fits = judgeOf(body);
      expect(fits({ ...body, recipient_type: "someone" })).toBe(false);
      expect(fits({ ...body, text: undefined })).toBe(false);
      for (const { content } of SENDS) {
        const { type, ...rest } = bodyFor({ to: "5511987650000", content });
        expect(judgeOf({ type })({ ...rest, type, [String(type)]: 7 }), content.type).toBe(false);
      }
    });
  });

  it("take what we send to Twilio", () => {
    const spec = read("twilio_api_v2010.json");
    const path = "/2010-04-01/Accounts/{AccountSid}/Messages.json";
    const post = at(
      spec,
      "paths",
      path,
      "post",
      "requestBody",
      "content",
      "application/x-www-form-urlencoded",
      "schema",
    );
    const fits = judgeBy(spec.components)({ ...(post as Json), additionalProperties: false });

    const accountSid = "AC00000000000000000000000000000001";
    const to = "+351912345678";
    const callbackUrl = "https://hooks.example.test/webhooks/sms-twilio";
    for (const sender of [{ from: "+15550000002" }, { messagingServiceSid: `MG${"0".repeat(32)}` }]) {
      const settings = { accountSid, ...sender };
      const request = smsTwilio.sender.render({ ...COMMON, to, settings, callbackUrl });
      expect(request.url).toBe(`https://api.twilio.com${path.replace("{AccountSid}", accountSid)}`);
      const form = Object.fromEntries(new URLSearchParams(String(request.body)));
      expect(fits(form), JSON.stringify(fits.errors)).toBe(true);
      const media = { url: "https://files.example.test/1.jpg", contentType: "image/jpeg" };
      const content = { type: "image", media, caption: "Este?" } as const;
      const picture = new URLSearchParams(
        String(smsTwilio.sender.render({ ...COMMON, to, settings, callbackUrl, content }).body),
      );
      const withPicture = { ...Object.fromEntries(picture), MediaUrl: picture.getAll("MediaUrl") };
      expect(fits(withPicture), JSON.stringify(fits.errors)).toBe(true);
      expect(fits({ ...form, Text: "unknown" })).toBe(false);
    }
  });

  it("take what we ask them for", async () => {
    const span = { since: 1_795_000_000_000, until: 1_795_003_600_000 };
    const open = [{ providerMessageId: "wamid.1", to: "5511987650000", correlation: CORRELATION }];
    const asked: URL[] = [];
    const http: Http = async ({ url }) => {
      asked.push(new URL(url));
      return { kind: "answer", status: 200, headers: {}, body: "{}" };
    };
    const twilio = {
      name: "sms",
      settings: { accountSid: "AC00000000000000000000000000000001", from: "+15550000002" },
      secrets: { apiKey: "SK1", apiSecret: "secret" },
    };
    await smsTwilio.reconciler?.missed({ account: twilio, others: [], ...span, open: [] }, http);
    const cloud = {
      name: "whatsapp",
      settings: { phoneNumberId: "100000000000001", graphVersion: "v26.0" },
      secrets: { accessToken: "token" },
    };
    await whatsappCloud.reconciler?.missed({ account: cloud, others: [], ...span, open }, http);
    const twilioSpec = read("twilio_api_v2010.json");
    const metaSpec = read("business-messaging-api_v23.0.yaml");
    const knownIn = (spec: Json, path: string) => {
      const parameters = at(spec, "paths", path, "get", "parameters") as { name?: string; in?: string }[];
      return parameters.filter((one) => one.in === "query").map(({ name }) => name);
    };
    const [inbound, outbound, history] = asked;
    expect(asked).toHaveLength(3);
    const list = "/2010-04-01/Accounts/{AccountSid}/Messages.json";
    for (const url of [inbound, outbound]) {
      expect(url?.pathname).toBe(list.replace("{AccountSid}", twilio.settings.accountSid));
      expect(knownIn(twilioSpec, list)).toEqual(expect.arrayContaining([...(url?.searchParams.keys() ?? [])]));
    }
    const path = "/{Version}/{Phone-Number-ID}/message_history";
    expect(history?.pathname).toBe("/v26.0/100000000000001/message_history");
    expect(knownIn(metaSpec, path)).toEqual(expect.arrayContaining([...(history?.searchParams.keys() ?? [])]));
    const fields = JSON.stringify(at(metaSpec, "paths", path, "get", "parameters"));
    for (const field of history?.searchParams.get("fields")?.split(/\W+/).filter(Boolean) ?? [])
      expect(fields).toContain(field);
  });
});

/** The description is older than `recipient` and silent about `biz_opaque_callback_data`; a body has nothing else. */
const KNOWN_FIELDS = ["messaging_product", "recipient_type", "to", "type", "context", "biz_opaque_callback_data"];

const COMPONENTS: Record<string, string> = {
  header: "HeaderComponent",
  body: "BodyComponent",
  button: "ButtonComponent",
};

function componentsIn({ template }: Json): Json[] {
  return (template as { components?: Json[] } | undefined)?.components ?? [];
}

/** Where the description of WhatsApp is known to be wrong, or older than what it describes. */
function corrected(components: Json): Json {
  const copy = structuredClone(components);
  const schemas = copy.schemas as Record<string, Json>;
  const put = (value: unknown, ...path: string[]) => {
    const parent = at(schemas, ...path.slice(0, -1)) as Json;
    parent[path.at(-1) ?? ""] = value;
  };
  put(["code"], "LanguageObject", "required");
  for (const name of ["latitude", "longitude"]) {
    put({ type: "number" }, "LocationMessage", "allOf", "1", "properties", "location", "properties", name);
  }
  const interactive = at(schemas, "InteractiveObject", "properties", "type") as { enum: string[] };
  interactive.enum.push("cta_url", "location_request_message", "carousel");
  (at(schemas, "ActionObject", "oneOf") as Json[]).push(
    { required: ["name"], properties: { name: { enum: ["cta_url", "send_location"] } } },
    { required: ["cards"], properties: { cards: { type: "array", minItems: 2, maxItems: 10 } } },
  );
  for (const path of [["TemplateComponent"], ["ButtonComponent", "allOf", "1"]]) {
    put({ type: "string", pattern: "^[0-9]$" }, ...path, "properties", "index");
    (at(schemas, ...path, "properties", "sub_type") as { enum: string[] }).enum.push("copy_code");
  }
  (at(schemas, "ButtonParameterObject", "properties", "type") as { enum: string[] }).enum.push("coupon_code");
  return copy;
}

/** `additionalProperties: false` in one branch of an `allOf` refuses what another branch asks for. */
function withoutClosedBranches(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutClosedBranches);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, withoutClosedBranches(value)] as const);
  const branches = entries.map(([name, value]) =>
    name === "allOf" ? ([name, (value as Json[]).map(opened)] as const) : [name, value],
  );
  return Object.fromEntries(branches);
}

function opened({ additionalProperties: _, ...branch }: Json): Json {
  return branch;
}
