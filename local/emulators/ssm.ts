/** Parameter Store: SecureStrings that the local run sets, read by name. */
import { createHash } from "node:crypto";
import * as z from "zod";
import {
  type Answer,
  type AwsRequest,
  bodyOf,
  isRefusal,
  jsonAnswer,
  type Operation,
  operationOf,
  type Refusal,
  type Service,
} from "../gateway/service.ts";

const MAX_NAMES = 10;
/** Of a standard parameter. */
const MAX_VALUE_BYTES = 4096;

const Body = z.looseObject({
  Name: z.string().optional(),
  Names: z.array(z.string()).optional(),
  WithDecryption: z.boolean().optional(),
});

export interface ParameterStore extends Service {
  /** @throws Error when the value is larger than a standard parameter may be. */
  set(name: string, value: string): void;
}

export function parameterStore({ region, accountId }: { region: string; accountId: string }): ParameterStore {
  const parameters = new Map<string, { value: string; version: number; setAt: number }>();
  const arnOf = (name: string) => `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, "")}`;

  const shown = (name: string, isDecrypted: boolean) => {
    const parameter = parameters.get(name);
    if (!parameter) return undefined;
    const { value, version, setAt } = parameter;
    return {
      ARN: arnOf(name),
      DataType: "text",
      LastModifiedDate: setAt / 1000,
      Name: name,
      Type: "SecureString",
      Value: isDecrypted ? value : createHash("sha256").update(value).digest("base64"),
      Version: version,
    };
  };

  const one = (name: string, isDecrypted: boolean): Answer | Refusal => {
    const Parameter = shown(name, isDecrypted);
    return Parameter
      ? jsonAnswer({ Parameter }, "1.1")
      : { code: "ParameterNotFound", message: `There is no parameter ${name}.` };
  };

  const several = (names: readonly string[], isDecrypted: boolean): Answer | Refusal => {
    if (names.length === 0 || names.length > MAX_NAMES) {
      const message = `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and ${MAX_NAMES}`;
      return { code: "ValidationException", message };
    }
    const found = names.flatMap((name) => shown(name, isDecrypted) ?? []);
    return jsonAnswer({ Parameters: found, InvalidParameters: names.filter((name) => !parameters.has(name)) }, "1.1");
  };

  return {
    name: "ssm",
    protocol: "json",
    set(name, value) {
      if (Buffer.byteLength(value) > MAX_VALUE_BYTES) {
        throw new Error(`parameter ${name} is larger than the ${MAX_VALUE_BYTES} bytes of a standard parameter`);
      }
      parameters.set(name, { value, version: (parameters.get(name)?.version ?? 0) + 1, setAt: Date.now() });
    },
    async prepare(request: AwsRequest): Promise<Operation | Refusal> {
      const operation = operationOf(request, "AmazonSSM");
      if (typeof operation !== "string") return operation;
      const body = bodyOf(request, Body);
      if (isRefusal(body)) return body;
      const { Name = "", Names = [], WithDecryption = false } = body;
      if (operation !== "GetParameter" && operation !== "GetParameters") {
        return { code: "UnknownOperationException", message: `The local Parameter Store does not know ${operation}.` };
      }
      const isOne = operation === "GetParameter";
      const names = isOne ? [Name] : Names;
      return {
        asks: names.map((name) => ({ action: `ssm:${operation}`, resource: arnOf(name), conditionKeys: {} })),
        perform: async () => (isOne ? one(Name, WithDecryption) : several(Names, WithDecryption)),
      };
    },
  };
}
