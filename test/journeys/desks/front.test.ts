import { deskTable } from "./table.ts";

deskTable({ helpdesk: "front", appId: "0a1b2c3d4e5f60718293", channels: "cha_55c8c149" });
