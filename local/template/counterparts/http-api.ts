/** @module AWS::ApiGatewayV2::Api, Stage, Route and Integration */
import * as z from "zod";
import { counterpart, unplayed, type World } from "../counterpart.ts";
import type { HttpApi, Throttle } from "../stack.ts";

export const api = counterpart(
  {
    Name: z.string(),
    ProtocolType: z.literal("HTTP"),
    Description: unplayed,
    DisableExecuteApiEndpoint: z.literal(false).optional(),
  },
  ({ Name }, { logicalId, world }) => {
    world.stack.httpApis.push({ id: logicalId, name: Name, routes: [], integrations: [], stages: [] });
    return { reference: logicalId, attributes: { ApiId: logicalId, ApiEndpoint: world.publicUrl } };
  },
);

/** Without limits of its own a stage has the account's, which nobody reaches on a laptop. */
const RouteSettings = z
  .strictObject({
    ThrottlingRateLimit: z.number().positive().optional(),
    ThrottlingBurstLimit: z.number().int().positive().optional(),
    DetailedMetricsEnabled: unplayed,
  })
  .transform((settings): Throttle | undefined => {
    const { ThrottlingRateLimit: ratePerSecond, ThrottlingBurstLimit: burst = ratePerSecond } = settings;
    return ratePerSecond === undefined || burst === undefined ? undefined : { ratePerSecond, burst };
  });

export const stage = counterpart(
  {
    ApiId: z.string(),
    StageName: z.literal("$default"),
    Description: unplayed,
    AutoDeploy: z.literal(true),
    DefaultRouteSettings: RouteSettings.optional(),
    RouteSettings: z.record(z.string(), RouteSettings).default({}),
    AccessLogSettings: unplayed,
  },
  ({ ApiId, StageName, DefaultRouteSettings, RouteSettings }, { world }) => {
    const limited = Object.entries(RouteSettings).flatMap(([key, throttle]) =>
      throttle ? [[key, throttle] as const] : [],
    );
    apiOf(ApiId, world).stages.push({
      name: StageName,
      throttle: DefaultRouteSettings,
      routeThrottles: Object.fromEntries(limited),
    });
    return { reference: StageName };
  },
);

export const route = counterpart(
  {
    ApiId: z.string(),
    RouteKey: z.string().regex(/^(\$default|(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/.*)$/, "is no route key"),
    AuthorizationType: z.literal("NONE").optional(),
    OperationName: unplayed,
    Target: z.string().startsWith("integrations/"),
  },
  ({ ApiId, RouteKey, Target }, { logicalId, world }) => {
    apiOf(ApiId, world).routes.push({ key: RouteKey, integration: Target.slice("integrations/".length) });
    return { reference: logicalId, attributes: { RouteId: logicalId } };
  },
);

const FUNCTION_ARN = /arn:aws:lambda:[^:]+:\d{12}:function:[A-Za-z0-9-_]+/;

export const integration = counterpart(
  {
    ApiId: z.string(),
    Description: unplayed,
    IntegrationType: z.literal("AWS_PROXY"),
    IntegrationMethod: unplayed,
    /** The function's ARN, alone or inside the ARN of its invocation. */
    IntegrationUri: z.string().regex(FUNCTION_ARN, "names no function"),
    PayloadFormatVersion: z.literal("2.0"),
    /** Only longer waits than those of the functions are of use, and the functions' own are kept. */
    TimeoutInMillis: unplayed,
  },
  ({ ApiId, IntegrationUri }, { logicalId, world }) => {
    const [functionArn = ""] = FUNCTION_ARN.exec(IntegrationUri) ?? [];
    apiOf(ApiId, world).integrations.push({ id: logicalId, functionArn });
    return { reference: logicalId, attributes: { IntegrationId: logicalId } };
  },
);

function apiOf(id: string, world: World): HttpApi {
  const found = world.stack.httpApis.find((api) => api.id === id);
  if (!found) throw new Error(`belongs to the API ${id}, which is not in the template`);
  return found;
}
