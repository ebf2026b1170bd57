import { helpdeskContract } from "../contracts/helpdesk-contract.ts";

helpdeskContract("intercom", {
  settings: { region: "eu", adminId: "1957471" },
  secrets: { accessToken: "dG9rOjEyMzQ1", clientSecret: "0a1b2c3d-client-secret" },
});
