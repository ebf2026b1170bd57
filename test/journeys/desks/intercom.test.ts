import { deskTable } from "./table.ts";

deskTable({ helpdesk: "intercom", region: "eu", adminId: "1957471" });
