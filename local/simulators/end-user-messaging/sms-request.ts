/**
 * What SendTextMessage and SendMediaMessage take, and how AWS words what they do not
 * (https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html).
 */
import { SegmentedMessage } from "sms-segments-calculator";
import * as z from "zod";
import type { Answer } from "../http.ts";
import { awsError } from "./service.ts";

const common = {
  DestinationPhoneNumber: z.string().regex(/^\+?[1-9][0-9]{1,18}$/),
  ConfigurationSetName: z
    .string()
    .regex(/^[A-Za-z0-9_:/-]{1,256}$/)
    .optional(),
  MaxPrice: z
    .string()
    .regex(/^[0-9]{0,2}\.[0-9]{1,5}$/)
    .optional(),
  TimeToLive: z.number().int().min(5).max(259_200).optional(),
  Context: z
    .record(z.string().regex(/^\S{1,100}$/), z.string().regex(/^(?!\s)[\s\S]{1,800}(?<!\s)$/))
    .refine((context) => Object.keys(context).length <= 5, "at most 5 entries")
    .optional(),
  DryRun: z.boolean().optional(),
};
const identity = z.string().regex(/^[A-Za-z0-9_:/+-]{1,256}$/);
const body = z.string().min(1).max(1600);

const TextBody = z.looseObject({
  ...common,
  OriginationIdentity: identity.optional(),
  MessageBody: body,
  MessageType: z.enum(["TRANSACTIONAL", "PROMOTIONAL"]).optional(),
});
const MediaBody = z.looseObject({
  ...common,
  OriginationIdentity: identity,
  MessageBody: body.optional(),
  MediaUrls: z
    .array(z.string().regex(/^s3:\/\/[a-z0-9.-]{3,63}\/.{1,1024}$/))
    .min(1)
    .max(1),
});

export interface SmsSend {
  kind: "TEXT" | "MEDIA";
  /** E.164. */
  to: string;
  identity: string | undefined;
  text: string;
  configurationSet: string | undefined;
  context: Record<string, string>;
  isDryRun: boolean;
  type: string;
  /** `s3://<bucket>/<key>`, of an MMS. */
  file: string | undefined;
  encoding: "GSM" | "Unicode";
  parts: number;
  /** As it came. */
  input: object;
}

export function checkSms(kind: SmsSend["kind"], input: unknown): { send: SmsSend } | { refused: Answer } {
  const checked = kind === "TEXT" ? TextBody.safeParse(input) : MediaBody.safeParse(input);
  if (!checked.success) return { refused: invalid(checked.error) };
  const { DestinationPhoneNumber: to, MessageBody: text = "", Context: context = {}, DryRun = false } = checked.data;
  const { numberOfSegments, encodingName } = segmentsOf(text);
  return {
    send: {
      kind,
      to: `+${to.replace("+", "")}`,
      identity: checked.data.OriginationIdentity,
      text,
      configurationSet: checked.data.ConfigurationSetName,
      context,
      isDryRun: DryRun,
      type: "MessageType" in checked.data ? (checked.data.MessageType as string) : "TRANSACTIONAL",
      file: "MediaUrls" in checked.data ? (checked.data.MediaUrls as string[])[0] : undefined,
      encoding: encodingName,
      parts: kind === "TEXT" ? numberOfSegments : 1,
      input: checked.data,
    },
  };
}

/** A file of the account, as S3 tells of it. */
export interface StoredFile {
  contentType: string;
  /** Bytes. */
  size: number;
}

/** What AWS calls a file that it cannot send (https://docs.aws.amazon.com/sms-voice/latest/userguide/mms-limitations-character.html). */
export function fileFault(file: StoredFile | undefined): string | undefined {
  if (!file) return "FILE_INACCESSIBLE";
  const [, kind] = /^(image|audio|video)\//.exec(file.contentType) ?? [];
  if (kind === undefined) return "FILE_TYPE_UNSUPPORTED";
  return file.size > (kind === "image" ? LARGEST_PICTURE : LARGEST_OTHER) ? "FILE_SIZE_EXCEEDED" : undefined;
}
const LARGEST_PICTURE = 2_000_000;
const LARGEST_OTHER = 600_000;

function segmentsOf(text: string): { numberOfSegments: number; encodingName: "GSM" | "Unicode" } {
  const message = new SegmentedMessage(text);
  return {
    numberOfSegments: message.segmentsCount,
    encodingName: message.encodingName === "GSM-7" ? "GSM" : "Unicode",
  };
}

/** A field that is missing, or the first that is wrong. */
export function invalid({ issues }: z.ZodError): Answer {
  const Fields = issues.map(({ path, message }) => ({ Name: path.join("."), Message: message }));
  const isMissing = issues.some(({ code, message }) => code === "invalid_type" && /undefined/.test(message));
  const tooLong = issues.find(({ code }) => code === "too_big");
  const Reason = isMissing ? "MISSING_PARAMETER" : tooLong ? "MAXIMUM_SIZE_EXCEEDED" : "INVALID_PARAMETER";
  return awsError(400, "ValidationException", { Message: `${Fields[0]?.Name}: ${Fields[0]?.Message}`, Reason, Fields });
}
