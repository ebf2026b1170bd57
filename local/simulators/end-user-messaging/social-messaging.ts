/**
 * AWS End User Messaging Social on the loopback: WhatsApp by AWS's API, with Meta's rules behind it. Signature and
 * permissions are the gateway's to check.
 */
import { createHash, randomUUID } from "node:crypto";
import * as z from "zod";
import { accountIdOf, createWhatsApp, type News, type PhoneNumber, userIdOf } from "../graph/whatsapp.ts";
import { WhatsAppWriting } from "../graph/whatsapp-elements.ts";
import { type Answer, type Incoming, parseJson, type Reaction, type Server } from "../http.ts";
import { control, ok, startSimulator, type Vendor, type World, wrong } from "../simulator.ts";
import { awsError, type Publishing, publication, type ServicePlace } from "./service.ts";

interface LinkedNumber extends PhoneNumber, Publishing {
  /** AWS's own id of the number: `phone-number-id-<id>`, or the ARN. */
  originationPhoneNumberId: string;
}

export interface SocialMessagingOptions {
  /** A free one by default. */
  port?: number;
  place: ServicePlace;
  numbers: LinkedNumber[];
  /** When a message is sent, delivered and read, in ms after it was taken. */
  receiptsAfterMs?: readonly number[];
}

/** 2,048,000 bytes at most, before base64. */
const LARGEST_MESSAGE = 2_048_000;
const SendBody = z.looseObject({
  originationPhoneNumberId: z.string().min(1).max(100),
  metaApiVersion: z.string().regex(/^v\d+\.\d+$/),
  message: z.base64(),
});
const MediaBody = z.looseObject({
  mediaId: z.string().min(1),
  originationPhoneNumberId: z.string().min(1).max(100),
  metadataOnly: z.boolean().default(false),
  /** A signed link to write to. A place named by bucket and key is not played. */
  destinationS3PresignedUrl: z.object({ url: z.url(), headers: z.record(z.string(), z.string()) }).optional(),
});
const Given = z.strictObject({ phoneNumberId: z.string().optional(), message: z.unknown() });

/** Codes of Meta's that say that too much was sent. */
const TOO_MUCH = new Set([4, 80007, 130429, 131056]);
const MetaFault = z.object({ error: z.object({ code: z.number(), message: z.string() }) });

/** @throws when the port is taken */
export async function startSocialMessagingSimulator(options: SocialMessagingOptions): Promise<Server> {
  const isCustomer = (key: string, spelling: string) => key === spelling || key === userIdOf(spelling);
  return startSimulator(options.port ?? 0, isCustomer, (world) => socialMessaging(world, options));
}

function socialMessaging(world: World, { place, numbers, receiptsAfterMs }: SocialMessagingOptions): Vendor {
  const { accountId, sns } = place;
  const arn = (resource: string) => `arn:aws:social-messaging:${sns.region}:${accountId}:${resource}`;
  const accountArn = (number: LinkedNumber) =>
    arn(`waba/${createHash("md5").update(accountIdOf(number)).digest("hex")}`);

  const deliver = (number: LinkedNumber, { entry, customer, about }: News) => {
    const numberArn = arn(`phone-number-id/${idOf(number.originationPhoneNumberId)}`);
    const message = {
      context: {
        MetaWabaIds: [{ wabaId: accountIdOf(number), arn: accountArn(number) }],
        MetaPhoneNumberIds: [{ metaPhoneNumberId: number.id, arn: numberArn }],
      },
      whatsAppWebhookEntry: JSON.stringify(entry),
      aws_account_id: accountId,
      message_timestamp: new Date().toISOString().replace("Z", "000000Z"),
      messageId: randomUUID(),
    };
    const { topicArn } = number;
    return world.webhooks.deliver(
      publication(place, { topicArn, sourceArn: accountArn(number), message, customer, about }),
    );
  };
  const whatsapp = createWhatsApp<LinkedNumber>({
    world,
    receiptsAfterMs: receiptsAfterMs ?? [20, 60, 120],
    deliver,
  });

  const numberOf = (named: string) =>
    numbers.find(({ originationPhoneNumberId }) => idOf(originationPhoneNumberId) === idOf(named));

  async function send(body: unknown): Promise<Reaction> {
    const checked = SendBody.safeParse(body);
    if (!checked.success) return invalid(checked.error);
    const { originationPhoneNumberId: id, metaApiVersion: version } = checked.data;
    const number = numberOf(id);
    if (!number) return unknownNumber(id);
    const bytes = Buffer.from(checked.data.message, "base64");
    const message = parseJson(bytes.toString("utf8"));
    if (bytes.length > LARGEST_MESSAGE || typeof message !== "object" || message === null || Array.isArray(message)) {
      return awsError(400, "InvalidParametersException", { message: "message is not a WhatsApp message object." });
    }
    return inAwsWords(await whatsapp.send(number, version, message as Record<string, unknown>));
  }

  /** Fetches the file from Meta and writes it where the caller says. */
  async function getMedia(body: unknown): Promise<Answer> {
    const checked = MediaBody.safeParse(body);
    if (!checked.success) return invalid(checked.error);
    const { mediaId, originationPhoneNumberId, metadataOnly, destinationS3PresignedUrl: link } = checked.data;
    if (!numberOf(originationPhoneNumberId)) return unknownNumber(originationPhoneNumberId);
    const gone = awsError(400, "InvalidParametersException", {
      message: `(#100) Unsupported get request. Object with ID '${mediaId}' does not exist`,
    });
    const file = world.files.find(mediaId);
    if (!file) return gone;
    const metadata = ok({ mimeType: file.contentType, fileSize: file.bytes.length });
    if (metadataOnly) return metadata;
    if (!link) return awsError(400, "ValidationException", { message: "A destination is required." });
    const given = await world.files.give(file, gone);
    if (!Buffer.isBuffer(given.body)) return given;
    const { url, headers } = link;
    const written = await fetch(url, { method: "PUT", headers, body: new Uint8Array(given.body) });
    if (written.ok) return metadata;
    return awsError(403, "AccessDeniedException", { message: `S3 answered ${written.status} to the link.` });
  }

  async function api({ method, path, body }: Incoming): Promise<Reaction> {
    switch (`${method} ${path}`) {
      case "POST /v1/whatsapp/send":
        return send(parseJson(body));
      case "POST /v1/whatsapp/media/get":
        return getMedia(parseJson(body));
      default:
        return awsError(404, "UnknownOperationException", { message: `${method} ${path} is not played here.` });
    }
  }

  return {
    api,
    // AWS fetches the file itself: what else may go wrong with a link is none of its caller's.
    impossible: ["file_not_ready", "link_inside", "page_for_file", "file_announced_huge", "endless_file"],
    readBody: ({ body }) => readable(parseJson(body)) ?? body,
    controls: {
      messages: control(WhatsAppWriting, (writing) => {
        const number = numbers.find(({ id }) => id === writing.phoneNumberId);
        return number
          ? whatsapp.write(number, writing)
          : wrong(`phoneNumberId: there is no number ${writing.phoneNumberId}`);
      }),
      notifications: control(Given, async ({ phoneNumberId, message }) => {
        const number = numbers.find(({ id }) => phoneNumberId === undefined || id === phoneNumberId);
        if (!number) return wrong(`phoneNumberId: there is no number ${phoneNumberId}`);
        const { topicArn } = number;
        const about = { customer: "", about: "message" as const };
        await world.webhooks.deliver(
          publication(place, { topicArn, sourceArn: accountArn(number), message, ...about }),
        );
        return ok({});
      }),
    },
  };
}

function unknownNumber(id: string): Answer {
  return awsError(404, "ResourceNotFoundException", { message: `The phone number ${id} was not found.` });
}

function invalid({ issues }: z.ZodError): Answer {
  const [issue] = issues;
  const message = `1 validation error detected: Value at '${issue?.path.join(".")}' failed to satisfy constraint: ${issue?.message}`;
  return awsError(400, "ValidationException", { message });
}

/** What an ARN and the API's id have in common. */
function idOf(named: string): string {
  return named.slice(named.lastIndexOf("/") + 1).replace(/^phone-number-id-/, "");
}

/** AWS gives an id of its own, not Meta's, and turns Meta's refusals into exceptions with Meta's words. */
function inAwsWords(reaction: Reaction): Reaction {
  if (typeof reaction === "string") return reaction;
  if (reaction.status < 300) return ok({ messageId: randomUUID() });
  const { code, message } = MetaFault.parse(reaction.body).error;
  const answer: Answer = TOO_MUCH.has(code)
    ? awsError(429, "ThrottledRequestException", { message })
    : reaction.status >= 500
      ? awsError(502, "DependencyException", { message })
      : awsError(400, "InvalidParametersException", { message });
  return { ...answer, headers: { ...reaction.headers, ...answer.headers } };
}

/** With the message in clear, for whoever looks at the requests. */
function readable(body: unknown): unknown {
  const sent = SendBody.safeParse(body);
  if (!sent.success) return body;
  const message = Buffer.from(sent.data.message, "base64").toString("utf8");
  return { ...sent.data, message: parseJson(message) ?? message };
}
