import type { Capabilities } from "../connector.ts";

/** Twilio takes bodies up to 1,600 characters and cuts them into segments; SMS knows no reply window. */
export const capabilities: Capabilities = {
  text: { level: "full", longest: 1600 },
  receipts: ["sent", "delivered", "read", "failed"],
  correlates: true,
};
