import { deskTable } from "./table.ts";

deskTable({
  helpdesk: "hubspot",
  channelId: "1042",
  channelAccounts: "2001",
  appId: "3003",
});
