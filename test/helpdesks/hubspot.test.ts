import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("hubspot", {
  settings: {
    channelId: "1042",
    channelAccounts: { whatsapp: "2001", sms: "2002" },
    appId: "3003",
    portalId: "8000001",
  },
  secrets: {
    accessToken: "pat-na1-token",
    clientSecret: "00000000-client-secret",
    pathToken: "unguessable-path-token",
  },
});
