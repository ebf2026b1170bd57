import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("gorgias", {
  settings: { domain: "acme", email: "recado@acme.example", integrationUserId: 6001 },
  secrets: { apiKey: "key-of-the-integration", webhookSecret: "word-of-the-integration" },
});
