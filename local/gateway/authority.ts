/** Who may call what: the principals with their credentials and roles, the policies of resources, and a record of every question. */
import { judge } from "./permissions.ts";
import { type PolicyDocument, readPolicy, type Statement } from "./policy.ts";
import type { Ask, ServiceName } from "./service.ts";
import type { Credentials } from "./signature.ts";

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

export interface Caller {
  name: string;
  /** Of its role; a service of AWS goes by its name. */
  arn: string;
  statements: readonly Statement[] | "administrator";
}

export interface Authority {
  /** @throws Error when a policy has an element that cannot be judged. */
  addPrincipal(principal: Principal): void;
  /** @throws Error as `addPrincipal`. */
  setResourcePolicy(resourceArn: string, document: PolicyDocument): void;
  signerOf(accessKeyId: string): (Credentials & { caller: Caller }) | undefined;
  /** `refusal` is why the caller may not, as AWS says it. `record` once the capacity stands in the ask. */
  judge(ask: Ask, caller: Caller): { refusal: string | undefined; record(): void };
  onCall(listener: (call: RecordedCall) => void): void;
}

export function authority({ region, accountId }: { region: string; accountId: string }): Authority {
  const signers = new Map<string, Credentials & { caller: Caller }>();
  const resourcePolicies = new Map<string, readonly Statement[]>();
  const listeners: ((call: RecordedCall) => void)[] = [];

  const refusalOf = (ask: Ask, { arn, statements }: Caller): string | undefined => {
    if (statements === "administrator") return undefined;
    const policy = resourcePolicies.get(policyHolder(ask.resource)) ?? [];
    const { allowed, reason } = judge({ ...ask, principalArn: arn }, statements, policy);
    if (allowed) return undefined;
    return `User: ${asUser(arn)} is not authorized to perform: ${ask.action} on resource: ${ask.resource} ${reason}`;
  };

  return {
    addPrincipal({ name, roleArn, accessKeyId, secretAccessKey, sessionToken, policies }) {
      const isAdministrator = policies === "administrator";
      const statements = isAdministrator ? policies : policies.flatMap((document) => readPolicy(document, "identity"));
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
      signers.set(accessKeyId, { ...credentials, caller: { name, arn: roleArn, statements } });
    },
    setResourcePolicy(resourceArn, document) {
      resourcePolicies.set(resourceArn, readPolicy(document, "resource"));
    },
    signerOf: (accessKeyId) => signers.get(accessKeyId),
    judge(ask, caller) {
      const conditionKeys = {
        ...ask.conditionKeys,
        "aws:SecureTransport": ["true"],
        "aws:PrincipalArn": [caller.arn],
        "aws:PrincipalAccount": [accountId],
        "aws:ResourceAccount": [accountId],
        "aws:RequestedRegion": [region],
      };
      const refusal = refusalOf({ ...ask, conditionKeys }, caller);
      const record = () => {
        const { action, resource, readUnits = 0, writeUnits = 0 } = ask;
        const service = action.slice(0, action.indexOf(":")) as ServiceName;
        const allowed = refusal === undefined;
        const call = {
          principal: caller.name,
          service,
          action,
          resource,
          conditionKeys,
          allowed,
          readUnits,
          writeUnits,
        };
        for (const listener of listeners) listener(call);
      };
      return { refusal, record };
    },
    onCall: (listener) => listeners.push(listener),
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
