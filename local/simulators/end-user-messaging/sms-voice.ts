/**
 * AWS End User Messaging SMS on the loopback: sends by AWS's API, opt-out lists, events of a configuration set and messages
 * of customers, both by a topic. Signature and permissions are the gateway's to check.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type Answer, type Incoming, parseJson, type Reaction, type Server } from "../http.ts";
import { isSameNumber } from "../phones.ts";
import { sendReceipts } from "../receipts.ts";
import { control, ok, startSimulator, type Vendor, type World, withSendFaults, wrong } from "../simulator.ts";
import { createOptOutList, type OptOutList } from "./opt-outs.ts";
import { awsError, type Publishing, publication, type ServicePlace } from "./service.ts";
import { checkSms, fileFault, invalid, type SmsSend, type StoredFile } from "./sms-request.ts";

interface SmsNumber extends Publishing {
  /** E.164, a short code or a sender id: what customers see. */
  number: string;
  /** Its id, ARN or pool, where it is sent by one. */
  identity?: string;
  /** Whose events are published. */
  configurationSet?: string;
}

export interface SmsVoiceOptions {
  /** A free one by default. */
  port?: number;
  place: ServicePlace;
  /** All are on the opt-out list `Default`. */
  numbers: SmsNumber[];
  /** What lies at `s3://<bucket>/<key>`, if anything does. */
  fileAt(url: string): Promise<StoredFile | undefined>;
  /** When a message is queued, on its way and delivered, in ms after it was taken. */
  receiptsAfterMs?: readonly number[];
}

const Writing = z.strictObject({
  /** A number of the account. */
  to: z.string(),
  from: z.string().regex(/^\+\d{7,15}$/),
  text: z.string().min(1).max(1600),
  /** What customers can do: files do not come through. */
  kind: z.literal("text").default("text"),
});
const Given = z.strictObject({ to: z.string().optional(), message: z.unknown() });
const ListBody = z.looseObject({
  OptOutListName: z.string(),
  OptedOutNumber: z.string().optional(),
  OptedOutNumbers: z.array(z.string()).max(5).optional(),
});

const DEFAULT_LIST = "Default";
/** What AWS says of each, in `messageStatusDescription`. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  QUEUED: "Message has been queued",
  PENDING: "Message hasn't yet been delivered to the carrier",
  DELIVERED: "Message has been accepted by phone",
  BLOCKED: "Phone carrier has blocked this message",
  CARRIER_UNREACHABLE: "Phone carrier is currently unreachable/unavailable",
  INVALID: "The destination phone number is invalid",
  TTL_EXPIRED: "The time to live of the message has passed",
};
/** What a `failed` fault is by its code, since AWS has words for it. */
const FAILURES: Readonly<Record<number, string>> = { 1: "BLOCKED", 2: "INVALID", 3: "TTL_EXPIRED" };

/** @throws when the port is taken */
export async function startSmsVoiceSimulator(options: SmsVoiceOptions): Promise<Server> {
  return startSimulator(options.port ?? 0, isSameNumber, (world) => smsVoice(world, options));
}

function smsVoice(world: World, options: SmsVoiceOptions): Vendor {
  const { place, numbers, fileAt, receiptsAfterMs = [20, 40, 120] } = options;
  const { accountId, sns } = place;
  const arn = (resource: string) => `arn:aws:sms-voice:${sns.region}:${accountId}:${resource}`;
  const optOuts = createOptOutList();

  function tell(
    number: SmsNumber,
    news: { sourceArn: string; message: object; customer: string; about: "message" | "receipt" },
  ) {
    return world.webhooks.deliver(publication(place, { ...news, topicArn: number.topicArn }));
  }

  async function send(kind: SmsSend["kind"], body: unknown): Promise<Reaction> {
    const { DestinationPhoneNumber: customer } = z
      .looseObject({ DestinationPhoneNumber: z.string() })
      .catch({ DestinationPhoneNumber: "" })
      .parse(body);
    return withSendFaults(world.faults, customer, {
      throttled: (_, status = 400) => awsError(status, "ThrottlingException", { Message: "Rate exceeded" }),
      broken: awsError(500, "InternalServerException", {
        Message: "An internal error occurred",
        RequestId: randomUUID(),
      }),
      accept: async () => {
        const checked = checkSms(kind, body);
        if ("refused" in checked) return checked.refused;
        const number = senderOf(checked.send.identity);
        if (!number) return notFound("phone-number", checked.send.identity ?? "");
        const { configurationSet: set } = checked.send;
        if (set !== undefined && number.configurationSet !== set) return notFound("configuration-set", set);
        if (optOuts.has(checked.send.to)) {
          return awsError(400, "ConflictException", {
            Message: "The destination phone number is opted out.",
            Reason: "DESTINATION_PHONE_NUMBER_OPTED_OUT",
            ResourceType: "opted-out-number",
            ResourceId: checked.send.to,
          });
        }
        return checked.send.isDryRun ? ok({ MessageId: randomUUID() }) : accept(number, checked.send);
      },
    });
  }

  /** Without an identity AWS takes a number of the account that fits. */
  function senderOf(identity: string | undefined): SmsNumber | undefined {
    const plain = (named: string) => named.replace(/^\+/, "");
    return numbers.find(
      ({ number, identity: own }) =>
        identity === undefined || plain(number) === plain(identity) || (own !== undefined && own === identity),
    );
  }

  async function accept(number: SmsNumber, send: SmsSend): Promise<Answer> {
    const { to: customer, text, kind, configurationSet } = send;
    const id = randomUUID();
    const taken = Date.now();
    const ordered = world.faults.take("failed", { customer });
    const failure =
      (ordered && (FAILURES[ordered.code ?? 0] ?? "CARRIER_UNREACHABLE")) ??
      (send.file === undefined ? undefined : fileFault(await fileAt(send.file)));
    const got = failure
      ? undefined
      : world.phones.get({ id, customer, from: number.number, text, message: send.input, status: "QUEUED" });
    const last = failure ?? "DELIVERED";
    const steps = ["QUEUED", "PENDING", last].map((word) => ({
      reach: () => got && world.phones.reach(got, word),
      tell: async () => {
        // Nobody is told where the send names no configuration set.
        if (configurationSet === undefined) return;
        const message = {
          eventType: `${kind}_${word}`,
          eventVersion: "1.0",
          eventTimestamp: Date.now(),
          isFinal: word === last,
          originationPhoneNumber: number.number,
          destinationPhoneNumber: customer,
          isoCountryCode: "PT",
          messageId: id,
          messageRequestTimestamp: taken,
          messageEncoding: send.encoding,
          messageType: send.type,
          messageStatus: word,
          messageStatusDescription: DESCRIPTIONS[word] ?? word,
          context: send.context,
          totalMessageParts: send.parts,
          totalMessagePrice: 0.0337 * send.parts,
          totalCarrierFee: 0,
        };
        const sourceArn = arn(`configuration-set/${configurationSet}`);
        await tell(number, { sourceArn, message, customer, about: "receipt" });
      },
    }));
    await sendReceipts(steps, { customer, afterMs: receiptsAfterMs, faults: world.faults, closing: world.closing });
    return ok({ MessageId: id });
  }

  function write({ to, from, text }: z.output<typeof Writing>): Answer {
    const number = numbers.find((one) => one.number === to);
    if (!number) return wrong(`to: ${to} is no number of any account`);
    const id = randomUUID();
    const { keyword, answer } = optOuts.hear(from, text);
    if (answer !== undefined) {
      const told = { id: randomUUID(), customer: from, from: to, text: answer };
      world.phones.get({ ...told, message: { MessageBody: answer }, status: "DELIVERED" });
    }
    const previous = world.phones.list({ customer: from, after: 0 }).at(-1)?.id;
    const message = {
      originationNumber: from,
      destinationNumber: to,
      messageKeyword: keyword,
      messageBody: text,
      inboundMessageId: id,
      ...(previous !== undefined && { previousPublishedMessageId: previous }),
    };
    void tell(number, { sourceArn: sourceOf(number), message, customer: from, about: "message" });
    return ok({ ids: [id] });
  }

  const sourceOf = ({ number }: SmsNumber) => arn(`phone-number/phone-${number.replace("+", "")}`);

  async function api(request: Incoming): Promise<Reaction> {
    const operation = request.headers["x-amz-target"]?.replace("PinpointSMSVoiceV2.", "") ?? "";
    const body = parseJson(request.body);
    switch (operation) {
      case "SendTextMessage":
        return send("TEXT", body);
      case "SendMediaMessage":
        return send("MEDIA", body);
      case "DescribeOptedOutNumbers":
      case "PutOptedOutNumber":
      case "DeleteOptedOutNumber":
        return aboutOptOuts(operation, body, { list: optOuts, arn });
      default:
        return awsError(400, "UnknownOperationException", { Message: `${operation} is not played here.` });
    }
  }

  return {
    api,
    // SMS may be sent at any time.
    impossible: ["expired_window"],
    readBody: ({ body }) => parseJson(body) ?? body,
    controls: {
      messages: control(Writing, write),
      notifications: control(Given, async ({ to, message }) => {
        const number = numbers.find((one) => to === undefined || one.number === to);
        if (!number) return wrong(`to: ${to} is no number of any account`);
        const about = { customer: "", about: "message" as const };
        await tell(number, { sourceArn: sourceOf(number), message: message as object, ...about });
        return ok({});
      }),
    },
  };
}

/** The three calls on the one opt-out list that there is. */
function aboutOptOuts(
  operation: "DescribeOptedOutNumbers" | "PutOptedOutNumber" | "DeleteOptedOutNumber",
  body: unknown,
  { list, arn }: { list: OptOutList; arn: (resource: string) => string },
): Answer {
  const checked = ListBody.safeParse(body);
  if (!checked.success) return invalid(checked.error);
  const { OptOutListName: name, OptedOutNumber: number = "", OptedOutNumbers: asked } = checked.data;
  if (name !== DEFAULT_LIST && !name.endsWith(`/${DEFAULT_LIST}`)) return notFound("opt-out-list", name);
  const about = { OptOutListArn: arn(`opt-out-list/${DEFAULT_LIST}`), OptOutListName: DEFAULT_LIST };
  if (operation === "DescribeOptedOutNumbers") {
    return ok({ ...about, OptedOutNumbers: list.all().filter((one) => !asked || asked.includes(one.OptedOutNumber)) });
  }
  const one = operation === "PutOptedOutNumber" ? list.add(number, false) : list.remove(number);
  return one ? ok({ ...about, ...one }) : notFound("opted-out-number", number);
}

function notFound(ResourceType: string, ResourceId: string): Answer {
  return awsError(404, "ResourceNotFoundException", {
    Message: `The ${ResourceType} ${ResourceId} was not found.`,
    ResourceType,
    ResourceId,
  });
}
