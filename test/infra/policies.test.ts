import { expect, it } from "vitest";
import { optOutOf } from "../../infra/deployment.ts";
import { checkConfig } from "../../shared/config.ts";

const sid = "AC00000000000000000000000000000001";

it("record-event knows the owner's words, and where a provider stops and confirms by itself", () => {
  const accounts = {
    whatsapp: { connector: "whatsapp-cloud", phoneNumberId: "100000000000001", displayPhoneNumber: "+15550000001" },
    number: { connector: "sms-twilio", accountSid: sid, from: "+15550000002" },
    short: { connector: "sms-twilio", accountSid: sid, from: "55500" },
    telnyx: { connector: "sms-telnyx", from: "+15550000004" },
    vonage: { connector: "sms-vonage", apiKey: "abcd1234", from: "+15550000003" },
  };
  const policies = { optOut: { stopWords: ["Chega"], confirmation: "Até logo" } };
  const { byProvider, ...words } = optOutOf(checkConfig({ accounts, policies }));
  expect(words).toEqual({ stopWords: ["Chega"], startWords: [], helpWords: [], confirmation: "Até logo" });
  expect(byProvider.map(({ accounts }) => accounts)).toEqual([["number"], ["telnyx"]]);
  expect(byProvider[0]?.stop).toContain("CANCEL");
});
