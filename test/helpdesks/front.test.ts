import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("front", {
  settings: { appId: "0a1b2c3d4e5f60718293", channels: "cha_55c8c149" },
  secrets: { appSecret: "front-app-secret-0123456789abcdef", apiToken: "front-api-token" },
});
