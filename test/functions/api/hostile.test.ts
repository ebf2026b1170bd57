import fc from "fast-check";
import { expect, test } from "vitest";
import { conversationId } from "../../../shared/domain/ids.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn } from "./api-world.ts";

const numRuns = Number(process.env.RECADO_TEST_RUNS ?? 300);
const conversation = conversationId(SECRET, "whatsapp", "5511987650000");

const oddText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\0", "\ud800", "%zz", "%00", "%F0%9F", "__proto__", "constructor", "../..", "1e999", "-0", "null"),
);
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }),
  fc.constantFrom(
    { type: "text" },
    { type: "text", text: "\0" },
    { type: "__proto__" },
    { type: "list", sections: [null] },
  ),
);
const oddBody = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  oddText,
  fc.json(),
  fc
    .record({ content: oddValue, replyTo: oddValue, author: oddValue }, { requiredKeys: [] })
    .map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.constantFrom("{", "["), fc.nat(5_000))
    .map(([bracket, depth]) => (bracket === "[" ? "[" : '{"a":').repeat(depth)),
);
const path = fc.oneof(
  oddText.map((text) => `/v1/${text}`),
  oddText,
  fc
    .tuple(oddText, fc.constantFrom("", "/messages", "/events", "/close"))
    .map(([id, rest]) => `/v1/conversations/${id}${rest}`),
  oddText.map((id) => `/v1/contacts/${id}`),
  oddText.map((id) => `/v1/accounts/${id}/events`),
  fc
    .constantFrom("", "/messages", "/events", "/close", "/open")
    .map((rest) => `/v1/conversations/${conversation}${rest}`),
);
const query = fc.oneof(
  fc.constant(""),
  oddText,
  fc
    .array(fc.tuple(fc.constantFrom("limit", "cursor", "after", "dryRun", "__proto__"), oddText), { maxLength: 3 })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join("&")),
);
const headers = fc.dictionary(
  fc.constantFrom("content-type", "idempotency-key", "x"),
  fc.oneof(oddText, fc.constant("application/json")),
);

test("no request, however odd, is answered by a 5xx, and every refusal is a problem", async () => {
  const here = apiWorld();
  await here.arrive(inboundText("wamid.1"));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT"),
      path,
      query,
      headers,
      oddBody,
      async (method, at, asked, given, body) => {
        const answer = await here.ask(method, `${at}?${asked}`, { body, headers: given });
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) problemIn(answer);
      },
    ),
    { numRuns },
  );
});

test("no odd body reaches the mailbox", async () => {
  const here = apiWorld();
  await here.arrive(inboundText("wamid.1"));
  await fc.assert(
    fc.asyncProperty(oddBody, async (body) => {
      const answer = await here.ask("POST", `/v1/conversations/${conversation}/messages`, { body });
      problemIn(answer);
      expect(here.mailbox.waiting).toEqual([]);
    }),
    { numRuns },
  );
});
