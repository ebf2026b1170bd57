import type { ErrorTable } from "../domain/provider-error.ts";

const listed = (codes: string) => codes.split(" ");

/**
 * Codes of the Cloud API, the same in answers and in `failed` statuses
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes).
 */
export const classes: ErrorTable["classes"] = {
  transient: listed("1 2 131000 131016 131057 133004 2494100 134101"),
  rate: listed("4 80007 130429 131056 133016 131208"),
  window: ["131047"],
  unreachable: ["131026"],
  opted_out: ["131050"],
  policy: listed("131049 130472 131021 130497 131030 137000 131062 131048 131064"),
  template: listed("132000 132001 132005 132007 132008 132012 132015 132016 132018 132068 132069 131063 134100 134102"),
  payload: listed("33 100 131008 131009 131051 131052 131053 135000 131020 131041 131207"),
  auth: [...listed("0 3 10 190 131005"), ...Array.from({ length: 100 }, (_, index) => String(200 + index))],
  account: listed("368 131031 131042 131044 131045 131037 133010"),
};

export const errors: ErrorTable = {
  classes,
  waits: {
    /** One message in six seconds to the same customer, once the burst is used up. */
    "131056": { scope: "pair", seconds: 6 },
    "130429": { scope: "account", seconds: 5 },
    "4": { scope: "account", seconds: 300 },
    "80007": { scope: "account", seconds: 300 },
    "133016": { scope: "account", seconds: 300 },
    "131208": { scope: "account", seconds: 60 },
  },
};
