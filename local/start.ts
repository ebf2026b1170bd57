/**
 * The local run: synthesizes the CDK app and runs its template on this machine. Nothing is wired a second time by hand:
 * what the template does not say does not happen.
 */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand, NotFound, S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { pascalCase } from "../infra/parts/names.ts";
import { synthesize } from "../infra/synthesize.ts";
import { KeyTable } from "../shared/aws/key-table.ts";
import type { Config } from "../shared/config.ts";
import { hashOfKey } from "../shared/domain/api-key.ts";
import { lockDataDirectory } from "./data-directory.ts";
import { type QueuePoller, startQueuePoller } from "./event-sources/queue-poller.ts";
import { startSchedules } from "./event-sources/schedules.ts";
import { openFront } from "./front/front.ts";
import type { FunctionUrlRoute } from "./front/function-urls.ts";
import { type Gateway, type Principal, startGateway } from "./gateway/gateway.ts";
import { isAllowed } from "./gateway/permissions.ts";
import { functionEnvironment } from "./lambda/environment.ts";
import { Lambda } from "./lambda/lambda.ts";
import { secretDocuments } from "./secrets.ts";
import { createTopic, subscribe } from "./sns.ts";
import { type LoadedTemplate, loadTemplate } from "./template/load.ts";
import { emptyStack, type FunctionDefinition, type Stack } from "./template/stack.ts";
import { type CloudFormationTemplate, checkTemplate } from "./template/template.ts";
import { type MessagingService, startVendors } from "./vendors.ts";

export interface LocalOptions {
  /** Default 3000; 0 for any free one. */
  port?: number;
  dataDir: string;
  config: Config;
  /** What `synthesizeLocal` has made of this configuration, for several runs of it. Its template is changed with `changeTemplate`. */
  assembly?: Assembly;
  /** Public address that signatures cover, without a slash at the end. Default `http://localhost:<port>`. */
  publicUrl?: string;
  /** `AWS_ENDPOINT_URL_DYNAMODB`, `…_SQS`, `…_S3`, `RECADO_<WORD>_URL` and `RECADO_SECRET_<ACCOUNT>_<SECRET>`. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Changes the template before it is run. */
  changeTemplate?: (template: CloudFormationTemplate) => void;
  /** Told of every permission that is asked for, those of the start too. */
  onPermission?: (asked: AskedPermission) => void;
  recordsEnvironmentReads?: boolean;
  /** What the local run has to say, line by line, functions' output included. */
  log?: (line: string) => void;
}

/** `principal` is the name of a function, or of a service of AWS. */
export interface AskedPermission {
  principal: string;
  /** `dynamodb:PutItem` */
  action: string;
  /** ARN */
  resource: string;
  conditionKeys: Record<string, string[]>;
  allowed: boolean;
}

export interface Local {
  /** Where everything stands: `http://127.0.0.1:<port>`. */
  url: string;
  publicUrl: string;
  template: CloudFormationTemplate;
  /** What the template amounts to. */
  stack: Readonly<Stack>;
  gateway: Gateway;
  /** Of the stack, by name. */
  outputs: Readonly<Record<string, string>>;
  /** Name of a function → names of the variables that it has read, if they are recorded. */
  environmentReads(): ReadonlyMap<string, ReadonlySet<string>>;
  /** Addresses of the simulators that were started, e.g. `graph`. */
  simulators: Readonly<Record<string, string>>;
  /** Takes nothing more, lets what runs finish (at most some seconds), and frees the port and the data directory. */
  stop(): Promise<void>;
}

const REGION = "eu-west-1";
const ACCOUNT_ID = "000000000000";
const STAGE = "local";
/** Known to everyone who reads the documentation: the local run listens on the loopback alone. */
const LOCAL_API_KEY = "local-api-key";

type Assembly = ReturnType<typeof synthesize>;

/** The template that a local run of this configuration runs, with the bundles below `outdir`. */
export function synthesizeLocal(config: Config, outdir: string): Assembly {
  return synthesize({ config, stage: STAGE, outdir, region: REGION, accountId: ACCOUNT_ID });
}

/** @throws Error in a sentence for the owner when the port or the data directory is taken, or the template cannot be run */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return { ...(await start(options, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param closers gets what must be closed, in the order in which it was opened */
async function start(options: LocalOptions, closers: (() => unknown)[]): Promise<Omit<Local, "stop">> {
  const { config, port = 3000, environment = {}, log = () => {}, recordsEnvironmentReads = false } = options;
  const { onPermission = () => {} } = options;
  const dataDir = resolve(options.dataDir);
  const took = stopwatch();
  closers.push(lockDataDirectory(dataDir));
  const front = await openFront(port);
  closers.push(() => front.close());
  const publicUrl = options.publicUrl ?? `http://localhost:${front.port}`;

  const opening = startGateway({ dataDir, region: REGION, accountId: ACCOUNT_ID, endpoints: endpointsIn(environment) });
  closers.push(async () => (await opening).close());
  const assembly = options.assembly ?? synthesizeLocal(config, join(dataDir, "cdk.out"));
  const template = checkTemplate(assembly.template);
  options.changeTemplate?.(template);
  took("synthesize");
  const gateway = await opening;
  gateway.onCall(onPermission);
  took("gateway");

  const stack = emptyStack();
  const administrator = addAdministrator(gateway);
  const loaded = await loadTemplate(template, {
    region: REGION,
    accountId: ACCOUNT_ID,
    stackName: `recado-${STAGE}`,
    publicUrl,
    assets: assembly.outdir,
    administrator,
    createTopic: administrator.createTopic,
    subscribe: administrator.subscribe,
    setResourcePolicy: (arn, document) => {
      gateway.setResourcePolicy(arn, document);
      stack.resourcePolicies[arn] = document;
    },
    stack,
  });
  for (const [name, document] of Object.entries(secretDocuments(config, environment))) {
    gateway.setParameter(`/recado/${STAGE}/${name}`, document);
  }
  await seedApiKey(administrator.dynamodb, stack);
  await gateway.prepareForTraffic();
  took("load");

  const vendors = await startVendors({
    config,
    publicUrl,
    frontUrl: front.url,
    environment,
    aws: {
      place: (service) => ({ accountId: ACCOUNT_ID, sns: gateway.clients(addService(gateway, service)) }),
      fileAt: (url) => fileAt(administrator.s3, url),
      topicArn: (connector) => found(loaded.outputs[`TopicArn${pascalCase(connector)}`], connector),
    },
  });
  closers.push(() => vendors.close());
  for (const [service, url] of Object.entries(vendors.services)) gateway.passOn(service as MessagingService, url);
  const principals = new Map(stack.functions.map((definition) => [definition.arn, principalOf(definition)]));
  for (const principal of principals.values()) gateway.addPrincipal(principal);
  const principal = (functionArn: string) => found(principals.get(functionArn), functionArn);
  const lambda = new Lambda({
    functions: stack.functions,
    permissions: stack.permissions,
    environmentOf: (definition) =>
      functionEnvironment(definition, {
        region: REGION,
        endpoint: gateway.url,
        credentials: principal(definition.arn),
        recadoUrls: { ...vendors.environment, RECADO_PUBLIC_URL: publicUrl },
      }),
    dataDir,
    compileCache: join(assembly.outdir, "compiled"),
    mayLog: (definition) => mayLog(definition, { onPermission, log }),
    onLine: (name, line) => log(`${name}: ${line}`),
    recordsEnvironmentReads,
  });
  const pollers: QueuePoller[] = [];
  // All at once: what was received or came in waits for functions, and functions take no longer than their grace.
  closers.push(() => Promise.all([lambda.close(), front.close(), ...pollers.map((poller) => poller.stop())]));
  for (const mapping of stack.eventSourceMappings) {
    const poller = await startQueuePoller({
      mapping,
      queueUrl: found(stack.queueUrls[mapping.queueArn], mapping.queueArn),
      region: REGION,
      sqs: new SQSClient(gateway.clients(principal(mapping.functionArn))),
      function: lambda.function(mapping.functionArn),
      log,
    });
    pollers.push(poller);
  }
  const schedules = startSchedules({ schedules: stack.schedules, lambda, region: REGION, accountId: ACCOUNT_ID, log });
  closers.push(() => schedules.stop());
  front.serve({
    region: REGION,
    accountId: ACCOUNT_ID,
    publicUrl,
    lambda,
    functionUrls: functionUrlRoutes(stack, loaded),
    httpApis: stack.httpApis,
    simulators: vendors.urls,
    schedules,
    now: Date.now,
  });
  took("eventSources");
  log(JSON.stringify({ level: "info", code: "local_ready", url: front.url, tookMs: took.parts }));
  return {
    url: front.url,
    publicUrl,
    template,
    stack,
    gateway,
    outputs: loaded.outputs,
    environmentReads: () => lambda.environmentReads(),
    simulators: vendors.urls,
  };
}

function endpointsIn(environment: Readonly<Record<string, string | undefined>>) {
  const named = (["dynamodb", "sqs", "s3"] as const).flatMap((service) => {
    const url = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`];
    return url ? [[service, url] as const] : [];
  });
  return Object.fromEntries(named);
}

function addAdministrator(gateway: Gateway) {
  const administrator: Principal = {
    name: "local-administrator",
    roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/local-administrator`,
    ...newCredentials(),
    policies: "administrator",
  };
  gateway.addPrincipal(administrator);
  const access = gateway.clients(administrator);
  return {
    dynamodb: new DynamoDBClient(access),
    sqs: new SQSClient(access),
    s3: new S3Client({ ...access, forcePathStyle: true }),
    createTopic: (topicArn: string) => createTopic(access, topicArn),
    subscribe: (topicArn: string, queueArn: string, delivery: { isRaw: boolean }) =>
      subscribe(access, topicArn, { queueArn, ...delivery }),
  };
}

/** What S3 tells of the object at `s3://<bucket>/<key>`. */
async function fileAt(s3: S3Client, url: string) {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  try {
    const { ContentType = "", ContentLength = 0 } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    return { contentType: ContentType, size: ContentLength };
  } catch (cause) {
    if (cause instanceof NotFound) return undefined;
    throw cause;
  }
}

/** A service that acts under no role of the account: what it may do is in the policies of resources alone. */
function addService(gateway: Gateway, service: MessagingService): Principal {
  const name = `${service}.amazonaws.com`;
  const principal: Principal = { name, roleArn: name, ...newCredentials(), policies: [] };
  gateway.addPrincipal(principal);
  return principal;
}

function principalOf({ name, role }: FunctionDefinition) {
  return { name, roleArn: role.arn, ...newCredentials(), policies: role.policies };
}

/** Lambda itself writes what a function prints, under the function's role, and drops what that does not allow. */
function mayLog(
  { name, role, logGroup }: FunctionDefinition,
  { onPermission, log }: Required<Pick<LocalOptions, "onPermission" | "log">>,
): boolean {
  const resource = `arn:aws:logs:${REGION}:${ACCOUNT_ID}:log-group:${logGroup}:log-stream:local`;
  return ["logs:CreateLogStream", "logs:PutLogEvents"].every((action) => {
    const asked = { action, resource, conditionKeys: {} };
    const { allowed, reason } = isAllowed({ ...asked, principalArn: role.arn }, role.policies);
    onPermission({ ...asked, principal: name, allowed });
    if (!allowed) log(JSON.stringify({ level: "warn", code: "output_dropped", function: name, action, reason }));
    return allowed;
  });
}

/** Of the form of a role's temporary ones. */
function newCredentials() {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64"),
    sessionToken: randomBytes(48).toString("base64"),
  };
}

/** The key that the documentation names, with every scope and no limit; only its hash is kept, as of any other. */
async function seedApiKey(client: DynamoDBClient, { tables }: Stack): Promise<void> {
  const key = { id: "key_local", name: "local run", scopes: ["read", "send", "admin"] as const, created: Date.now() };
  for (const tableName of tables) await new KeyTable({ tableName, client }).addKey(hashOfKey(LOCAL_API_KEY), key);
}

/** @throws Error when a function URL stands in no output, so that nobody can tell where it is reached */
function functionUrlRoutes({ functionUrls }: Stack, { functionUrlPaths }: LoadedTemplate): FunctionUrlRoute[] {
  return functionUrls.flatMap((url) => {
    const paths = functionUrlPaths.get(url.logicalId);
    if (!paths)
      throw new Error(`No output of the template says below which path the function URL ${url.logicalId} stands`);
    return paths.map((path) => ({ ...url, path }));
  });
}

function found<Value>(value: Value | undefined, arn: string): Value {
  if (value === undefined) throw new Error(`${arn} is not in the template`);
  return value;
}

/** Milliseconds that each part of the start took. */
function stopwatch() {
  const parts: Record<string, number> = {};
  let since = performance.now();
  const took = (part: string) => {
    parts[part] = Math.round(performance.now() - since);
    since = performance.now();
  };
  return Object.assign(took, { parts });
}
