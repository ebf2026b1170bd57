import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ASYNCAPI_PATH, asyncApi } from "../../cli/contract/asyncapi.ts";
import { asyncApiBreakages, openApiBreakages } from "../../cli/contract/compatibility.ts";
import { type JsonObject, objectIn } from "../../cli/contract/json-schema.ts";
import { OPENAPI_PATH, openApi } from "../../cli/contract/openapi.ts";
import { RELEASED_PATH, releases } from "../../cli/contract/write.ts";
import { CONTRACT_VERSION } from "../../shared/domain/contract-version.ts";

const shop = {
  openapi: "3.1.1",
  info: { title: "Shop", version: "1.0.0" },
  paths: {
    "/orders": {
      get: {
        operationId: "listOrders",
        security: [{ key: ["read"] }],
        parameters: [
          { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 100, default: 50 } },
          { name: "state", in: "query", schema: { type: "string", enum: ["open", "sent"] } },
        ],
        responses: {
          200: {
            description: "Orders.",
            headers: { etag: { schema: { type: "string" } } },
            content: {
              "application/json": { schema: { type: "array", items: { $ref: "#/components/schemas/Order" } } },
            },
          },
          404: { $ref: "#/components/responses/NotFound" },
        },
      },
      post: {
        operationId: "placeOrder",
        security: [{ key: ["write"] }],
        parameters: [{ name: "Idempotency-Key", in: "header", schema: { type: "string" } }],
        requestBody: {
          required: true,
          content: { "application/json": { schema: { $ref: "#/components/schemas/OrderToPlace" } } },
        },
        responses: { 202: { description: "Placed." } },
      },
    },
    "/orders/{order}/close": {
      post: {
        operationId: "closeOrder",
        parameters: [{ name: "order", in: "path", required: true, schema: { type: "string" } }],
        requestBody: { required: false, content: { "application/json": { schema: { type: "object" } } } },
        responses: { 200: { description: "Closed." } },
      },
    },
  },
  components: {
    responses: {
      NotFound: {
        description: "No.",
        content: {
          "application/problem+json": {
            schema: { $ref: "#/components/schemas/Problem", properties: { code: { enum: ["not_found"] } } },
          },
        },
      },
    },
    schemas: {
      Problem: {
        type: "object",
        properties: { code: { type: "string", enum: ["not_found", "unavailable"] }, detail: { type: "string" } },
        required: ["code"],
      },
      Order: {
        type: "object",
        properties: {
          id: { type: "string" },
          state: { type: "string", enum: ["open", "sent"] },
          note: { type: "string" },
          count: { type: "integer" },
          at: { type: "string", format: "date-time" },
          paidAt: { anyOf: [{ type: "string" }, { type: "null" }] },
          what: { oneOf: [{ $ref: "#/components/schemas/Shoe" }, { $ref: "#/components/schemas/Bag" }] },
        },
        required: ["id", "state", "count", "at", "paidAt", "what"],
      },
      Shoe: {
        type: "object",
        properties: { type: { type: "string", const: "shoe" }, size: { type: "integer" } },
        required: ["type", "size"],
      },
      Bag: { type: "object", properties: { type: { type: "string", const: "bag" } }, required: ["type"] },
      OrderToPlace: {
        type: "object",
        properties: {
          state: { type: "string", enum: ["open", "sent"] },
          note: { type: "string", maxLength: 100, pattern: "^\\w+$" },
          count: { type: "integer", minimum: 1 },
          what: { oneOf: [{ $ref: "#/components/schemas/Shoe" }, { $ref: "#/components/schemas/Bag" }] },
          extra: {},
        },
        required: ["count"],
        additionalProperties: false,
      },
    },
  },
};
type Shop = typeof shop;

/** What TypeScript would not let a test do to a document. */
function edit(change: (document: Shop) => void): JsonObject {
  const copy = structuredClone(shop);
  change(copy);
  return copy as unknown as JsonObject;
}
const drop = (object: object, name: string) => Reflect.deleteProperty(object, name);
const put = (object: object, more: object) => Object.assign(object, more);
const schemas = ({ components }: Shop) => components.schemas;
const listing = ({ paths }: Shop) => paths["/orders"].get;
const placing = ({ paths }: Shop) => paths["/orders"].post;

describe("finds", () => {
  it.each<[string, (document: Shop) => void, RegExp]>([
    ["a path that is gone", ({ paths }) => drop(paths, "/orders/{order}/close"), /close: the operation is gone/],
    ["an operation that is gone", ({ paths }) => drop(paths["/orders"], "post"), /POST .orders: the operation is gone/],
    ["another name", (doc) => put(listing(doc), { operationId: "orders" }), /another name/],
    ["another scope", (doc) => put(listing(doc), { security: [{ key: ["admin"] }] }), /needs admin now/],
    ["an answer that is gone", (doc) => drop(listing(doc).responses, "200"), /the answer 200 is gone/],
    ["another content type", (doc) => put(listing(doc).responses[200], { content: {} }), /not answered as application/],
    ["a header that is gone", (doc) => put(listing(doc).responses[200], { headers: {} }), /the header etag is gone/],
    ["a parameter that is gone", (doc) => listing(doc).parameters.pop(), /the parameter state is gone/],
    [
      "a new required parameter",
      (doc) =>
        listing(doc).parameters.push({
          name: "shop",
          in: "query",
          required: true,
          schema: { type: "string" },
        } as never),
      /shop is new and required/,
    ],
    [
      "a parameter that is required now",
      (doc) => put(listing(doc).parameters[1] ?? {}, { required: true }),
      /state is required now/,
    ],
    [
      "a lower maximum of a parameter",
      (doc) => put(listing(doc).parameters[0]?.schema ?? {}, { maximum: 50 }),
      /maximum is lower/,
    ],
    [
      "a higher minimum of a parameter",
      (doc) => put(listing(doc).parameters[0]?.schema ?? {}, { minimum: 10 }),
      /minimum is higher/,
    ],
    ["another default", (doc) => put(listing(doc).parameters[0]?.schema ?? {}, { default: 10 }), /another default/],
    [
      "a value that a parameter takes no more",
      (doc) => put(listing(doc).parameters[1]?.schema ?? {}, { enum: ["open"] }),
      /sent is gone/,
    ],
    [
      "a field of an answer that is gone",
      (doc) => drop(schemas(doc).Order.properties, "note"),
      /\.note: the field is gone/,
    ],
    [
      "a field of an answer that may be missing now",
      (doc) => put(schemas(doc).Order, { required: ["id"] }),
      /\.state: the field may be missing/,
    ],
    [
      "a field of an answer of another type",
      (doc) => put(schemas(doc).Order.properties, { count: { type: "string" } }),
      /count: it is string now and was integer/,
    ],
    [
      "a number where a whole one was",
      (doc) => put(schemas(doc).Order.properties, { count: { type: "number" } }),
      /count: it is number now/,
    ],
    [
      "a field of an answer that may be null now",
      (doc) => put(schemas(doc).Order.properties, { id: { anyOf: [{ type: "string" }, { type: "null" }] } }),
      /id: it may be null now/,
    ],
    [
      "a field of an answer that may be null now, in one word",
      (doc) => put(schemas(doc).Order.properties, { id: { type: ["string", "null"] } }),
      /id: it is string or null now/,
    ],
    [
      "a time that is none any more",
      (doc) => drop(schemas(doc).Order.properties.at, "format"),
      /not date-time any more/,
    ],
    [
      "a value of an answer that is gone",
      (doc) => put(schemas(doc).Order.properties.state, { enum: ["open"] }),
      /state: sent is gone/,
    ],
    [
      "an alternative of an answer that is gone",
      (doc) => schemas(doc).Order.properties.what.oneOf.pop(),
      /the alternative bag is gone/,
    ],
    [
      "a field that is gone inside an alternative",
      (doc) => drop(schemas(doc).Shoe.properties, "size"),
      /\.size: the field is gone/,
    ],
    [
      "a code of a problem that is gone",
      ({ components }) =>
        put(components.responses.NotFound.content["application/problem+json"].schema.properties.code, {
          enum: ["gone"],
        }),
      /not_found is gone/,
    ],
    [
      "a field of a request that is gone",
      (doc) => drop(schemas(doc).OrderToPlace.properties, "note"),
      /\.note: the field is gone/,
    ],
    [
      "a new required field of a request",
      (doc) => {
        put(schemas(doc).OrderToPlace.properties, { shop: { type: "string" } });
        schemas(doc).OrderToPlace.required.push("shop");
      },
      /\.shop: the field is required now/,
    ],
    [
      "a field of a request that is required now",
      (doc) => schemas(doc).OrderToPlace.required.push("note"),
      /\.note: the field is required now/,
    ],
    [
      "a value that a request may not have any more",
      (doc) => put(schemas(doc).OrderToPlace.properties.state, { enum: ["open"] }),
      /state: sent is gone/,
    ],
    [
      "values where all were taken",
      (doc) => put(schemas(doc).OrderToPlace.properties.note, { enum: ["a"] }),
      /only some values/,
    ],
    [
      "a shorter text",
      (doc) => put(schemas(doc).OrderToPlace.properties.note, { maxLength: 50 }),
      /maxLength is lower/,
    ],
    ["another pattern", (doc) => put(schemas(doc).OrderToPlace.properties.note, { pattern: "^a$" }), /another pattern/],
    [
      "a form that was none before",
      (doc) => put(schemas(doc).OrderToPlace.properties.note, { format: "uri" }),
      /another format/,
    ],
    [
      "a field of a request of another type",
      (doc) => put(schemas(doc).OrderToPlace.properties, { count: { type: "string", minimum: 1 } }),
      /it is string now/,
    ],
    [
      "an alternative of a request that is gone",
      (doc) => schemas(doc).OrderToPlace.properties.what.oneOf.shift(),
      /the alternative shoe is gone/,
    ],
    [
      "a field that took anything",
      (doc) => put(schemas(doc).OrderToPlace.properties, { extra: { type: "string" } }),
      /not everything is taken/,
    ],
    [
      "a body that is required now",
      ({ paths }) => put(paths["/orders/{order}/close"].post.requestBody, { required: true }),
      /a body is required now/,
    ],
    [
      "a body whose further fields are refused now",
      ({ paths }) =>
        put(paths["/orders/{order}/close"].post.requestBody.content["application/json"].schema, {
          additionalProperties: false,
        }),
      /further fields are refused/,
    ],
    [
      "a body of a type that is not taken any more",
      (doc) => put(placing(doc).requestBody, { content: { "text/csv": { schema: {} } } }),
      /application\/json is not taken/,
    ],
  ])("%s", (_, change, words) => {
    expect(
      openApiBreakages(
        edit(() => {}),
        edit(change),
      ).join("\n"),
    ).toMatch(words);
  });
});

describe("lets through", () => {
  it.each<[string, (document: Shop) => void]>([
    ["nothing at all", () => {}],
    ["a new path", ({ paths }) => put(paths, { "/shops": { get: { operationId: "listShops", responses: {} } } })],
    ["a new operation", ({ paths }) => put(paths["/orders"], { delete: { operationId: "x", responses: {} } })],
    [
      "other words",
      (doc) => {
        put(listing(doc), { summary: "Orders" });
        put(schemas(doc).Order, { description: "An order" });
        put(schemas(doc).Order.properties.id, { description: "Id" });
      },
    ],
    ["fewer scopes", (doc) => put(listing(doc), { security: [] })],
    [
      "a new parameter",
      (doc) => listing(doc).parameters.push({ name: "shop", in: "query", schema: { type: "string" } } as never),
    ],
    [
      "a parameter that takes more",
      (doc) => put(listing(doc).parameters[1]?.schema ?? {}, { enum: ["open", "sent", "lost"] }),
    ],
    ["a higher maximum", (doc) => put(listing(doc).parameters[0]?.schema ?? {}, { maximum: 500 })],
    ["a new answer", (doc) => put(listing(doc).responses, { 304: { description: "You have it." } })],
    ["a refusal that does not happen any more", (doc) => drop(listing(doc).responses, "404")],
    ["a new header", (doc) => put(listing(doc).responses[200].headers, { age: { schema: { type: "integer" } } })],
    ["another content type beside", (doc) => put(listing(doc).responses[200].content, { "text/csv": { schema: {} } })],
    ["a new field of an answer", (doc) => put(schemas(doc).Order.properties, { shop: { type: "string" } })],
    [
      "a new required field of an answer",
      (doc) => {
        put(schemas(doc).Order.properties, { shop: { type: "string" } });
        schemas(doc).Order.required.push("shop");
      },
    ],
    ["a field of an answer that is always there now", (doc) => schemas(doc).Order.required.push("note")],
    ["a new value in an answer", (doc) => put(schemas(doc).Order.properties.state, { enum: ["open", "sent", "lost"] })],
    [
      "a new alternative in an answer",
      (doc) =>
        schemas(doc).Order.properties.what.oneOf.push({
          type: "object",
          properties: { type: { const: "hat" } },
        } as never),
    ],
    ["alternatives in another order", (doc) => schemas(doc).Order.properties.what.oneOf.reverse()],
    [
      "a field of an answer that is never null any more",
      (doc) => put(schemas(doc).Order.properties, { paidAt: { type: "string" } }),
    ],
    ["a new field of a request", (doc) => put(schemas(doc).OrderToPlace.properties, { shop: { type: "string" } })],
    ["a field of a request that is not required any more", (doc) => put(schemas(doc).OrderToPlace, { required: [] })],
    [
      "a field of a request that may be null now",
      (doc) =>
        put(schemas(doc).OrderToPlace.properties, {
          state: { anyOf: [{ type: "string", enum: ["open", "sent"] }, { type: "null" }] },
        }),
    ],
    ["a longer text", (doc) => put(schemas(doc).OrderToPlace.properties.note, { maxLength: 200 })],
    ["a text of any form", (doc) => drop(schemas(doc).OrderToPlace.properties.note, "pattern")],
    [
      "a number where whole ones were taken",
      (doc) => put(schemas(doc).OrderToPlace.properties, { count: { type: "number", minimum: 1 } }),
    ],
    [
      "a new alternative in a request",
      (doc) =>
        schemas(doc).OrderToPlace.properties.what.oneOf.push({
          type: "object",
          properties: { type: { const: "hat" } },
        } as never),
    ],
    ["a body that is not required any more", (doc) => put(placing(doc).requestBody, { required: false })],
    [
      "a schema under another name",
      (doc) => {
        put(schemas(doc), { Purchase: schemas(doc).Order });
        listing(doc).responses[200].content["application/json"].schema.items.$ref = "#/components/schemas/Purchase";
        drop(schemas(doc), "Order");
      },
    ],
  ])("%s", (_, change) => {
    expect(
      openApiBreakages(
        edit(() => {}),
        edit(change),
      ),
    ).toEqual([]);
  });
});

describe("of the real documents", () => {
  const [openapi, asyncapi] = [openApi() as JsonObject, asyncApi() as JsonObject];
  const fieldsOf = (document: JsonObject) =>
    Object.entries(objectIn(objectIn(document.components).schemas)).flatMap(([name, schema]) =>
      Object.keys(objectIn(objectIn(schema).properties)).map((field) => ({ name, field })),
    );
  const without = (document: JsonObject, { name, field }: { name: string; field: string }) => {
    const copy = structuredClone(document);
    drop(objectIn(objectIn(objectIn(objectIn(copy.components).schemas)[name]).properties), field);
    return copy;
  };

  /** Every fifth here, all of them in the long runs. */
  const places = (document: JsonObject) =>
    fieldsOf(document).filter((_, index) => index % 5 === 0 || process.env.RECADO_TEST_RUNS);

  it("misses no field that goes from an answer or a request", () => {
    const open = new Set(["FileToSend", "TemplateToSend"]);
    const missed = places(openapi).filter((place) => openApiBreakages(openapi, without(openapi, place)).length === 0);
    expect(missed.filter(({ name }) => !open.has(name))).toEqual([]);
  });

  it("misses no field that goes from an event", () => {
    const missed = places(asyncapi).filter(
      (place) => asyncApiBreakages(asyncapi, without(asyncapi, place)).length === 0,
    );
    expect(missed).toEqual([]);
  });

  it("misses no channel, message or address", () => {
    const changes: ((document: JsonObject) => void)[] = [
      ({ channels }) => drop(objectIn(channels), "webhook"),
      ({ channels }) => put(objectIn(objectIn(channels).eventBridge), { address: "another" }),
      ({ channels }) => drop(objectIn(objectIn(objectIn(channels).webhook).messages), "MessageReceived"),
    ];
    for (const change of changes) {
      const copy = structuredClone(asyncapi);
      change(copy);
      expect(asyncApiBreakages(asyncapi, copy)).toHaveLength(1);
    }
  });
});

describe("what was released", () => {
  const read = (version: string, path: string): JsonObject =>
    JSON.parse(readFileSync(path.replace("docs/contract", `${RELEASED_PATH}/${version}`), "utf8"));
  const numbers = (version: string) => version.split(".").map(Number);
  const [major = 0] = numbers(CONTRACT_VERSION);

  it("is there, and not later than the version of the code", () => {
    expect(releases()).not.toEqual([]);
    for (const version of releases()) {
      const [[first = 0, second = 0, third = 0], [one = 0, two = 0, three = 0]] = [
        numbers(CONTRACT_VERSION),
        numbers(version),
      ];
      expect(first - one || second - two || third - three, version).toBeGreaterThanOrEqual(0);
    }
  });

  it.each(releases().filter((version) => numbers(version)[0] === major))(
    "%s: programs written for it still work",
    (version) => {
      expect(openApiBreakages(read(version, OPENAPI_PATH), openApi())).toEqual([]);
      expect(asyncApiBreakages(read(version, ASYNCAPI_PATH), asyncApi())).toEqual([]);
    },
  );

  it("is not changed afterwards: what comes after a release has a version of its own", () => {
    if (!releases().includes(CONTRACT_VERSION)) return;
    expect(read(CONTRACT_VERSION, OPENAPI_PATH)).toEqual(openApi());
    expect(read(CONTRACT_VERSION, ASYNCAPI_PATH)).toEqual(asyncApi());
    expect(existsSync(RELEASED_PATH)).toBe(true);
  });
});
