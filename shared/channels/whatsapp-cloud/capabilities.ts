import type { Capabilities } from "../connector.ts";

/** Limits of the Cloud API: text up to 4,096 characters, free replies for 24 hours after the customer last wrote. */
export const capabilities: Capabilities = {
  text: { level: "full", longest: 4096 },
  windowHours: 24,
  receipts: ["sent", "delivered", "read", "played", "failed"],
  correlates: true,
};
