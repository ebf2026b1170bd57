import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("zendesk-messaging", {
  settings: { subdomain: "lojaazul", appId: "64f1c2a7be90d3f8417a5c02", switchboardIntegration: "zd:agentWorkspace" },
  secrets: { keyId: "app_64f1c2", keySecret: "s3cret-of-the-key", webhookSecret: "d1c9e8a07b6f4f0f9a3b5c7d2e4f6a81" },
});
