import "./aws-function.ts";
import { connectorContract } from "./connector-contract.ts";

connectorContract("sms-aws", { accepted: (id) => ({ status: 200, body: { MessageId: id } }) });
