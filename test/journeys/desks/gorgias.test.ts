import { deskTable } from "./table.ts";

deskTable({
  helpdesk: "gorgias",
  domain: "acme",
  email: "recado@acme.example",
  integrationUserId: 6001,
});
