import { existsSync, globSync, readFileSync } from "node:fs";
import asyncApiSpecs from "@asyncapi/specs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { asyncApi } from "../../cli/contract/asyncapi.ts";
import { codesOf, described, openApi } from "../../cli/contract/openapi.ts";
import { contractFiles, SCHEMAS_PATH } from "../../cli/contract/write.ts";
import { STATUS } from "../../functions/api/problem.ts";
import { routes } from "../../functions/api/routes.ts";
import { EventType } from "../../shared/domain/event.ts";

const openapi = openApi();
const asyncapi = asyncApi();

it("docs/contract says what the code says: `npm run docs:contract` writes it anew", () => {
  const files = contractFiles();
  const stale = [...files].filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
  expect(stale.map(([path]) => path)).toEqual([]);
  const surplus = globSync(`${SCHEMAS_PATH}/*`).filter((path) => !files.has(path));
  expect(surplus).toEqual([]);
});

describe("the table of routes", () => {
  it("describes every route", () => {
    const silent = routes.filter(({ about }) => about === undefined).map(({ method, path }) => `${method} ${path}`);
    expect(silent).toEqual([]);
  });

  it("gives every operation a name of its own", () => {
    const names = described.map(({ about }) => about.operation);
    expect(new Set(names).size).toBe(names.length);
  });

  it("stands in the document as a whole", () => {
    const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
      Object.keys(item as object)
        .filter((key) => key !== "parameters")
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    const known = described.map(({ method, path }) => `${method} ${path}`);
    expect(operations.sort()).toEqual(known.sort());
  });

  it("names every code of a problem somewhere, but for that of a wrong method, which is no operation's", () => {
    const named = new Set(described.flatMap(codesOf));
    expect(Object.keys(STATUS).filter((code) => !named.has(code as keyof typeof STATUS))).toEqual([
      "method_not_allowed",
    ]);
  });
});

describe("OpenAPI", () => {
  it("is valid by the official schema of version 3.1", async () => {
    const judged = await new Validator().validate(structuredClone(openapi));
    expect(judged).toEqual({ valid: true });
  });

  it("would not be with a parameter that is nowhere", async () => {
    const broken = structuredClone(openapi) as { paths: Record<string, unknown> };
    broken.paths["/v1/broken"] = { get: { parameters: [{ name: "x", in: "nowhere" }], responses: {} } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it("refers to nothing that is not there", () => {
    expect(missingIn(openapi)).toEqual([]);
  });
});

describe("AsyncAPI", () => {
  const official = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const judge = official.compile(asyncApiSpecs.schemasWithoutId["3.0.0"] as object);

  it("is valid by the official schema of version 3", () => {
    judge(asyncapi);
    expect(judge.errors ?? []).toEqual([]);
  });

  it("would not be with an operation that neither sends nor receives", () => {
    expect(
      judge({ ...asyncapi, operations: { x: { action: "whisper", channel: { $ref: "#/channels/webhook" } } } }),
    ).toBe(false);
  });

  it("has every type of event on every channel", () => {
    for (const { messages } of Object.values(asyncapi.channels) as { messages: object }[]) {
      expect(Object.keys(messages)).toHaveLength(EventType.options.length);
    }
  });

  it("refers to nothing that is not there", () => {
    expect(missingIn(asyncapi)).toEqual([]);
  });
});

/** References into the document that lead nowhere. */
function missingIn(document: object): string[] {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);
  const isThere = (path: string) =>
    path
      .split("/")
      .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], document) !== undefined;
  return [...new Set(references)].filter((path) => !isThere(path));
}
