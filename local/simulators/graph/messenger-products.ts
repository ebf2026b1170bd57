import type * as z from "zod";
import type { CustomerFile } from "../files.ts";
import type { Answer } from "../http.ts";
import { metaError } from "./errors.ts";
import { instagramUrl, messengerUrl } from "./files.ts";
import { type UtilityTemplate, utilityFault } from "./messenger-templates.ts";

/** In what Messenger and Instagram differ, for whoever sends and for whoever is told. */
export interface Product {
  /** `object` of the webhooks. */
  object: "page" | "instagram";
  /** Last part of the webhooks' path. */
  connector: "messenger" | "instagram";
  /** Why a text is not taken. */
  tooLong(text: string): string | undefined;
  /** What is wrong with a utility template. */
  templateFault(template: z.infer<typeof UtilityTemplate>): Answer | undefined;
  /** Subcodes of a closed window and of nobody's id. */
  subcodes: { window: number; unknownPerson: number };
  /** Whether it is told that a message was delivered. */
  tellsDelivery: boolean;
  /** Where it keeps a file. */
  fileUrl(file: CustomerFile): string;
  /** How it is told that a message was read. */
  read(message: { mid: string; timestamp: number }): object;
}

const LONGEST_TEXT = 2000;
const LONGEST_TEXT_BYTES = 1000;

export const messengerProduct: Product = {
  object: "page",
  connector: "messenger",
  tooLong: (text) =>
    text.length > LONGEST_TEXT
      ? `Length of param message[text] must be less than or equal to ${LONGEST_TEXT}`
      : undefined,
  templateFault: utilityFault,
  subcodes: { window: 2018278, unknownPerson: 2018001 },
  tellsDelivery: true,
  fileUrl: messengerUrl,
  read: ({ timestamp }) => ({ watermark: timestamp }),
};

export const instagramProduct: Product = {
  object: "instagram",
  connector: "instagram",
  tooLong: (text) =>
    Buffer.byteLength(text) > LONGEST_TEXT_BYTES
      ? `Length of param message[text] must be less than or equal to ${LONGEST_TEXT_BYTES} bytes`
      : undefined,
  templateFault: () => metaError({ code: 100, message: "(#100) Param message[template] is not valid" }),
  subcodes: { window: 2534022, unknownPerson: 2534014 },
  tellsDelivery: false,
  fileUrl: instagramUrl,
  read: ({ mid }) => ({ mid }),
};
