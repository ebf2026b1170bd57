import type { ErrorTable } from "../../domain/provider-error.ts";

/** Twilio's codes, of answers and of status callbacks (https://www.twilio.com/docs/api/errors); the classes are ours. */
export const errors: ErrorTable = {
  classes: {
    auth: ["20003"],
    account: [
      // The account itself: suspended, sending disabled, not found.
      ...["30002", "30037", "20404"],
      // Its sender: not enabled for the country, for SMS, for trial; services, toll-free, 10DLC and name registration.
      ...["21408", "21606", "21608", "21704", "21709", "21710", "21711", "21712", "30032", "30034", "30040", "30041"],
      ...["21664", "21666", "21667", "21717", "21720"],
    ],
    rate: ["20429", "21611", "30001", "30022", "30027", "30454", "63017"],
    transient: ["30003", "30008", "30020", "30021", "21730"],
    expired: ["30036"],
    opted_out: ["21610", "30640"],
    unreachable: ["21211", "21614", "21635", "21612", "30004", "30005", "30006", "30011", "30024"],
    policy: ["30007", "30038", "30450", "30043", "30610"],
    payload: [
      ...["21602", "21605", "21617", "21619", "21620", "21658", "21910", "30019", "11751"],
      // A file that could not be fetched, or is of another type.
      ...["11200", "12300"],
      // Of Content templates.
      ...["21654", "21655", "92007"],
    ],
  },
  waits: {
    "20429": { scope: "account", seconds: 2 },
    // Ten hours of messages wait in the sender's queue already.
    "21611": { scope: "account", seconds: 600 },
    // More than 2,000 messages in a second.
    "63017": { scope: "account", seconds: 5 },
    // A limit of the account for the day.
    "30454": { scope: "account", seconds: 3600 },
  },
};
