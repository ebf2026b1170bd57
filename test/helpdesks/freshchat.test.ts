import { publicKeyOf } from "../../local/simulators/freshchat/keys.ts";
import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("freshchat", {
  settings: {
    domain: "acme",
    channelIds: "304d0a73-5135-4be6-9df3-7a4aa2a0d855",
    agentId: "1b8d2418-89a3-4de6-b93c-9f6557f13d04",
  },
  secrets: { apiToken: "token", publicKey: publicKeyOf("the contract") },
});
