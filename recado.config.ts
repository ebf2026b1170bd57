import { defineConfig } from "./shared/config.ts";

export default defineConfig({
  accounts: {
    whatsapp: {
      connector: "whatsapp-cloud",
      phoneNumberId: "100000000000001",
      displayPhoneNumber: "+15550000001",
    },
    messenger: { connector: "messenger", pageId: "200000000000001" },
    instagram: { connector: "instagram", instagramId: "300000000000001" },
    sms: {
      connector: "sms-twilio",
      accountSid: "AC00000000000000000000000000000001",
      from: "+15550000002",
    },
  },
  helpdesks: {
    desk: {
      helpdesk: "generic",
      url: "https://desk.example.com/recado",
      repliesUrl: "https://desk.example.com/recado/replies",
    },
  },
});
