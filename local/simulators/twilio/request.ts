/** What `Messages.json` takes of its form, and Twilio's refusals. What Twilio does not know of a form, it ignores. */
import type { WantedFile } from "../fetch-media.ts";
import type { Answer } from "../http.ts";
import { twilioError } from "./errors.ts";

export interface MessagingService {
  sid: string;
  numbers: string[];
}

export interface Send {
  to: string;
  from: string;
  /** The Messaging Service that picked the sender. */
  service?: string;
  body: string;
  mediaUrls: string[];
  statusCallback: string | undefined;
}

const LONGEST_BODY = 1600;
const MOST_MEDIA = 10;

export function checkSend(
  form: URLSearchParams,
  { numbers, services = [] }: { numbers: readonly string[]; services?: readonly MessagingService[] },
): { send: Send } | { refused: Answer } {
  const refused = (code: number, message: string) => ({ refused: twilioError(400, code, message) });
  const to = form.get("To") ?? "";
  const wanted = form.get("MessagingServiceSid");
  const service = services.find(({ sid }) => sid === wanted);
  const from = form.get("From") ?? service?.numbers[0] ?? "";
  const body = form.get("Body") ?? "";
  const mediaUrls = form.getAll("MediaUrl");
  const statusCallback = form.get("StatusCallback") ?? undefined;
  if (to === "") return refused(21604, "A 'To' phone number is required.");
  if (!isE164(to)) return refused(21211, `The 'To' number ${to} is not a valid phone number.`);
  if (wanted && !service) return refused(21701, `The Messaging Service ${wanted} does not exist.`);
  if (from === "") return refused(21603, "A 'From' phone number is required.");
  if (service && !service.numbers.includes(from)) {
    return refused(21712, `The 'From' phone number ${from} does not belong to the Messaging Service ${service.sid}.`);
  }
  if (!service && !numbers.includes(from)) {
    return refused(
      21606,
      `The 'From' phone number provided (${from}) is not a valid message-capable Twilio phone number for this destination.`,
    );
  }
  if (from === to) return refused(21266, `'To' and 'From' number cannot be the same: ${to}`);
  if (body === "" && mediaUrls.length === 0) return refused(21602, "Message body is required.");
  if ([...body].length > LONGEST_BODY) {
    return refused(21617, "The concatenated message body exceeds the 1600 character limit.");
  }
  if (mediaUrls.length > MOST_MEDIA || !mediaUrls.every((url) => /^https?:\/\//.test(url) && URL.canParse(url))) {
    return refused(21620, "Invalid media URL(s)");
  }
  if (statusCallback !== undefined && !isCallback(statusCallback)) {
    return refused(21609, `The 'StatusCallback' URL ${statusCallback} is not a valid URL.`);
  }
  return { send: { to, from, ...(service && { service: service.sid }), body, mediaUrls, statusCallback } };
}

/** The files of an MMS; pictures are fitted to the network, so that they may be larger. */
export function filesOf({ mediaUrls }: Send): WantedFile[] {
  return mediaUrls.map((url) => ({
    url,
    types: /^(image|audio|video|text)\/|^application\/pdf\b/,
    largestBytes: 5_000_000,
  }));
}

/** Twilio takes short codes and alphanumeric names as senders alone. */
function isE164(address: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(address);
}

function isCallback(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && !url.hostname.includes("_");
}
