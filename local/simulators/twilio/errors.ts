import type { MediaFault } from "../fetch-media.ts";
import type { Answer } from "../http.ts";

/** Twilio's error body; its codes are listed at twilio.com/docs/api/errors. */
export function twilioError(status: number, code: number, message: string): Answer {
  return {
    status,
    body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
  };
}

/** What status callbacks of a failure carry; the rest has no words of its own. */
export const ERROR_MESSAGES: Record<number, string> = {
  11200: "HTTP retrieval failure",
  12300: "Invalid Content-Type",
  30019: "Content size exceeds carrier limit",
  30003: "Unreachable destination handset",
  30005: "Unknown destination handset",
  30006: "Landline or unreachable carrier",
  30007: "Message filtered",
  30008: "Unknown error",
};

/** Of a message whose file could not be used. */
export const MEDIA_CODES: Record<MediaFault, number> = { unreachable: 11200, wrong_type: 12300, too_large: 30019 };
