import { connectorContract } from "./connector-contract.ts";

connectorContract("sms-telnyx", {
  accepted: (id) => ({ status: 200, body: { data: { id, record_type: "message" } } }),
});
