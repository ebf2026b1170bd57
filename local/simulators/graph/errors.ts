/**
 * Meta's error bodies. Codes, subcodes and HTTP statuses as the Graph API's and the two channels' error references
 * list them.
 */
import { randomBytes } from "node:crypto";
import type { Answer } from "../http.ts";

interface Fault {
  status?: number;
  type?: string;
  code: number;
  subcode?: number;
  message: string;
  /** WhatsApp only: `error_data.details`. */
  details?: string;
}

export function metaError({ status = 400, type = "OAuthException", code, subcode, message, details }: Fault): Answer {
  return {
    status,
    body: {
      error: {
        message,
        type,
        code,
        ...(subcode !== undefined && { error_subcode: subcode }),
        ...(details !== undefined && { error_data: { messaging_product: "whatsapp", details } }),
        fbtrace_id: `A${randomBytes(16).toString("base64url")}`,
      },
    },
  };
}

export const badToken: Fault = {
  status: 401,
  code: 190,
  message: "Invalid OAuth access token - Cannot parse access token",
};

export const invalidJson: Fault = { code: 100, message: "(#100) The request body is not valid JSON" };

export const unknownError: Fault = { status: 500, code: 1, message: "An unknown error has occurred." };

/** Messenger and Instagram fetch a file before they answer. */
export const unfetchedFile: Fault = {
  code: 100,
  subcode: 2018008,
  message: "(#100) Failed to fetch the file from the url",
};

export const wrongFileType: Fault = {
  code: 100,
  subcode: 2018047,
  message: "(#100) Upload attachment failure: the file is not of the type that was named",
};

export function unknownPath(path: string): Fault {
  return { code: 2500, message: `Unknown path components: ${path}` };
}

export function unknownObject(id: string): Fault {
  return {
    type: "GraphMethodException",
    code: 100,
    subcode: 33,
    message: `Unsupported post request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
  };
}

export function unknownMedia(id: string): Fault {
  const { message, ...fault } = unknownObject(id);
  return { ...fault, message: message.replace("post", "get") };
}

/** Titles of the codes that a status or a refusal may carry. */
const WHATSAPP_TITLES: Record<number, string> = {
  4: "Application request limit reached",
  80007: "Rate limit issues",
  130429: "Rate limit hit",
  131026: "Message undeliverable",
  131047: "Re-engagement message",
  131053: "Media upload error",
  131049: "This message was not delivered to maintain healthy ecosystem engagement.",
  131056: "(Business Account, Consumer Account) pair rate limit hit",
};

const WHATSAPP_DETAILS: Record<number, string> = {
  131026: "Message Undeliverable.",
  131047:
    "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
  131053: "The file could not be fetched from its link, or is of a type or size that is not taken.",
  131056:
    "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.",
};

/** What WhatsApp says with a code, in a refusal and in a `failed` status alike. */
export function whatsappFault(code: number): { code: number; title: string; message: string; details: string } {
  const title = WHATSAPP_TITLES[code] ?? "Something went wrong";
  return { code, title, message: `(#${code}) ${title}`, details: WHATSAPP_DETAILS[code] ?? title };
}
