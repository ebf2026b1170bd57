import { beforeEach, describe, expect, test } from "vitest";
import { routes } from "../../../functions/api/routes.ts";
import { contactId, conversationId, messageId } from "../../../shared/domain/ids.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, DAY_MS, problemIn, say } from "./api-world.ts";

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");
const contact = contactId(SECRET, "whatsapp", "5511987650000");
const messages = `/v1/conversations/${conversation}/messages`;
const elsewhere = messageId(SECRET, "whatsapp", "wamid.elsewhere");
const strange = conversationId(SECRET, "whatsapp", "a stranger");

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  await here.arrive(
    inboundText("wamid.1"),
    inboundText("wamid.elsewhere", { address: "other" }),
    inboundText("SM1", { account: "gone" }),
  );
});

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const send = (body: unknown, headers: Record<string, string> = {}) => ["POST", messages, { body, headers }] as const;
const get = (url: string) => ["GET", url, {}] as const;
const post = (url: string, body?: unknown) => ["POST", url, { body }] as const;

const refused: [what: string, call: readonly [string, string, object], status: number, code: string, field?: string][] =
  [
    ["an unknown path", get("/v1/nothing"), 404, "not_found"],
    ["the root", get("/"), 404, "not_found"],
    ["a path with one segment too many", get(`${messages}/x`), 404, "not_found"],
    ["an unknown conversation", get(`/v1/conversations/${strange}`), 404, "not_found"],
    ["messages of an unknown conversation", get(`/v1/conversations/${strange}/messages`), 404, "not_found"],
    ["events of an unknown conversation", get(`/v1/conversations/${strange}/events`), 404, "not_found"],
    ["closing an unknown conversation", post(`/v1/conversations/${strange}/close`), 404, "not_found"],
    ["sending to an unknown conversation", post(`/v1/conversations/${strange}/messages`, say("x")), 404, "not_found"],
    ["an id of another kind", get(`/v1/conversations/${contact}`), 404, "not_found"],
    ["an id with odd characters", get("/v1/conversations/conv_%00%zz../"), 404, "not_found"],
    ["__proto__ as an id", get("/v1/accounts/__proto__/events"), 404, "not_found"],
    ["an unknown contact", get(`/v1/contacts/${contactId(SECRET, "sms", "x")}`), 404, "not_found"],
    ["an unknown account", get("/v1/accounts/nobody/events"), 404, "not_found"],
    ["a method that is not there", ["DELETE", messages, {}], 405, "method_not_allowed"],
    ["a method of another path", ["POST", "/v1/conversations", {}], 405, "method_not_allowed"],
    ["posting to healthz", ["POST", "/healthz", {}], 405, "method_not_allowed"],
    ["no key", ["GET", messages, { key: "" }], 401, "unauthorized", "Authorization"],
    ["a wrong key", ["GET", messages, { key: "wrong" }], 401, "unauthorized", "Authorization"],
    [
      "another scheme",
      ["GET", messages, { headers: { authorization: "Basic local-api-key" } }],
      401,
      "unauthorized",
      "Authorization",
    ],
    ["limit 0", get(`${messages}?limit=0`), 400, "bad_parameter", "limit"],
    ["limit 101", get("/v1/conversations?limit=101"), 400, "bad_parameter", "limit"],
    ["a limit that is no number", get("/v1/conversations?limit=ten"), 400, "bad_parameter", "limit"],
    ["a negative limit", get("/v1/conversations?limit=-1"), 400, "bad_parameter", "limit"],
    ["an empty limit", get("/v1/conversations?limit="), 400, "bad_parameter", "limit"],
    ["a limit given twice", get("/v1/conversations?limit=1&limit=2"), 400, "bad_parameter", "limit"],
    ["a misspelt parameter", get("/v1/conversations?limt=1"), 400, "bad_parameter", "limt"],
    ["a misspelt dryRun", ["POST", `${messages}?dryrun=true`, { body: say("x") }], 400, "bad_parameter", "dryrun"],
    ["a dryRun of another value", ["POST", `${messages}?dryRun=1`, { body: say("x") }], 400, "bad_parameter", "dryRun"],
    ["an invented cursor", get(`${messages}?cursor=NDI.AAAA`), 400, "bad_parameter", "cursor"],
    ["bad percent-encoding", get("/v1/conversations?cursor=%zz"), 400, "bad_parameter", "cursor"],
    [
      "an after that is no number",
      get(`/v1/conversations/${conversation}/events?after=1e3`),
      400,
      "bad_parameter",
      "after",
    ],
    [
      "after and cursor",
      get(`/v1/conversations/${conversation}/events?after=1&cursor=1`),
      400,
      "bad_parameter",
      "cursor",
    ],
    ["no body", post(messages), 400, "bad_json"],
    ["half a body", send('{"content":'), 400, "bad_json"],
    ["bytes that are not UTF-8", send(Uint8Array.of(0x22, 0xff, 0xfe, 0x22)), 400, "bad_json"],
    [
      "bytes that are not UTF-8, for which the gateway put U+FFFD",
      send('{"content":{"type":"text","text":"a\ufffd"}}', { "content-length": "39" }),
      400,
      "bad_json",
    ],
    ["a deep body", send(nested(400_000)), 400, "bad_json"],
    [
      "__proto__ in a body",
      send('{"content":{"type":"text","text":"x","__proto__":{"a":1}}}'),
      400,
      "bad_json",
      "content",
    ],
    [
      "a form",
      send("content=x", { "content-type": "application/x-www-form-urlencoded" }),
      415,
      "unsupported_media_type",
      "Content-Type",
    ],
    ["a body above three megabytes", send(say("x".repeat(3 * 1024 * 1024))), 413, "too_large"],
    ["null", send("null"), 422, "invalid_body"],
    ["a list", send("[]"), 422, "invalid_body"],
    ["no content", send({}), 422, "invalid_body", "content"],
    ["an unknown kind of content", send({ content: { type: "smell" } }), 422, "invalid_body", "content.type"],
    ["text that is a number", send({ content: { type: "text", text: 5 } }), 422, "invalid_body", "content.text"],
    ["an unknown field", send({ ...say("x"), reply_to: "msg_1" }), 422, "invalid_body", "reply_to"],
    ["NUL in a text", send(say("a\0b")), 422, "invalid_body", "content.text"],
    [
      "half a surrogate pair",
      send('{"content":{"type":"text","text":"\\ud83d"}}'),
      422,
      "invalid_body",
      "content.text",
    ],
    [
      "a number beyond numbers",
      send('{"content":{"type":"location","latitude":1e999,"longitude":0}}'),
      422,
      "invalid_body",
      "content.latitude",
    ],
    [
      "an author who is the contact",
      send({ ...say("x"), author: { type: "contact" } }),
      422,
      "invalid_body",
      "author.type",
    ],
    [
      "an author with an endless name",
      send({ ...say("x"), author: { type: "bot", name: "x".repeat(201) } }),
      422,
      "invalid_body",
      "author.name",
    ],
    ["a replyTo that is no message", send({ ...say("x"), replyTo: "wamid.1" }), 422, "invalid_body", "replyTo"],
    [
      "a replyTo of another conversation",
      send({ ...say("x"), replyTo: elsewhere }),
      422,
      "reply_to_unknown",
      "replyTo",
    ],
    ["an empty Idempotency-Key", send(say("x"), { "idempotency-key": "" }), 400, "bad_parameter", "Idempotency-Key"],
    [
      "an Idempotency-Key of 256",
      send(say("x"), { "idempotency-key": "k".repeat(256) }),
      400,
      "bad_parameter",
      "Idempotency-Key",
    ],
    [
      "an Idempotency-Key with a tab",
      send(say("x"), { "idempotency-key": "a\tb" }),
      400,
      "bad_parameter",
      "Idempotency-Key",
    ],
    ["a text of blanks", send(say("  ")), 422, "empty", "content"],
    ["a text that is too long", send(say("x".repeat(100_000))), 422, "too_long", "content"],
    ["what the channel cannot carry", send({ content: { type: "form", values: {} } }), 422, "not_carried", "content"],
    [
      "an account that is gone",
      post(`/v1/conversations/${conversationId(SECRET, "gone", "5511987650000")}/messages`, say("x")),
      422,
      "account_unknown",
    ],
    [
      "fields in a close",
      post(`/v1/conversations/${conversation}/close`, { status: "closed" }),
      422,
      "invalid_body",
      "status",
    ],
  ];

describe("what the API refuses", () => {
  test.each(refused)("%s", async (_, [method, url, asked], status, code, field) => {
    const before = here.traces();
    const answer = await here.ask(method, url, asked);
    const problem = problemIn(answer);
    expect({ status: answer.status, code: problem.code, field: problem.field }).toEqual({ status, code, field });
    expect(problem.requestId).toBe("request-1");
    expect(problem.detail).toMatch(/\w.*[.:]/);
    expect(here.traces()).toEqual(before);
  });

  test("a reply after the customer-care window has closed", async () => {
    here.clock.time += DAY_MS + 1;
    const before = here.traces();
    const problem = problemIn(await here.ask(...send(say("too late"), { "idempotency-key": "k" })));
    expect(problem).toMatchObject({ status: 422, code: "window_closed", field: "content" });
    expect(here.traces()).toEqual(before);
  });

  test("a 401 says which scheme, a 405 which methods", async () => {
    expect((await here.ask("GET", messages, { key: "" })).headers).toMatchObject({ "www-authenticate": "Bearer" });
    expect((await here.ask("DELETE", messages)).headers).toMatchObject({ allow: "GET, POST" });
  });

  test.each(routes)("$method $path needs its scope", async ({ method, path, scope }) => {
    here.addKey(
      "other",
      "key_other",
      (["read", "send", "admin"] as const).filter((given) => given !== scope),
    );
    const answer = await here.ask(method, path.replace("{conversation}", conversation), { key: "other" });
    expect(problemIn(answer)).toMatchObject({ status: 403, code: "scope_missing" });
  });

  test("a refusal repeats nothing of a body", async () => {
    const { body } = await here.ask(...send({ content: { type: "text", text: { secret: "5511987650000" } } }));
    expect(body).not.toContain("5511987650000");
  });
});

describe("API keys", () => {
  test("are looked up once a minute at most, and one that was withdrawn stops working then", async () => {
    expect((await here.ask("GET", "/v1/conversations")).status).toBe(200);
    here.keys.remove("key_all");
    here.clock.time += 59_000;
    expect((await here.ask("GET", "/v1/conversations")).status).toBe(200);
    here.clock.time += 1_000;
    expect((await here.ask("GET", "/v1/conversations")).status).toBe(401);
  });

  test("work at once when they are new, although they were asked for before", async () => {
    expect((await here.ask("GET", "/v1/conversations", { key: "fresh" })).status).toBe(401);
    here.addKey("fresh", "key_fresh", ["read"]);
    expect((await here.ask("GET", "/v1/conversations", { key: "fresh" })).status).toBe(200);
  });
});

describe("what is nobody's fault but ours", () => {
  test("a fault of the world is 503, with the time to wait", async () => {
    const broken = apiWorld({
      deployment: async () => {
        throw new WorldFault("ThrottlingException: slow down");
      },
    });
    const answer = await broken.ask("GET", "/v1/conversations");
    expect(problemIn(answer)).toMatchObject({ status: 503, code: "unavailable" });
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(answer.body).not.toContain("Throttling");
  });

  test("a bug is a bare 500, logged with the request id", async () => {
    const broken = apiWorld({
      deployment: async () => {
        throw new TypeError("secret is undefined");
      },
    });
    const answer = await broken.ask("GET", "/v1/conversations");
    expect(problemIn(answer)).toMatchObject({ status: 500, code: "internal_error", requestId: "request-1" });
    expect(answer.body).not.toContain("undefined");
    expect(console.error).toHaveBeenCalledWith(expect.stringMatching(/"api_bug".*request-1.*secret is undefined/));
  });
});

test("healthz answers anyone", async () => {
  expect(await here.ask("GET", "/healthz", { key: "" })).toMatchObject({ status: 200, json: { status: "ok" } });
});
