/**
 * Every request that the connectors render, held to the vendors' own API descriptions. Those are not part of this
 * repository: SPECS_DIR names the folder that they are in.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import type { Rendering } from "../../shared/channels/connector.ts";
import { smsTwilio } from "../../shared/channels/sms-twilio/index.ts";
import { whatsappCloud } from "../../shared/channels/whatsapp-cloud/index.ts";

const folder = process.env.SPECS_DIR;
const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";
const COMMON = {
  content: { type: "text", text: "Olá 😀" },
  author: { type: "agent" },
  correlation: CORRELATION,
} as const;

type Json = Record<string, unknown>;

describe("the vendors' API descriptions", () => {
  if (!folder) {
    it("are not at hand: without SPECS_DIR no request is held to them", () => {
      console.warn("SPECS_DIR is not set: the requests are not compared with the vendors' descriptions.");
      expect(folder).toBeFalsy();
    });
    return;
  }

  it("are in SPECS_DIR", () => {
    expect(existsSync(join(folder, "twilio_api_v2010.json"))).toBe(true);
  });

  it("take what we send to WhatsApp", () => {
    const spec = parseYaml(readFileSync(join(folder, "business-messaging-api_v23.0.yaml"), "utf8")) as Json;
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: "spec", components: withoutClosedBranches(spec.components) });
    const settings = { phoneNumberId: "100000000000001", graphVersion: "v26.0" };
    const bodyFor = (about: Pick<Rendering, "to" | "replyToProviderMessageId">) =>
      JSON.parse(String(whatsappCloud.sender.render({ ...COMMON, settings, ...about }).body)) as Json;

    const bodies = [
      bodyFor({ to: "5511987650000" }),
      bodyFor({ to: "5511987650000", replyToProviderMessageId: "wamid.1" }),
    ];
    const fits = ajv.getSchema("spec#/components/schemas/TextMessage");
    for (const body of bodies) {
      expect(fits?.(body), JSON.stringify(fits?.errors)).toBe(true);
      expect(Object.keys(body).filter((name) => !KNOWN_FIELDS.has(name))).toEqual([]);
    }
    expect(fits?.({ ...bodies[0], recipient_type: "someone" })).toBe(false);
    expect(fits?.({ ...bodies[0], text: undefined })).toBe(false);
  });

  it("take what we send to Twilio", () => {
    const spec = JSON.parse(readFileSync(join(folder, "twilio_api_v2010.json"), "utf8")) as Json;
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
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: "spec", components: spec.components });
    const fits = ajv.compile({ ...(withSpecReferences(post) as Json), additionalProperties: false });

    const accountSid = "AC00000000000000000000000000000001";
    const to = "+351912345678";
    const callbackUrl = "https://hooks.example.test/webhooks/sms-twilio";
    for (const sender of [{ from: "+15550000002" }, { messagingServiceSid: `MG${"0".repeat(32)}` }]) {
      const settings = { accountSid, ...sender };
      const request = smsTwilio.sender.render({ ...COMMON, to, settings, callbackUrl });
      expect(request.url).toBe(`https://api.twilio.com${path.replace("{AccountSid}", accountSid)}`);
      const form = Object.fromEntries(new URLSearchParams(String(request.body)));
      expect(fits(form), JSON.stringify(fits.errors)).toBe(true);
      expect(fits({ ...form, Text: "unknown" })).toBe(false);
    }
  });
});

/** The description is older than `recipient` and silent about `biz_opaque_callback_data`; a body has nothing else. */
const KNOWN_FIELDS = new Set([
  "messaging_product",
  "recipient_type",
  "to",
  "type",
  "text",
  "context",
  "biz_opaque_callback_data",
]);

/** `additionalProperties: false` in one branch of an `allOf` refuses what another branch asks for. */
function withoutClosedBranches(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutClosedBranches);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, withoutClosedBranches(value)] as const);
  const branches = entries.map(([name, value]) =>
    name === "allOf" ? ([name, (value as Json[]).map(opened)] as const) : [name, value],
  );
  return withSpecReferences(Object.fromEntries(branches));
}

function opened({ additionalProperties: _, ...branch }: Json): Json {
  return branch;
}

function withSpecReferences(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"spec#/components'));
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((parent, name) => (parent as Json)[name], value);
}
