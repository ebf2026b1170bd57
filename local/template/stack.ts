/** What a loaded template amounts to: everything that the parts of the local run need to know of it. */

/** A policy as IAM writes it; judged by the gateway. */
export interface PolicyDocument {
  Version?: string;
  Statement: unknown;
}

export interface Role {
  name: string;
  arn: string;
  /** Services that may take the role on. */
  trusts: readonly string[];
  policies: PolicyDocument[];
}

export interface FunctionDefinition {
  name: string;
  arn: string;
  /** Absolute path of the file that exports the handler, and the name of the export. */
  file: string;
  handler: string;
  role: Role;
  environment: Readonly<Record<string, string>>;
  memoryMegabytes: number;
  timeoutSeconds: number;
  /** Name of the log group that its output goes to. */
  logGroup: string;
  reservedConcurrency: number | undefined;
}

export interface EventSourceMapping {
  name: string;
  queueArn: string;
  functionArn: string;
  batchSize: number;
  batchingWindowSeconds: number;
  maximumConcurrency: number | undefined;
  reportsBatchItemFailures: boolean;
}

export interface FunctionUrl {
  logicalId: string;
  functionArn: string;
}

/** Somebody's right to invoke a function, from the function's own policy. */
export interface Permission {
  functionArn: string;
  action: string;
  /** A service's name or `*`. */
  principal: string;
  /** Pattern with `*` and `?`; undefined: any source. */
  sourceArn: string | undefined;
  /** Holds for calls through the function's URL alone. */
  viaFunctionUrl: boolean;
}

/** Requests a second, and how many at once after a pause. */
export interface Throttle {
  ratePerSecond: number;
  burst: number;
}

export interface HttpApi {
  id: string;
  name: string;
  routes: { key: string; integration: string }[];
  integrations: { id: string; functionArn: string }[];
  stages: { name: string; throttle: Throttle | undefined; routeThrottles: Record<string, Throttle> }[];
}

/** A timer that invokes a function. */
export interface Schedule {
  name: string;
  arn: string;
  functionArn: string;
  periodSeconds: number;
  /** The service that invokes: it needs the permission, or `role` must allow it. */
  service: "events.amazonaws.com" | "scheduler.amazonaws.com";
  role: Role | undefined;
  /** JSON, or undefined for the service's own event. */
  input: string | undefined;
}

export interface Stack {
  roles: Role[];
  /** Managed policies of the template, by ARN. */
  managedPolicies: Record<string, PolicyDocument>;
  /** Policies of queues, buckets, topics and buses, by ARN. */
  resourcePolicies: Record<string, PolicyDocument>;
  functions: FunctionDefinition[];
  eventSourceMappings: EventSourceMapping[];
  functionUrls: FunctionUrl[];
  permissions: Permission[];
  httpApis: HttpApi[];
  schedules: Schedule[];
  /** Names of the tables, in no order. */
  tables: string[];
  /** URLs of the queues, by ARN. */
  queueUrls: Record<string, string>;
}

export function emptyStack(): Stack {
  return {
    roles: [],
    managedPolicies: {},
    resourcePolicies: {},
    functions: [],
    eventSourceMappings: [],
    functionUrls: [],
    permissions: [],
    httpApis: [],
    schedules: [],
    tables: [],
    queueUrls: {},
  };
}
