import type { ErrorTable } from "../../domain/provider-error.ts";

/**
 * The Messages API's codes, of answers and of statuses, and the words that Vonage's APIs share
 * (https://developer.vonage.com/en/api-errors/messages); the classes are ours.
 */
export const errors: ErrorTable = {
  classes: {
    auth: ["unauthorized", "forbidden", "jwt-expired", "jwt-revoked", "invalid-api-key", "invalid-signature", "1370"],
    account: [
      ...["low-balance", "unprovisioned", "account-suspended", "application-suspended", "invalid-ip", "not-found"],
      ...["1060", "1070", "1080", "1120", "1140", "1160", "1242", "1420", "1476", "1484"],
    ],
    rate: ["throttled", "1000", "1241", "1460", "1461", "1472"],
    transient: ["1030", "1100", "1180", "1220", "1230", "1331"],
    expired: ["1360"],
    // By the customer's STOP, and by the registry of consents where a country keeps one.
    opted_out: ["1240", "1483"],
    unreachable: [
      ...[
        "1040",
        "1050",
        "1170",
        "1190",
        "1200",
        "1250",
        "1251",
        "1260",
        "1280",
        "1290",
        "1300",
        "1310",
        "1330",
        "1430",
      ],
    ],
    window: ["1340"],
    policy: [
      "1210",
      "1270",
      "1282",
      "1470",
      "1473",
      "1474",
      "1475",
      "1480",
      "1481",
      "1482",
      "2001",
      "unavailable-legal",
    ],
    template: ["1022"],
    payload: [
      ...["invalid-params", "invalid-json", "1010", "1020", "1021", "1090", "1130", "1150", "1380", "1381", "1382"],
      ...["1400", "1410", "1431", "1440", "1450", "1451"],
    ],
    // Some of the segments' receipts never came.
    unconfirmed: ["1490"],
  },
  waits: {
    throttled: { scope: "account", seconds: 2 },
    "1000": { scope: "account", seconds: 2 },
    "1241": { scope: "pair", seconds: 60 },
    "1460": { scope: "account", seconds: 3600 },
  },
  // The platform failed while it worked on the message, or says that it has sent it before.
  maybeSent: ["1030", "1320"],
};
