import { expect, test } from "vitest";
import { fromGateway, toGateway } from "../../../functions/api/gateway.ts";

const event = {
  rawPath: "/v1/conversations",
  rawQueryString: "limit=1&cursor=%41",
  headers: { "content-type": "application/json" },
  requestContext: { domainName: "api.example", http: { method: "POST" } },
};

test.each([
  ["as text", "Olá 👋", false],
  ["as base64", Buffer.from("Olá 👋").toString("base64"), true],
])("a body that the gateway hands over %s is the same bytes", (_, body, isBase64Encoded) => {
  const request = fromGateway({ ...event, body, isBase64Encoded }, "request-1");
  expect(Buffer.from(request.body).toString()).toBe("Olá 👋");
  expect(request).toMatchObject({
    id: "request-1",
    origin: "https://api.example",
    method: "POST",
    path: "/v1/conversations",
    query: "limit=1&cursor=%41",
  });
});

test("without a body there are no bytes", () => {
  expect(fromGateway({ ...event, isBase64Encoded: false }, "request-1").body.byteLength).toBe(0);
});

test("an answer keeps status, headers and body", () => {
  const answer = { status: 404, headers: { "content-type": "application/problem+json" }, body: "{}" };
  expect(toGateway(answer)).toEqual({ statusCode: 404, headers: answer.headers, body: "{}" });
});
