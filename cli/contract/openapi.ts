/** The API as an OpenAPI 3.1 document, written from the table of routes that the router goes by. */
import { type ProblemCode, STATUS, TITLE } from "../../functions/api/problem.ts";
import type { About, OpenRoute, Route } from "../../functions/api/route.ts";
import { openRoutes, routes } from "../../functions/api/routes.ts";
import { CONTRACT_VERSION } from "../../shared/domain/contract-version.ts";
import { EventType } from "../../shared/domain/event.ts";
import { eventShapes } from "../../shared/domain/event-shapes.ts";
import { endpointExamples } from "./endpoint-examples.ts";
import { eventName, eventWords } from "./event-words.ts";
import {
  type Json,
  type JsonObject,
  type Named,
  nameOfShape,
  objectIn,
  PARTS_GIVEN,
  PARTS_TAKEN,
  schemaOf,
  schemasOf,
  shapeNamed,
} from "./json-schema.ts";
import { PROBLEM_WORDS, problemExample } from "./problem-words.ts";

export const OPENAPI_PATH = "docs/contract/openapi.json";

type Described = (Route | OpenRoute) & { about: About };

const GROUPS: Record<About["group"], string> = {
  Conversations: "One account of the business and one customer on it; lives for ever, is open or closed.",
  Messages: "What was said, in either direction.",
  Batches: "One message to many, each on their own conversation.",
  Contacts: "The people behind conversations.",
  Files: "Files of messages. The bytes never pass through the API: they go between the caller and the bucket.",
  Events: "Everything that happened, numbered without a gap.",
  Subscriptions: "Endpoints of developers that events are sent to.",
  Keys: "API keys.",
  Service: "What anyone may ask.",
};

const PATH_NAMES: Record<string, { pattern?: string; words: string; example: string }> = {
  conversation: {
    words: "Id of the conversation.",
    pattern: "^conv_[A-Za-z0-9_-]{22}$",
    example: "conv_wKrj8Laes5BdOZ7Y5lFIIw",
  },
  contact: { words: "Id of the contact.", pattern: "^con_[A-Za-z0-9_-]{22}$", example: "con_9vVbA0eS2rJkQy3uXzD4Tg" },
  media: { words: "Id of the file.", pattern: "^med_[A-Za-z0-9_-]{22,26}$", example: "med_01m80v99chhrt829vc6dayx5sh" },
  account: { words: "Name of the account in the configuration.", example: "whatsapp" },
  batch: { words: "Id of the batch.", pattern: "^bat_[0-9a-z]{26}$", example: "bat_01m80w3k7d5q9r2x8c4v6n1tza" },
  subscription: {
    words: "Id of the subscription.",
    pattern: "^sub_[0-9a-z]{26}$",
    example: "sub_01m7xq3c5gh1t8v2e9k4b6nzrw",
  },
  code: { words: "What stands in the link that the customer got.", example: "AZrF0kq2Jm9nXw" },
};

const DESCRIPTION = `Recado keeps a business's WhatsApp, Messenger, Instagram and SMS conversations in its own AWS account, one ordered
history per conversation. This document is written from the code that answers.

**Keys.** Every request but those under “Service” carries an API key: \`Authorization: Bearer <key>\`. What a key may do is
said by its scopes: \`read\` sees, \`send\` also acts, \`admin\` manages.

**Lists** answer \`{ "data": […], "nextCursor": … }\`. Ask again with \`cursor=<nextCursor>\` until it is null.

**Sending once.** With an \`Idempotency-Key\` a request may be repeated for seven days: a repetition is answered exactly like the first
time and does nothing.

**Errors** are problems (RFC 9457) with a stable \`code\` and a sentence that helps. Two answers are the gateway's own, as
\`{ "message": … }\`: 429 beyond the limit of all callers together, 413 to a body of more than 10 MB.

**Answers are given when a request is accepted**; it is recorded a moment later. What was asked of a conversation or a contact last
holds, in the order in which it was asked.

**Additions** come without notice: new operations, new optional fields and parameters, new types of events, new values
where a list of values is given. Ignore what you do not know. Everything else changes only under another first segment of
the path; the header \`recado-version\` tells which version of this document answers.`;

/** The routes that have a description, and those that still lack one. */
export const described: readonly Described[] = [...routes, ...openRoutes].filter(
  (route): route is Described => route.about !== undefined,
);

const ref = (name: string) => `#/components/schemas/${name}`;

/** @param servers where it is served; the local run when left out */
export function openApi(servers: JsonObject[] = [{ url: "http://localhost:3000", description: "The local run" }]) {
  const taken = bodies();
  const given = answers();
  const shared = sharedResponses();
  return {
    openapi: "3.1.1",
    info: {
      title: "Recado",
      version: CONTRACT_VERSION,
      summary: "WhatsApp, Messenger, Instagram and SMS in one ordered history per conversation",
      description: DESCRIPTION,
    },
    servers,
    tags: Object.entries(GROUPS)
      .filter(([name]) => described.some(({ about }) => about.group === name))
      .map(([name, description]) => ({ name, description })),
    paths: paths({ bodies: new Map(taken.map(({ name, source }) => [source, name])), shared }),
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key. Each operation names the scope it needs." },
      },
      parameters: {
        IdempotencyKey: {
          name: "Idempotency-Key",
          in: "header",
          description:
            "Any words of the caller's for this one request, such as the number of an order. A repetition with the same key and body is answered like the first time; with another body it is refused.",
          schema: { type: "string", pattern: "^[\\x20-\\x7e]{1,255}$" },
          example: "encomenda-4711-expedida",
        },
      },
      headers: HEADERS,
      responses: sorted(Object.fromEntries([...shared].map(([text, name]) => [name, JSON.parse(text) as Json]))),
      schemas: sorted({
        ...schemasOf([...PARTS_GIVEN, ...given], { io: "output", dialect: "draft-2020-12", refer: ref }),
        ...schemasOf([...PARTS_TAKEN, ...taken], { io: "input", dialect: "draft-2020-12", refer: ref }),
        ...eventSchemas(),
        Problem: problemSchema(),
      }),
    },
  } satisfies JsonObject;
}

const HEADERS: JsonObject = {
  RecadoVersion: {
    description: "Version of this document that answered.",
    schema: { type: "string" },
    example: CONTRACT_VERSION,
  },
  RequestId: {
    description: "Finds the request in the logs. Problems carry it in their body, too.",
    schema: { type: "string" },
    example: "8f2a3c44-1d0b-4b0e-9b62-0a3f7f1c2d5e",
  },
  RateLimit: {
    description:
      "What the key's own limit leaves (draft-ietf-httpapi-ratelimit-headers): `r` requests, until `t` seconds from now. Only for keys that have one.",
    schema: { type: "string" },
    example: '"key";r=117;t=42',
  },
  RateLimitPolicy: {
    description: "The key's own limit: `q` requests in `w` seconds. Only for keys that have one.",
    schema: { type: "string" },
    example: '"key";q=120;w=60',
  },
  RetryAfter: { description: "Seconds after which to ask again.", schema: { type: "integer" }, example: 5 },
};

/** What requests carry. One that is also an answer gets a name of its own. */
function bodies(): Named[] {
  const shapes = new Set(described.flatMap(({ about }) => about.body ?? []));
  const names = new Set(answers().map(({ name }) => name));
  return [...shapes].map((shape) => {
    const { name, source } = shapeNamed(nameOfShape(shape));
    return { shape, source, name: names.has(name) ? `${name}InRequest` : name };
  });
}

function answers(): Named[] {
  const names = new Set(
    described.flatMap(({ about }) => Object.values(about.answers).flatMap(({ shape }) => shape ?? [])),
  );
  // What a page is a page of, and an answer the answer of, has its name too.
  for (const name of [
    "ApiConversation",
    "ApiContact",
    "ApiMessage",
    "ApiSubscription",
    "ApiAttempt",
    "ApiReplay",
  ] as const)
    names.add(name);
  return [...names].map(shapeNamed);
}

function eventSchemas(): Record<string, JsonObject> {
  const types = EventType.options;
  const named = types.map((type) => ({ name: eventName(type), shape: eventShapes[type], source: "Envelope" }));
  const all = schemasOf([...PARTS_GIVEN, ...named], { io: "output", dialect: "draft-2020-12", refer: ref });
  const own = Object.fromEntries(
    types.map((type) => [eventName(type), { ...all[eventName(type)], description: eventWords[type] }]),
  );
  return {
    ...own,
    Event: {
      description:
        "An entry of a log as a CloudEvents 1.0 envelope. There may be types that this version does not know.",
      oneOf: types.map((type) => ({ $ref: ref(eventName(type)) })),
      discriminator: {
        propertyName: "type",
        mapping: Object.fromEntries(types.map((type) => [type, ref(eventName(type))])),
      },
    },
    EventPage: {
      type: "object",
      properties: {
        data: { type: "array", items: { $ref: ref("Event") } },
        nextCursor: { anyOf: [{ type: "string" }, { type: "null" }] },
      },
      required: ["data", "nextCursor"],
    },
    FeedPage: {
      type: "object",
      description: "A page of the feed. It never ends: `nextCursor` is to be kept.",
      properties: { data: { type: "array", items: { $ref: ref("Event") } }, nextCursor: { type: "string" } },
      required: ["data", "nextCursor"],
    },
  };
}

function problemSchema(): JsonObject {
  const { Problem } = schemasOf([shapeNamed("Problem")], { io: "output", dialect: "draft-2020-12", refer: ref });
  const codes = Object.keys(STATUS).sort();
  const table = codes.map((code) => {
    return `- \`${code}\` (${STATUS[code as ProblemCode]}): ${PROBLEM_WORDS[code as ProblemCode]}`;
  });
  const properties = objectIn(Problem?.properties);
  const code = { type: "string", enum: codes, description: table.join("\n") };
  return { ...Problem, properties: { ...properties, code } };
}

/** What operations refer to: by the shape of a body its name, by the text of a response its name. */
interface Names {
  bodies: ReadonlyMap<string, string>;
  shared: ReadonlyMap<string, string>;
}

function paths(names: Names): JsonObject {
  const byPath = new Map<string, JsonObject>();
  for (const route of described) {
    const known = byPath.get(route.path) ?? pathItem(route.path);
    byPath.set(route.path, { ...known, [route.method.toLowerCase()]: operation(route, names) });
  }
  return sorted(Object.fromEntries(byPath));
}

function pathItem(path: string): JsonObject {
  const [, name] = /\{(\w+)\}/.exec(path) ?? [];
  if (name === undefined) return {};
  const { words, pattern, example } = PATH_NAMES[name] ?? { words: "As a list or an answer gave it.", example: "…" };
  const schema = { type: "string", ...(pattern !== undefined && { pattern }) };
  return { parameters: [{ name, in: "path", required: true, description: words, schema, example }] };
}

function operation(route: Described, names: Names): JsonObject {
  const { about } = route;
  const { operation: operationId, group, summary, detail } = about;
  const parameters = [
    ...queryParameters(about),
    ...(about.takesIdempotencyKey ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
  ];
  return {
    operationId,
    tags: [group],
    summary,
    ...(detail !== undefined && { description: detail }),
    security: "scope" in route ? [{ key: [route.scope] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...(about.body && { requestBody: requestBody(about, names.bodies) }),
    responses: { ...answersOf(route), ...named(problemsOf(route), names.shared) },
  };
}

function queryParameters({ operation: id, query }: About): JsonObject[] {
  if (!query) return [];
  const source = nameOfShape(query);
  const { properties, required } = schemaOf(query, source, "output");
  const given = objectIn(endpointExamples[id]?.query);
  return Object.entries(objectIn(properties)).map(([name, schema]) => {
    const { description, ...rest } = objectIn(schema);
    // With a default it is always there for us, and never has to be for the caller.
    const isRequired = Array.isArray(required) && required.includes(name) && !("default" in rest);
    return {
      name,
      in: "query",
      ...(description !== undefined && { description }),
      ...(isRequired && { required: true }),
      // Several values stand in one, with commas between them.
      ...(rest.type === "array" && { explode: false }),
      schema: rest,
      ...(given[name] !== undefined && { example: given[name] }),
    };
  });
}

function requestBody(about: About, names: ReadonlyMap<string, string>): JsonObject {
  const source = about.body ? nameOfShape(about.body) : "";
  const examples = endpointExamples[about.operation]?.bodies ?? {};
  return {
    required: !about.isBodyOptional,
    content: { "application/json": { schema: { $ref: ref(names.get(source) ?? source) }, ...examplesIn(examples) } },
  };
}

function answersOf(route: Described): JsonObject {
  const { about } = route;
  return Object.fromEntries(
    Object.entries(about.answers).map(([status, { when, shape, headers = {}, contentType = "application/json" }]) => {
      const example = endpointExamples[about.operation]?.answers[status];
      const own = Object.entries(headers).map(([name, description]) => [
        name,
        { description, schema: { type: "string" } },
      ]);
      const schema = shape === undefined ? undefined : { $ref: ref(shapeNamed(shape).name) };
      const answer = {
        description: when,
        headers: { ...commonHeaders(route), ...Object.fromEntries(own) },
        ...(schema && {
          content: { [contentType]: { schema, ...(example !== undefined && { example }) } },
        }),
      };
      return [status, answer];
    }),
  );
}

/** The same, with a reference where several operations answer alike. */
function named(responses: JsonObject, names: Names["shared"]): JsonObject {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      const name = names.get(JSON.stringify(response));
      return [status, name === undefined ? response : { $ref: `#/components/responses/${name}` }];
    }),
  );
}

/** Text → name of each response that several operations give: `BadJsonOrBadParameter`. */
function sharedResponses(): Map<string, string> {
  const counted = new Map<string, { name: string; count: number }>();
  for (const route of described) {
    const byStatus = Object.groupBy(codesOf(route), (code) => String(STATUS[code]));
    for (const [status, response] of Object.entries(problemsOf(route))) {
      const text = JSON.stringify(response);
      const name = (byStatus[status] ?? []).map(pascal).join("Or");
      const owner = "scope" in route ? "" : "ForAnyone";
      counted.set(text, { name: `${name}${owner}`, count: (counted.get(text)?.count ?? 0) + 1 });
    }
  }
  return new Map([...counted].flatMap(([text, { name, count }]) => (count > 1 ? [[text, name] as const] : [])));
}

function pascal(code: string): string {
  return code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The problems that follow from what a route is, and those that it names. */
export function codesOf(route: Described): ProblemCode[] {
  const { about } = route;
  const codes: ProblemCode[] = [
    ...("scope" in route ? (["unauthorized", "scope_missing", "account_limited", "rate_limited"] as const) : []),
    ...(about.query || about.takesIdempotencyKey ? (["bad_parameter"] as const) : []),
    ...(about.body ? (["bad_json", "unsupported_media_type", "invalid_body", "too_large"] as const) : []),
    ...(about.takesIdempotencyKey ? (["idempotency_key_reused"] as const) : []),
    ...(route.path.includes("{") ? (["not_found"] as const) : []),
    ...(about.problems ?? []),
    "internal_error",
    "unavailable",
  ];
  return [...new Set(codes)];
}

function problemsOf(route: Described): JsonObject {
  const byStatus = Object.groupBy(codesOf(route), (code) => String(STATUS[code]));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => {
      const [first = "internal_error"] = codes;
      const waits = status === "429" || status === "503";
      const answer = {
        description: `${TITLE[STATUS[first]]}. ${codes.map((code) => `\`${code}\`: ${PROBLEM_WORDS[code]}`).join(" ")}`,
        headers: {
          ...commonHeaders(route),
          ...(waits && { "retry-after": { $ref: "#/components/headers/RetryAfter" } }),
        },
        content: {
          "application/problem+json": {
            schema: { $ref: ref("Problem"), properties: { code: { enum: codes } } },
            examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
          },
          ...(status === "429" && {
            "application/json": {
              schema: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
              example: { message: "Too Many Requests" },
            },
          }),
        },
      };
      return [status, answer];
    }),
  );
}

function commonHeaders(route: Described): JsonObject {
  return {
    ...("scope" in route && {
      ratelimit: { $ref: "#/components/headers/RateLimit" },
      "ratelimit-policy": { $ref: "#/components/headers/RateLimitPolicy" },
    }),
    "recado-version": { $ref: "#/components/headers/RecadoVersion" },
    "recado-request-id": { $ref: "#/components/headers/RequestId" },
  };
}

function examplesIn(examples: Readonly<Record<string, Json>>): JsonObject {
  const all = Object.entries(examples);
  const [only] = all;
  if (all.length === 1 && only) return { example: only[1] };
  return all.length === 0 ? {} : { examples: Object.fromEntries(all.map(([name, value]) => [name, { value }])) };
}

function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}
