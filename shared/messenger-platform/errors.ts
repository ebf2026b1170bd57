import type { ErrorTable } from "../domain/provider-error.ts";

/**
 * Codes of the Send API, with their subcodes where those change the meaning
 * (https://developers.facebook.com/docs/messenger-platform/error-codes).
 */
export const errors: ErrorTable = {
  classes: {
    // Elsewhere 1545041 says that the window is closed; with these codes it says that the person cannot be reached.
    unreachable: ["551-1545041", "200-1545041", "10-2018108", "100-2018001", "100-2534014", "551"],
    window: ["10-2018278", "10-2018065", "10-2534022", "*-1545041"],
    account: ["10-1893063", "100-2534029", "*-2534122", "368"],
    // 2018300: another app has the conversation. 2018344: the Page has not taken the terms of privacy.
    policy: ["100-2018300", "2-2018344"],
    auth: ["190", "10", "200", "3"],
    // 100 also answers a tag that was abolished, files that cannot be fetched or used, and ids that are unknown.
    payload: ["100", "10303", "*-2534068"],
    rate: ["4", "17", "32", "613", "80001", "80002", "80003", "80004", "80005", "80006"],
    transient: ["1", "2", "1200"],
  },
  waits: {
    "10-1893063": { scope: "account", seconds: 1800 },
    "100-2534029": { scope: "account", seconds: 1800 },
    "*-2534122": { scope: "account", seconds: 1800 },
    "368": { scope: "account", seconds: 1800 },
    "4": { scope: "account", seconds: 60 },
    "17": { scope: "account", seconds: 60 },
    "32": { scope: "account", seconds: 60 },
    "613": { scope: "account", seconds: 30 },
    "80001": { scope: "account", seconds: 300 },
    "80002": { scope: "account", seconds: 300 },
    "80003": { scope: "account", seconds: 300 },
    "80004": { scope: "account", seconds: 300 },
    "80005": { scope: "account", seconds: 300 },
    "80006": { scope: "account", seconds: 300 },
  },
  // The provider's own page says of it that the message may have been sent.
  maybeSent: ["1-1357046"],
};
