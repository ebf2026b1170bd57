/**
 * The one address that every AWS call of the local run goes to. It knows who calls (SigV4), asks the caller's role and
 * the resource's policy, holds the call to AWS's limits, counts DynamoDB's capacity, and passes it on to the emulators,
 * which nothing else reaches.
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startDynalite } from "../emulators/dynalite.ts";
import { type BusEvent, eventBridge } from "../emulators/event-bridge.ts";
import { startFauxqs } from "../emulators/fauxqs.ts";
import { parameterStore } from "../emulators/ssm.ts";
import { authority, type Principal, type RecordedCall } from "./authority.ts";
import { dynamodbService } from "./dynamodb/dynamodb.ts";
import { smsVoiceService, socialMessagingService } from "./end-user-messaging.ts";
import { type Exchange, exchange } from "./exchange.ts";
import type { PolicyDocument } from "./policy.ts";
import { s3Service } from "./s3.ts";
import type { ServiceName } from "./service.ts";
import type { Credentials } from "./signature.ts";
import { snsService } from "./sns.ts";
import { sqsService } from "./sqs.ts";
import { connect, embedded, type Upstream } from "./upstream.ts";

export type { Principal, RecordedCall } from "./authority.ts";

export interface GatewayOptions {
  dataDir: string;
  region: string;
  accountId: string;
  /** 0 (any free port) when unset. */
  port?: number;
  /** Servers that run already and take the place of the embedded ones. */
  endpoints?: { dynamodb?: string; sqs?: string; s3?: string };
}

type Emulator = { serve: RequestListener };

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
  /** Policy of a queue, bucket, topic or bus, in place of the one before. @throws Error as `addPrincipal`. */
  setResourcePolicy(resourceArn: string, document: PolicyDocument): void;
  /** Sets an SSM SecureString. @throws Error when it is larger than a standard parameter may be. */
  setParameter(name: string, value: string): void;
  /** Which server stands for a service that no emulator plays. */
  passOn(service: "social-messaging" | "sms-voice", url: string): void;
  /** Called after each call, for every permission that it asked for. */
  onCall(listener: (call: RecordedCall) => void): void;
  onEvent(listener: (busName: string, event: BusEvent) => void): void;
  /** The newest events of a bus, oldest first. */
  recentEvents(busName: string): readonly BusEvent[];
  clients(principal: Principal): AwsClientConfig;
  /** Call when the resources exist: keys and indexes of all tables are known before the first call needs them. */
  prepareForTraffic(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the emulators (indexes mended, messages in flight visible again) and the gateway in front of them.
 * @throws Error when the port is taken, another process has the data directory open, or an endpoint does not answer.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { dataDir, region, accountId, port = 0, endpoints = {} } = options;
  const place = { region, accountId };
  const table = endpoints.dynamodb ? undefined : await startDynalite(join(dataDir, "dynamodb"));
  const isWithoutQueues = endpoints.sqs !== undefined && endpoints.s3 !== undefined;
  const starting = isWithoutQueues ? undefined : startFauxqs(join(dataDir, "queues"), region);
  const queues = await starting?.catch(async (error: unknown) => {
    await table?.close();
    throw error;
  });
  const reach = (service: ServiceName, foreign: string | undefined, emulator: Emulator | undefined) =>
    emulator && foreign === undefined
      ? embedded(emulator.serve, { service, region })
      : connect(foreign ?? "", { service, region }, true);
  const upstreams = {
    dynamodb: reach("dynamodb", endpoints.dynamodb, table),
    sqs: reach("sqs", endpoints.sqs, queues),
    s3: reach("s3", endpoints.s3, queues),
    // Topics deliver to queues, so they live where the queues are.
    sns: reach("sns", endpoints.sqs, queues),
  };
  const tables = dynamodbService(upstreams.dynamodb, place);
  const parameters = parameterStore(place);
  const buses = eventBridge(place);
  const standIns = new Map<ServiceName, Upstream>();
  const judges = authority(place);
  const parties: Exchange = { region, services: [], authority: judges, isClosing: false };

  const server = createServer((incoming, response) => exchange(incoming, response, parties));
  server.keepAliveTimeout = 65_000;
  const close = async () => {
    parties.isClosing = true;
    server.close();
    // Ends the long polls; what else is under way gets its answer before the servers behind go.
    await queues?.close();
    await Promise.all(Object.values(upstreams).map((upstream) => upstream.settled()));
    server.closeAllConnections();
    for (const upstream of [...Object.values(upstreams), ...standIns.values()]) upstream.close();
    await table?.close();
  };
  try {
    await tables.learnTables();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  } catch (error) {
    await close();
    throw error;
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  parties.services = [
    tables,
    sqsService(upstreams.sqs, { ...place, url }),
    s3Service(upstreams.s3),
    snsService(upstreams.sns, { ...place, authority: judges }),
    socialMessagingService(() => standIns.get("social-messaging"), place),
    smsVoiceService(() => standIns.get("sms-voice"), place),
    parameters,
    buses,
  ];

  return {
    url,
    addPrincipal: judges.addPrincipal,
    setResourcePolicy: judges.setResourcePolicy,
    setParameter: parameters.set,
    passOn: (service, url) => void standIns.set(service, connect(url, { service, region }, false)),
    onCall: judges.onCall,
    onEvent: buses.onEvent,
    recentEvents: buses.recent,
    clients: ({ accessKeyId, secretAccessKey, sessionToken }) => ({
      region,
      endpoint: url,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    }),
    prepareForTraffic: tables.learnTables,
    close,
  };
}
