import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("chatwoot", {
  settings: { baseUrl: "https://chatwoot.example.com", accountId: 1, inbox: { id: 7, identifier: "inbox-identifier" } },
  secrets: { apiToken: "user-token", webhookSecret: "inbox-secret" },
});
