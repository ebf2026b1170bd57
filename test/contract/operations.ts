/** The OpenAPI document as tests use it: its operations one by one, and a judge of what is said in them. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { closed, type Json, type JsonObject, objectIn } from "../../cli/contract/json-schema.ts";

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  isRequired: boolean;
  schema: JsonObject;
  example?: Json;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  /** Scopes of a key that it needs; none: anyone may ask. */
  scopes: string[];
  parameters: Parameter[];
  body?: { isRequired: boolean; schema: JsonObject; examples: Json[] };
  /** Status → content type → schema and examples. */
  responses: Record<string, Record<string, { schema: JsonObject; examples: Json[] }>>;
  headers: Record<string, string[]>;
}

export class Contract {
  readonly document: JsonObject;
  readonly operations: Operation[];
  readonly #ajv: Ajv2020;
  readonly #judges = new Map<string, ValidateFunction>();

  /** @param isClosed what is given may hold no field that the document does not name */
  constructor(document: JsonObject, { isClosed = false }: { isClosed?: boolean } = {}) {
    this.document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.#ajv);
    const components = objectIn(document.components);
    const schemas = isClosed ? closed(components.schemas ?? {}) : (components.schemas ?? {});
    this.#ajv.addSchema({ $id: "doc", components: { schemas } });
    this.operations = Object.entries(objectIn(document.paths)).flatMap(([path, item]) => this.#operations(path, item));
  }

  /** What is wrong with `value`, in words; empty when it is as the schema says. */
  faults(schema: JsonObject, value: unknown): string[] {
    const text = JSON.stringify(schema);
    const judge =
      this.#judges.get(text) ?? this.#ajv.compile(JSON.parse(text.replaceAll('"#/components/', '"doc#/components/')));
    this.#judges.set(text, judge);
    judge(value);
    return (judge.errors ?? []).map(({ instancePath, message, params }) => {
      return `${instancePath || "/"} ${message} ${JSON.stringify(params)}`;
    });
  }

  /** Where a reference leads, itself where it is none. */
  resolve(value: Json | undefined): JsonObject {
    const object = objectIn(value);
    if (typeof object.$ref !== "string") return object;
    const found = object.$ref
      .slice(2)
      .split("/")
      .reduce<Json | undefined>((inner, name) => objectIn(inner)[name], this.document);
    return this.resolve(found);
  }

  #operations(path: string, item: Json): Operation[] {
    const { parameters: common, ...methods } = objectIn(item);
    return Object.entries(methods).map(([method, written]) => {
      const operation = objectIn(written);
      const responses = Object.entries(objectIn(operation.responses)).map(([status, response]) => {
        return [status, this.resolve(response)] as const;
      });
      return {
        id: String(operation.operationId),
        method: method.toUpperCase(),
        path,
        scopes: listIn(operation.security).flatMap((one) => listIn(objectIn(one).key).map(String)),
        parameters: [...listIn(common), ...listIn(operation.parameters)].map((one) => this.#parameter(one)),
        ...(operation.requestBody !== undefined && { body: this.#body(operation.requestBody) }),
        responses: Object.fromEntries(responses.map(([status, { content }]) => [status, contentOf(content)])),
        headers: Object.fromEntries(responses.map(([status, { headers }]) => [status, Object.keys(objectIn(headers))])),
      };
    });
  }

  #parameter(written: Json): Parameter {
    const { name, in: place, required = false, schema, example } = this.resolve(written);
    return {
      name: String(name),
      in: place as Parameter["in"],
      isRequired: required === true,
      schema: objectIn(schema),
      ...(example !== undefined && { example }),
    };
  }

  #body(written: Json): NonNullable<Operation["body"]> {
    const { required = false, content } = this.resolve(written);
    const { schema, examples } = contentOf(content)["application/json"] ?? { schema: {}, examples: [] };
    return { isRequired: required === true, schema, examples };
  }
}

function contentOf(content: Json | undefined): Operation["responses"][string] {
  return Object.fromEntries(
    Object.entries(objectIn(content)).map(([type, media]) => {
      const { schema, example, examples } = objectIn(media);
      const several = Object.values(objectIn(examples)).flatMap((one) => objectIn(one).value ?? []);
      return [type, { schema: objectIn(schema), examples: example === undefined ? several : [example] }];
    }),
  );
}

function listIn(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
