import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("libredesk", {
  settings: { baseUrl: "https://desk.example.com", inboxes: "7f1f2c1a-1b57-4a6e-9a6d-3c7f0e6f2b11" },
  secrets: { apiKey: "key", apiSecret: "secret", inboxSecret: "inbox secret", webhookSecret: "webhook secret" },
});
