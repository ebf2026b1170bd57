import { connectorContract } from "./connector-contract.ts";
import { metaElements } from "./meta-elements.ts";

const elementsIn = metaElements(["messaging", "standby", "changes"]);
connectorContract("instagram", {
  elementsIn,
  accepted: (id) => ({ status: 200, body: { recipient_id: "1", message_id: id } }),
});
