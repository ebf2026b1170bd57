import { expect, test } from "vitest";
import { CONTRACT_VERSION } from "../../../shared/domain/contract-version.ts";
import { apiWorld, problemIn } from "./api-world.ts";

const here = apiWorld();
const get = (path: string, headers = {}) => here.answer("GET", path, { key: "", headers });

test("anyone gets the documents, the API's with the address that it was asked at", async () => {
  const openapi = JSON.parse((await get("/openapi.json")).body);
  expect(openapi).toMatchObject({ info: { version: CONTRACT_VERSION }, servers: [{ url: "https://api.example" }] });
  expect(JSON.parse((await get("/asyncapi.json")).body)).toMatchObject({ info: { version: CONTRACT_VERSION } });
});

test.each(["/openapi.json", "/asyncapi.json"])("%s is not sent again to who has it", async (path) => {
  const { status, headers } = await get(path);
  expect({ status, headers }).toMatchObject({ status: 200, headers: { "cache-control": "public, max-age=300" } });
  const { etag = "" } = headers;
  for (const named of [etag, `W/${etag}`, `"another", ${etag}`, "*"]) {
    expect(await get(path, { "if-none-match": named }), named).toMatchObject({
      status: 304,
      body: "",
      headers: { etag },
    });
  }
  expect(await get(path, { "if-none-match": '"another"' })).toMatchObject({ status: 200 });
});

test("there is nothing to do with a document but to get it", async () => {
  const answer = await here.ask("POST", "/openapi.json", { key: "" });
  expect(problemIn(answer)).toMatchObject({ status: 405, code: "method_not_allowed" });
  expect(answer.headers).toMatchObject({ allow: "GET" });
});

test.each([
  ["an answer", "/v1/conversations", "local-api-key"],
  ["a refusal", "/v1/conversations", "wrong"],
  ["what is nowhere", "/v1/nothing", ""],
  ["the health check", "/healthz", ""],
])("%s says which version of the contract answered, and to which request", async (_, path, key) => {
  const { headers } = await here.answer("GET", path, { key });
  expect(headers).toMatchObject({ "recado-version": CONTRACT_VERSION, "recado-request-id": "request-1" });
});

test("what callers are told of themselves is kept nowhere", async () => {
  expect((await here.answer("GET", "/v1/conversations")).headers["cache-control"]).toBe("no-store");
});
