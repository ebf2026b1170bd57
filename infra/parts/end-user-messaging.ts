/**
 * AWS End User Messaging as a provider: it publishes to a topic of ours instead of posting to a URL, and is called under
 * the function's own role instead of with a secret.
 */
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { ConnectorName } from "../../shared/channels/registry.ts";
import type { Config } from "../../shared/config.ts";
import { accountsOn } from "../deployment.ts";
import { physicalName } from "./names.ts";
import type { Permission } from "./permissions.ts";

type Settings = Readonly<Record<string, unknown>>;

interface MessagingService {
  /** Before `.amazonaws.com`, in ARNs and before the colon of an action. */
  name: "social-messaging" | "sms-voice";
  sendActions: readonly string[];
  /** To come by the files of customers. */
  mediaActions: readonly string[];
  /** Below which resource of the service an account sends: an ARN, or its last part. */
  identity(settings: Settings): string;
}

const SERVICES: Readonly<Record<string, MessagingService>> = {
  "whatsapp-aws": {
    name: "social-messaging",
    sendActions: ["SendWhatsAppMessage"],
    mediaActions: ["GetWhatsAppMessageMedia"],
    identity: ({ originationPhoneNumberId }) => linkedNumber(String(originationPhoneNumberId)),
  },
  "sms-aws": {
    name: "sms-voice",
    // A file of an MMS is read under the caller's own permission, which every sender has.
    sendActions: ["SendTextMessage", "SendMediaMessage"],
    mediaActions: [],
    identity: ({ originationIdentity, from }) => originationResource(String(originationIdentity ?? from)),
  },
};

/** The API takes `phone-number-id-<id>`, of which an ARN has the id alone. */
function linkedNumber(id: string): string {
  return id.startsWith("arn:") ? id : `phone-number-id/${id.replace(/^phone-number-id-/, "")}`;
}

/** A number says nothing of the id that AWS has given it; only who names the id narrows the permission to it. */
function originationResource(identity: string): string {
  if (identity.startsWith("arn:")) return identity;
  if (identity.startsWith("phone-")) return `phone-number/${identity}`;
  if (identity.startsWith("pool-")) return `pool/${identity}`;
  return /^\+?\d+$/.test(identity) ? "phone-number/*" : `sender-id/${identity}/*`;
}

function serviceOf(connector: ConnectorName): MessagingService {
  const service = SERVICES[connector];
  if (!service) throw new Error(`The stack does not know which service of AWS publishes for ${connector}.`);
  return service;
}

/** To send as the accounts on this connector, and as nobody else. */
export function sendAs(scope: Construct, connector: ConnectorName, config: Config): Permission[] {
  return callAs(Stack.of(scope), connector, config, serviceOf(connector).sendActions);
}

/** To have the files brought that customers sent to the accounts on this connector. */
export function fetchAs(scope: Construct, connector: ConnectorName, config: Config): Permission[] {
  return callAs(Stack.of(scope), connector, config, serviceOf(connector).mediaActions);
}

function callAs(stack: Stack, connector: ConnectorName, config: Config, named: readonly string[]): Permission[] {
  const { name: service, identity } = serviceOf(connector);
  const actions = named.map((action) => `${service}:${action}`);
  const identities = new Set(accountsOn(config, connector).map(({ settings }) => identity(settings)));
  return [...identities].map((resource) => {
    const arn = resource.startsWith("arn:") ? resource : ownArn(stack, service, resource);
    const statement = new PolicyStatement({ actions, resources: [arn] });
    if (!resource.endsWith("*")) return { statement };
    const id = `AwsSolutions-IAM5[Resource::${asReported(stack.resolve(arn))}]`;
    const reason =
      "A number or a sender id does not tell the ARN of what it belongs to; an originationIdentity by its id narrows this.";
    return { statement, acknowledgement: { id, reason } };
  });
}

/** The standard topic that AWS publishes this connector's news to: the service itself, on behalf of this AWS account. */
export function newsTopic(scope: Construct, connector: ConnectorName, stage: string): Topic {
  const { name: service } = serviceOf(connector);
  const stack = Stack.of(scope);
  const topic = new Topic(scope, "Topic", { topicName: physicalName(stage, connector), enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      actions: ["sns:Publish"],
      principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { "aws:SourceAccount": stack.account },
        ArnLike: { "aws:SourceArn": ownArn(stack, service, "*") },
      },
    }),
  );
  return topic;
}

function ownArn(stack: Stack, service: MessagingService["name"], resource: string): string {
  return `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${resource}`;
}

/** As cdk-nag writes a value that only the deployment knows. */
function asReported(resolved: unknown): string {
  if (typeof resolved === "string") return resolved;
  const { Ref, "Fn::Join": [separator, parts] = ["", []] } = resolved as {
    Ref?: string;
    "Fn::Join"?: [string, unknown[]];
  };
  return Ref === undefined ? parts.map(asReported).join(separator) : `<${Ref}>`;
}
