/**
 * The one address that every AWS call of the local run goes to. It knows who calls (SigV4), asks the caller's role and
 * the resource's policy, holds the call to AWS's limits, counts DynamoDB's capacity, and passes it on to the emulators,
 * which nothing else reaches.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startDynalite } from "../emulators/dynalite.ts";
import { type BusEvent, eventBridge } from "../emulators/event-bridge.ts";
import { startFauxqs } from "../emulators/fauxqs.ts";
import { parameterStore } from "../emulators/ssm.ts";
import { dynamodbService } from "./dynamodb/dynamodb.ts";
import { deniedRefusal, errorAnswer, signatureRefusal } from "./errors.ts";
import { judge } from "./permissions.ts";
import { type PolicyDocument, readPolicy, type Statement } from "./policy.ts";
import { s3Service } from "./s3.ts";
import { type Answer, type Ask, type AwsRequest, isRefusal, type Service, type ServiceName } from "./service.ts";
import { type Credentials, claimedService, verifySignature } from "./signature.ts";
import { snsService } from "./sns.ts";
import { sqsService } from "./sqs.ts";
import { connect } from "./upstream.ts";

/** Who may call, under which role. */
export interface Principal {
  name: string;
  roleArn: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  policies: readonly PolicyDocument[] | "administrator";
}

/** One permission that was asked for. A call on several items or tables asks for several. */
export interface RecordedCall {
  principal: string;
  service: ServiceName;
  /** `dynamodb:PutItem` */
  action: string;
  /** ARN */
  resource: string;
  conditionKeys: Record<string, string[]>;
  allowed: boolean;
  readUnits: number;
  writeUnits: number;
}

export interface GatewayOptions {
  dataDir: string;
  region: string;
  accountId: string;
  /** 0 (any free port) when unset. */
  port?: number;
  /** Servers that run already and take the place of the embedded ones. */
  endpoints?: { dynamodb?: string; sqs?: string; s3?: string };
}

/** For the constructors of AWS SDK v3 clients. */
interface AwsClientConfig {
  region: string;
  endpoint: string;
  credentials: Credentials;
}

export interface Gateway {
  /** `http://127.0.0.1:<port>`: the endpoint of every service. */
  readonly url: string;
  /** @throws Error when a policy has an element that cannot be judged. */
  addPrincipal(principal: Principal): void;
  /** Policy of a queue, bucket, topic or bus. @throws Error as `addPrincipal`. */
  setResourcePolicy(resourceArn: string, document: PolicyDocument): void;
  /** Sets an SSM SecureString. @throws Error when it is larger than a standard parameter may be. */
  setParameter(name: string, value: string): void;
  onCall(listener: (call: RecordedCall) => void): void;
  onEvent(listener: (busName: string, entry: BusEvent) => void): void;
  /** The newest events of a bus, oldest first. */
  recentEvents(busName: string): readonly BusEvent[];
  clients(principal: Principal): AwsClientConfig;
  /** Call when the resources exist and before the functions start: the emulators are awake and answer. */
  prepareForTraffic(): Promise<void>;
  close(): Promise<void>;
}

interface Known extends Credentials {
  principal: Principal;
  statements: readonly Statement[] | "administrator";
}

/** @throws Error when the port is taken or another process has the data directory open. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { dataDir, region, accountId, port = 0, endpoints = {} } = options;
  const table = endpoints.dynamodb ? undefined : await startDynalite(join(dataDir, "dynamodb"));
  const queues = endpoints.sqs && endpoints.s3 ? undefined : await startFauxqs(join(dataDir, "queues"), region);
  const reach = (service: ServiceName, foreign: string | undefined, embedded: string | undefined) =>
    connect(foreign ?? embedded ?? "", { service, region }, foreign !== undefined);
  const upstreams = {
    dynamodb: reach("dynamodb", endpoints.dynamodb, table?.url),
    sqs: reach("sqs", endpoints.sqs, queues?.url),
    s3: reach("s3", endpoints.s3, queues?.url),
    // Topics deliver to queues, so they live where the queues are.
    sns: reach("sns", endpoints.sqs, queues?.url),
  };
  const parameters = parameterStore({ region, accountId });
  const buses = eventBridge({ region, accountId });
  const callers = new Map<string, Known>();
  const resourcePolicies = new Map<string, readonly Statement[]>();
  const listeners: ((call: RecordedCall) => void)[] = [];
  let services: readonly Service[] = [];
  let isClosing = false;

  /** Why the caller may not, as AWS says it; `undefined` when it may. */
  const refusalOf = (ask: Ask, caller: { arn: string; statements: Known["statements"] }): string | undefined => {
    if (caller.statements === "administrator") return undefined;
    const request = { ...ask, principalArn: caller.arn };
    const { allowed, reason } = judge(
      request,
      caller.statements,
      resourcePolicies.get(policyHolder(ask.resource)) ?? [],
    );
    if (allowed) return undefined;
    return `User: ${asUser(caller.arn)} is not authorized to perform: ${ask.action} on resource: ${ask.resource} ${reason}`;
  };
  const record = (principal: string, ask: Ask, isAllowed: boolean) => {
    const [service = ""] = ask.action.split(":");
    const { action, resource, conditionKeys, readUnits = 0, writeUnits = 0 } = ask;
    const call = { principal, action, resource, conditionKeys, allowed: isAllowed, readUnits, writeUnits };
    for (const listener of listeners) listener({ ...call, service: service as ServiceName });
  };
  /** Keys of every request. */
  const complete = (ask: Ask, arn: string): Ask => ({
    ...ask,
    conditionKeys: {
      ...ask.conditionKeys,
      "aws:SecureTransport": ["true"],
      "aws:PrincipalArn": [arn],
      "aws:PrincipalAccount": [accountId],
      "aws:ResourceAccount": [accountId],
      "aws:RequestedRegion": [region],
    },
  });

  const answerTo = async (request: AwsRequest): Promise<Answer> => {
    const claimed = claimedService(request);
    const service = services.find(({ name }) => name === claimed);
    const protocol = service?.protocol ?? guessedProtocol(request);
    const verdict = verifySignature(request, { region, signerOf: (id) => callers.get(id), now: Date.now() });
    if (verdict.kind === "refused") {
      return errorAnswer(protocol, signatureRefusal(protocol, verdict.fault, verdict.message));
    }
    if (!service)
      return errorAnswer(protocol, { code: "UnknownOperationException", message: `No local service ${claimed}.` });
    const operation = await service.prepare(request);
    if (isRefusal(operation)) return errorAnswer(protocol, operation);

    const { principal, statements } = verdict.signer;
    const caller = { arn: principal.roleArn, statements };
    const judged = operation.asks.map((bare) => {
      const ask = complete(bare, caller.arn);
      return { bare, ask, refusal: refusalOf(ask, caller) };
    });
    const refused = judged.find(({ refusal }) => refusal !== undefined)?.refusal;
    const mayAlso = (bare: Ask) => {
      const ask = complete(bare, caller.arn);
      const refusal = refusalOf(ask, caller);
      record(principal.name, ask, refusal === undefined);
      return refusal;
    };
    try {
      const outcome = refused === undefined ? await operation.perform(mayAlso) : deniedRefusal(protocol, refused);
      return isRefusal(outcome) ? errorAnswer(protocol, outcome) : outcome;
    } catch (error) {
      if (!isClosing) logFault(service.name, error);
      return errorAnswer(protocol, {
        code: "ServiceUnavailable",
        message: "The local service gave no answer.",
        status: 503,
      });
    } finally {
      // Capacity is known only now, and stands in the ask as the service made it.
      for (const { bare, ask, refusal } of judged) {
        record(principal.name, { ...bare, conditionKeys: ask.conditionKeys }, refusal === undefined);
      }
    }
  };

  const server = createServer((incoming, response) => {
    readRequest(incoming, response)
      .then(async (request) => reply(request, response, await answerTo(request)))
      .catch((error: unknown) => {
        if (!isClosing && !response.destroyed) logFault("gateway", error);
        response.destroy();
      });
  });
  server.keepAliveTimeout = 65_000;
  const closeAll = async () => {
    await queues?.close();
    await Promise.all(Object.values(upstreams).map((upstream) => upstream.settled()));
    server.closeAllConnections();
    for (const upstream of Object.values(upstreams)) upstream.close();
    await table?.close();
  };
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  } catch (error) {
    await closeAll();
    throw error;
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const refusalOfSns = (bare: Ask) => {
    const refusal = refusalOf(bare, { arn: "sns.amazonaws.com", statements: [] });
    record("sns.amazonaws.com", bare, refusal === undefined);
    return refusal;
  };
  const tables = dynamodbService(upstreams.dynamodb, { region, accountId });
  services = [
    tables,
    sqsService(upstreams.sqs, { region, accountId, url }),
    s3Service(upstreams.s3),
    snsService(upstreams.sns, { region, accountId, refusalOfSns }),
    parameters,
    buses,
  ];

  return {
    url,
    addPrincipal(principal) {
      const { accessKeyId, secretAccessKey, sessionToken, policies } = principal;
      const statements =
        policies === "administrator" ? policies : policies.flatMap((document) => readPolicy(document, "identity"));
      callers.set(accessKeyId, {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken && { sessionToken }),
        principal,
        statements,
      });
    },
    setResourcePolicy: (resourceArn, document) => {
      resourcePolicies.set(resourceArn, readPolicy(document, "resource"));
    },
    setParameter: parameters.set,
    onCall: (listener) => listeners.push(listener),
    onEvent: buses.onEvent,
    recentEvents: buses.recent,
    clients: ({ accessKeyId, secretAccessKey, sessionToken }) => ({
      region,
      endpoint: url,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    }),
    prepareForTraffic: tables.learnTables,
    async close() {
      isClosing = true;
      server.close();
      await closeAll();
    },
  };
}

/** The resource whose policy speaks for this one: a bucket's for its objects. */
function policyHolder(resource: string): string {
  return resource.startsWith("arn:aws:s3:::") ? resource.replace(/\/.*$/, "") : resource;
}

/** A role shows up in messages as the session that took it on. */
function asUser(arn: string): string {
  const [, account, role] = /^arn:aws:iam::(\d*):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return role === undefined ? arn : `arn:aws:sts::${account}:assumed-role/${role}/local`;
}

/** For errors about a request that names no service of ours. */
function guessedProtocol({ headers }: AwsRequest): Service["protocol"] {
  const target = headers["x-amz-target"];
  if (target !== undefined) return String(target).startsWith("AmazonSQS.") ? "query-json" : "json";
  return String(headers["content-type"]).startsWith("application/x-www-form-urlencoded") ? "query-xml" : "rest-xml";
}

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "GET", url = "/", headers } = incoming;
  const mark = url.indexOf("?");
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers,
    body: Buffer.concat(chunks),
    isAbandoned: () => response.destroyed,
  };
}

function reply({ method }: AwsRequest, response: ServerResponse, { status, headers, body }: Answer): void {
  // The answer to HEAD tells the length of a body that it does not have.
  const length = method === "HEAD" ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}

function logFault(service: string, error: unknown): void {
  console.error(JSON.stringify({ level: "error", code: "gateway_fault", service, error: String(error) }));
}
