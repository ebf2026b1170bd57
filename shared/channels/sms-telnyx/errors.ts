import type { ErrorTable } from "../../domain/provider-error.ts";

/** Telnyx's codes, of answers and of deliveries (https://developers.telnyx.com/docs/messaging/messages/error-codes); the classes are ours. */
export const errors: ErrorTable = {
  classes: {
    auth: ["10009", "10010", "20002", "20006"],
    account: [
      // The account: level, money, state.
      ...["10039", "20012", "20013", "20014", "20015", "20016", "20017", "20100", "40314"],
      // Its sender: registration, profile, number.
      ...["10001", "40010", "40013", "40100", "40150", "40151", "40305", "40306", "40308", "40309", "40311", "40312"],
      ...["40313", "40315", "40320", "40321", "40329"],
    ],
    rate: ["10011", "40011", "40016", "40018", "40318"],
    transient: ["40002", "40004", "40006"],
    expired: ["40005", "40014", "expired"],
    opted_out: ["40300"],
    unreachable: ["10002", "10016", "40001", "40008", "40012", "40301", "40310", "40319"],
    policy: ["40003", "40015", "40017", "40322"],
    payload: ["10003", "10004", "10015", "40009", "40302", "40304", "40316", "40317", "40328"],
  },
  waits: {
    "10011": { scope: "account", seconds: 2 },
    // Four hours of messages wait in the sender's queue already.
    "40318": { scope: "account", seconds: 600 },
  },
};
