/**
 * AWS End User Messaging behind the gateway: WhatsApp (`social-messaging`) and SMS (`sms-voice`). Who calls and whether the
 * caller may is said here; everything else is the business of the simulator that stands for the service.
 */
import * as z from "zod";
import {
  type Answer,
  type AwsRequest,
  bodyOf,
  Interrupted,
  isRefusal,
  type Operation,
  operationOf,
  type Refusal,
  type Service,
} from "./service.ts";
import type { Upstream } from "./upstream.ts";

interface Place {
  region: string;
  accountId: string;
}

/** The server that stands for the service, once there is one. */
export type Behind = () => Upstream | undefined;

const SocialBody = z.looseObject({ originationPhoneNumberId: z.string().default("*") });

/** Source: the API reference of AWS End User Messaging Social. */
const SOCIAL_OPERATIONS: Readonly<Record<string, string>> = {
  "POST /v1/whatsapp/send": "SendWhatsAppMessage",
  "POST /v1/whatsapp/media/get": "GetWhatsAppMessageMedia",
};

export function socialMessagingService(behind: Behind, { region, accountId }: Place): Service {
  return {
    name: "social-messaging",
    protocol: "rest-json",
    async prepare(request) {
      const operation = SOCIAL_OPERATIONS[`${request.method} ${request.path}`];
      if (!operation) return unknownOperation(`${request.method} ${request.path}`);
      const body = bodyOf(request, SocialBody);
      if (isRefusal(body)) return body;
      const { originationPhoneNumberId: named } = body;
      const id = named.replace(/^phone-number-id-/, "");
      const own = `arn:aws:social-messaging:${region}:${accountId}:phone-number-id/${id}`;
      const resource = named.startsWith("arn:") ? named : own;
      const asks = [{ action: `social-messaging:${operation}`, resource, conditionKeys: {} }];
      return { asks, perform: () => passOn(request, behind()) };
    },
  };
}

const SmsBody = z.looseObject({
  OriginationIdentity: z.string().optional(),
  OptOutListName: z.string().optional(),
  MediaUrls: z.array(z.string()).default([]),
});

const SMS_TARGET = "PinpointSMSVoiceV2";

export function smsVoiceService(behind: Behind, { region, accountId }: Place): Service {
  const own = (resource: string) => `arn:aws:sms-voice:${region}:${accountId}:${resource}`;
  const resourceOf = ({ OriginationIdentity: identity, OptOutListName: list }: z.output<typeof SmsBody>) => {
    if (list !== undefined) return list.startsWith("arn:") ? list : own(`opt-out-list/${list}`);
    if (identity === undefined) return own("phone-number/*");
    if (identity.startsWith("arn:")) return identity;
    if (identity.startsWith("pool-")) return own(`pool/${identity}`);
    if (identity.startsWith("phone-")) return own(`phone-number/${identity}`);
    // AWS gives every number an id of its own; here it is made of the number.
    return /^\+?\d+$/.test(identity)
      ? own(`phone-number/phone-${identity.replace("+", "")}`)
      : own(`sender-id/${identity}/PT`);
  };
  return {
    name: "sms-voice",
    protocol: "json",
    async prepare(request): Promise<Operation | Refusal> {
      const operation = operationOf(request, SMS_TARGET);
      if (typeof operation !== "string") return operation;
      const body = bodyOf(request, SmsBody);
      if (isRefusal(body)) return body;
      // The service reads the caller's files as the caller.
      const files = body.MediaUrls.filter((url) => url.startsWith("s3://")).map((url) => url.slice("s3://".length));
      const asks = [
        { action: `sms-voice:${operation}`, resource: resourceOf(body), conditionKeys: {} },
        ...files.map((file) => ({ action: "s3:GetObject", resource: `arn:aws:s3:::${file}`, conditionKeys: {} })),
      ];
      return { asks, perform: () => passOn(request, behind()) };
    },
  };
}

async function passOn(request: AwsRequest, upstream: Upstream | undefined): Promise<Answer | Refusal> {
  if (!upstream) return unknownOperation("of a service that no account of the configuration needs");
  const { method, path, body } = request;
  const { "content-type": contentType = "application/json", "x-amz-target": target } = request.headers;
  const headers = { "content-type": contentType, ...(target !== undefined && { "x-amz-target": target }) };
  try {
    const received = await upstream.send({ method, path, headers, body });
    const { "x-amzn-errortype": type, "retry-after": retryAfter } = received.headers;
    return {
      status: received.status,
      headers: {
        "content-type": contentType,
        ...(type !== undefined && { "x-amzn-errortype": type }),
        ...(retryAfter !== undefined && { "retry-after": retryAfter }),
      },
      body: received.body,
    };
  } catch (cause) {
    throw new Interrupted("the service broke off", { cause });
  }
}

function unknownOperation(what: string): Refusal {
  return { code: "UnknownOperationException", message: `The local run does not know ${what}.`, status: 404 };
}
