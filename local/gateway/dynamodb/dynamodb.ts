/** DynamoDB behind the gateway: permissions with leading keys, AWS's limits in UTF-8, and capacity by AWS's rules. */
import {
  type Answer,
  type AwsRequest,
  bodyOf,
  isRefusal,
  type Operation,
  operationOf,
  type Refusal,
  type Service,
} from "../service.ts";
import type { Upstream } from "../upstream.ts";
import { asksOf } from "./asks.ts";
import { Body, type Context } from "./body.ts";
import { limitBroken } from "./limits.ts";
import { perform } from "./perform.ts";
import { TARGET, tableServer } from "./table.ts";

export interface Tables extends Service {
  /** Learns the keys and indexes of every table, which the first call to each would otherwise wait for. */
  learnTables(): Promise<void>;
}

export function dynamodbService(
  upstream: Upstream,
  { region, accountId }: { region: string; accountId: string },
): Tables {
  const server = tableServer(upstream);
  const arnPrefix = `arn:aws:dynamodb:${region}:${accountId}:`;
  const arnOf = (table: string, index?: string) => {
    const tableArn = table.startsWith("arn:") ? table : `${arnPrefix}table/${table}`;
    return index === undefined ? tableArn : `${tableArn}/index/${index}`;
  };

  return {
    name: "dynamodb",
    protocol: "json",
    learnTables: server.learnTables,
    async prepare(request: AwsRequest): Promise<Operation | Refusal> {
      const operation = operationOf(request, TARGET);
      if (typeof operation !== "string") return operation;
      const body = bodyOf(request, Body);
      if (isRefusal(body)) return body;
      const context: Context = { operation, body, server };
      const asks = await asksOf(context, arnOf);
      return {
        asks,
        async perform() {
          const limit = await limitBroken(context);
          if (limit) return limit;
          const answer = await perform(context, asks);
          if (!/^(Create|Describe|Update|Delete)Table$/.test(operation)) return answer;
          server.forget(body.TableName ?? "");
          return withArns(answer, arnPrefix);
        },
      };
    },
  };
}

/** The emulator has region and account of its own; descriptions show those of the stack. */
function withArns(answer: Answer, arnPrefix: string): Answer {
  return { ...answer, body: answer.body.toString().replace(/arn:aws:dynamodb:[^:"]*:[^:"]*:(?=table\/)/g, arnPrefix) };
}
