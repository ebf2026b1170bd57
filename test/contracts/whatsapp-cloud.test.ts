import { connectorContract } from "./connector-contract.ts";
import { metaElements } from "./meta-elements.ts";

const counters = [
  { fields: ["messages", "smb_message_echoes"], inner: ["messages", "message_echoes", "statuses", "errors"] },
  { fields: ["calls"], inner: ["calls"] },
  { fields: ["user_preferences"], inner: ["user_preferences"] },
  { fields: ["user_id_update"], inner: ["user_id_update"] },
].map((lists) => metaElements(["changes"], lists));

connectorContract("whatsapp-cloud", {
  elementsIn: (body) => Math.max(...counters.map((count) => count(body))),
  accepted: (id) => ({ status: 200, body: { messages: [{ id }] } }),
});
