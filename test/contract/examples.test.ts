import { Ajv } from "ajv";
import AjvDraft04 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { asyncApi, busSchemas } from "../../cli/contract/asyncapi.ts";
import { endpointExamples } from "../../cli/contract/endpoint-examples.ts";
import { eventExamples } from "../../cli/contract/event-examples.ts";
import { eventName } from "../../cli/contract/event-words.ts";
import { closed, type JsonObject, objectIn } from "../../cli/contract/json-schema.ts";
import { described, openApi } from "../../cli/contract/openapi.ts";
import { EventType } from "../../shared/domain/event.ts";
import { busShapes, eventShapes } from "../../shared/domain/event-shapes.ts";
import { Contract } from "./operations.ts";

const contract = new Contract(openApi(), { isClosed: true });

describe("each operation's examples", () => {
  it.each(contract.operations)("$id: are there, and as its schemas say", ({ parameters, body, responses }) => {
    for (const { name, schema, example } of parameters) {
      if (example !== undefined) expect(contract.faults(schema, example), name).toEqual([]);
    }
    if (body) expect(body.examples).not.toEqual([]);
    for (const example of body?.examples ?? []) expect(contract.faults(body?.schema ?? {}, example)).toEqual([]);
    for (const [status, contents] of Object.entries(responses)) {
      for (const [type, { schema, examples }] of Object.entries(contents)) {
        expect(examples, `${status} ${type}`).not.toEqual([]);
        for (const example of examples) expect(contract.faults(schema, example), status).toEqual([]);
      }
    }
  });

  it("belong to operations that there are, to their parameters and to their answers", () => {
    const known = new Map(described.map(({ about }) => [about.operation, about]));
    for (const [operation, { query = {}, bodies, answers }] of Object.entries(endpointExamples)) {
      const about = known.get(operation);
      expect(about, operation).toBeDefined();
      expect(Object.keys(about?.query?.shape ?? {})).toEqual(expect.arrayContaining(Object.keys(query)));
      expect(about?.body === undefined).toBe(bodies === undefined);
      expect(Object.keys(about?.answers ?? {})).toEqual(expect.arrayContaining(Object.keys(answers)));
    }
  });

  it("give every parameter in a query a place in one of them", () => {
    const without = contract.operations.flatMap(({ id, parameters }) => {
      const query = parameters.filter((parameter) => parameter.in === "query");
      return query.length > 0 && query.every(({ example }) => example === undefined) ? [id] : [];
    });
    expect(without).toEqual([]);
  });

  it("would be found wrong", () => {
    const { schema } = contract.operations.find(({ id }) => id === "showConversation")?.responses["200"]?.[
      "application/json"
    ] ?? { schema: {} };
    const conversation = objectIn(endpointExamples.showConversation?.answers["200"]);
    expect(contract.faults(schema, { ...conversation, status: "ajar" })).not.toEqual([]);
    expect(contract.faults(schema, { ...conversation, colour: "red" })).not.toEqual([]);
    expect(contract.faults(schema, { ...conversation, lastActivityAt: "yesterday" })).not.toEqual([]);
  });
});

describe("each type of event has examples that are as its schemas say:", () => {
  const inAsyncApi = new Ajv({ strict: false, allErrors: true });
  addFormats.default(inAsyncApi);
  inAsyncApi.addSchema({ $id: "doc", components: closed(asyncApi().components) } as object);
  const onTheBus = busSchemas();

  it.each(EventType.options)("%s", (type) => {
    const examples = Object.entries(eventExamples[type]);
    expect(examples).not.toEqual([]);
    const bus = new AjvDraft04.default({ strict: false, allErrors: true });
    addFormats.default(bus);
    const judges = {
      asyncapi: inAsyncApi.getSchema(`doc#/components/schemas/${eventName(type)}`),
      bus: bus.compile(closed(onTheBus[type]) as object),
    };
    for (const [name, example] of examples) {
      expect(example.type).toBe(type);
      expect(contract.faults({ $ref: `#/components/schemas/${eventName(type)}` }, example), name).toEqual([]);
      expect(contract.faults({ $ref: "#/components/schemas/Event" }, example), name).toEqual([]);
      for (const judge of Object.values(judges)) {
        judge?.(example);
        expect(judge?.errors ?? [], name).toEqual([]);
      }
      expect(eventShapes[type].safeParse(example).error).toBeUndefined();
    }
  });

  it("an event that was cut short is as the schema of the bus says, and no other event is without its data", () => {
    const { data, ...envelope } = objectIn(eventExamples["message.received"].text);
    const { message, ...common } = objectIn(data);
    const short = { ...common, message: { id: objectIn(message).id }, truncated: true } as JsonObject;
    expect(busShapes["message.received"].safeParse({ ...envelope, data: short }).success).toBe(true);
    expect(busShapes["message.received"].safeParse({ ...envelope, data: common }).success).toBe(false);
    expect(eventShapes["message.received"].safeParse({ ...envelope, data: short }).success).toBe(false);
  });
});
