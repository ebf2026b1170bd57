import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("zendesk-tickets", {
  settings: { subdomain: "acme", email: "recado@acme.example", integrationUserId: 35_436 },
  secrets: { apiToken: "token-of-the-integration", webhookSecret: "secret-of-the-webhook" },
});
