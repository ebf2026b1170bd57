import { deskTable } from "./table.ts";

deskTable({
  helpdesk: "freshchat",
  domain: "acme",
  channelIds: {
    whatsapp: "304d0a73-5135-4be6-9df3-7a4aa2a0d855",
    messenger: "304d0a73-5135-4be6-9df3-7a4aa2a0d856",
    instagram: "304d0a73-5135-4be6-9df3-7a4aa2a0d857",
    sms: "304d0a73-5135-4be6-9df3-7a4aa2a0d858",
    branch: "304d0a73-5135-4be6-9df3-7a4aa2a0d859",
  },
  agentId: "1b8d2418-89a3-4de6-b93c-9f6557f13d04",
});
