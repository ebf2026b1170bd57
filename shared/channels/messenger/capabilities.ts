import type { Capabilities } from "../connector.ts";

/** Text up to 2,000 characters, free replies for 24 hours. Our correlation comes back with the echo of a send. */
export const capabilities: Capabilities = {
  text: { level: "full", longest: 2000 },
  windowHours: 24,
  receipts: ["sent", "delivered", "read"],
  correlates: true,
};
