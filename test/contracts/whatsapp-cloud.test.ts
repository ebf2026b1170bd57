import { connectorContract } from "./connector-contract.ts";
import { metaElements } from "./meta-elements.ts";

const inner = ["messages", "message_echoes", "statuses", "errors"];
const elementsIn = metaElements(["changes"], { fields: ["messages", "smb_message_echoes"], inner });
connectorContract("whatsapp-cloud", { elementsIn, accepted: (id) => ({ status: 200, body: { messages: [{ id }] } }) });
