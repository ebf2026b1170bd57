import { deskTable } from "./table.ts";

deskTable({
  helpdesk: "zendesk-messaging",
  subdomain: "lojaazul",
  appId: "64f1c2a7be90d3f8417a5c02",
  switchboardIntegration: "zd:agentWorkspace",
});
