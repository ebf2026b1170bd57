import { deskTable } from "./table.ts";

deskTable({
  helpdesk: "zendesk-tickets",
  subdomain: "acme",
  email: "recado@acme.example",
  integrationUserId: 35436,
});
