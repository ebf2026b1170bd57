import { connectorContract } from "./connector-contract.ts";

connectorContract("sms-twilio", { accepted: (sid) => ({ status: 201, body: { sid, status: "queued" } }) });
