import "./aws-function.ts";
import { connectorContract } from "./connector-contract.ts";
import { metaElements } from "./meta-elements.ts";

/** AWS wraps one entry of Meta's. */
interface Notification {
  Message?: { whatsAppWebhookEntry?: { changes?: unknown[] } };
}
const count = metaElements(["changes"], { fields: ["messages"], inner: ["messages", "statuses", "errors"] });

connectorContract("whatsapp-aws", {
  elementsIn: (body) =>
    count({ entry: [(body as Notification | null)?.Message?.whatsAppWebhookEntry].filter(isEntry) }),
  accepted: (id) => ({ status: 200, body: { messageId: id } }),
  withNeighbour: (body, element) => {
    const { Message: message } = body as Notification;
    const entry = message?.whatsAppWebhookEntry;
    const more = { ...entry, changes: [...(entry?.changes ?? []), element] };
    return { ...(body as Notification), Message: { ...message, whatsAppWebhookEntry: more } };
  },
});

function isEntry(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
