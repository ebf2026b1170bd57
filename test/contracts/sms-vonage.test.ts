import { connectorContract } from "./connector-contract.ts";

connectorContract("sms-vonage", { accepted: (id) => ({ status: 202, body: { message_uuid: id } }) });
