import fc from "fast-check";
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import { type CountryCode, getCountries, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { describe, expect, test } from "vitest";
import { matchable, phoneNumber, spelledAlike } from "../../shared/domain/phone-number.ts";

/** Digits of a length, of which the first is one of these. */
const digits = (first: string, more: number) =>
  fc.tuple(fc.constantFrom(...first), fc.stringMatching(new RegExp(`^\\d{${more}}$`))).map((parts) => parts.join(""));
const brazilianArea = fc
  .tuple(fc.constantFrom(..."123456789"), fc.constantFrom(..."123456789"))
  .map((two) => two.join(""));
const plus = fc.constantFrom("", "+");

describe("the spellings of one handset", () => {
  test.each([
    ["a Brazilian mobile from before the ninth digit", "551198765432", "5511998765432"],
    ["as WhatsApp has it and as an SMS comes", "+555198765432", "+5551998765432"],
    ["a Mexican mobile with the old 1", "5215512345678", "525512345678"],
    ["an Argentine mobile from abroad", "5491123456789", "541123456789"],
    ["an Argentine mobile as dialled inside the country", "54111523456789", "5491123456789"],
    ["with an area code of three digits", "54223154567890", "5492234567890"],
    ["with an area code of four", "54298415412345", "5492984412345"],
  ])("are equal: %s", (_, one, other) => {
    expect(matchable(one)).toBe(matchable(other));
  });

  test("are found for every mobile of the three countries, and lead to one form, with its plus or without", () => {
    const mobiles = fc.oneof(
      fc.tuple(brazilianArea, digits("6789", 7)).map(([area, local]) => [`55${area}9${local}`, `55${area}${local}`]),
      digits("23456789", 9).map((number) => [`521${number}`, `52${number}`]),
      digits("123", 9).map((number) => [`549${number}`, `54${number}`]),
      digits("23456789", 7).map((local) => [`54911${local}`, `541115${local}`]),
    );
    fc.assert(
      fc.property(mobiles, plus, (spellings, sign) => {
        const [form, ...others] = new Set(spellings.map((spelling) => matchable(sign + spelling)));
        expect(others).toEqual([]);
        expect(matchable(form ?? "")).toBe(form);
        expect(form?.startsWith("+")).toBe(sign === "+");
      }),
    );
  });

  test("are no landline's: a Brazilian one stays what it is, by every digit that one begins with", () => {
    fc.assert(
      fc.property(brazilianArea, digits("2345", 7), (area, local) => {
        expect(matchable(`55${area}${local}`)).toBe(`55${area}${local}`);
      }),
    );
  });

  test("never make one of two numbers that a library holds for two", () => {
    const area = fc.constantFrom("11", "21", "31", "51", "85");
    const brazilian = fc
      .tuple(area, fc.constantFrom("", "9"), digits("23456789", 7))
      .map((parts) => `+55${parts.join("")}`);
    const mexican = digits("23456789", 9).map((number) => `+52${number}`);
    const argentine = fc.tuple(fc.constantFrom("9", ""), digits("123", 9)).map((parts) => `+54${parts.join("")}`);
    const valid = fc
      .oneof(brazilian, mexican, argentine)
      .filter((number) => parsePhoneNumberFromString(number, { extract: false })?.isValid() === true);
    /** What is dialled inside the country is the same for both forms of an Argentine mobile, but for the 15. */
    const handset = (number: string) => number.replace(/^\+549/, "+54");
    fc.assert(
      fc.property(valid, valid, (one, other) => {
        expect(matchable(one) === matchable(other)).toBe(handset(one) === handset(other));
      }),
    );
  });
});

test("numbers of all other countries stay as they are, and so does whatever is no number", () => {
  const others = getCountries().filter((country) => !["BR", "MX", "AR"].includes(country));
  for (const country of others) {
    const number = getExampleNumber(country as CountryCode, examples)?.number;
    if (number) expect(matchable(number)).toBe(number);
  }
  fc.assert(fc.property(fc.string(), (text) => matchable(`x${text}`) === `x${text}`));
});

test("a library reads the 15 of an Argentine mobile as we do", () => {
  fc.assert(
    fc.property(digits("23456789", 7), (local) => {
      const read = parsePhoneNumberFromString(`+541115${local}`, { extract: false });
      fc.pre(read?.isValid() === true);
      expect(matchable(`+541115${local}`)).toBe(matchable(read?.number ?? ""));
    }),
  );
});

test("a number is one with its plus sign and enough digits; short codes, names, masks and prefixes are none", () => {
  expect(phoneNumber("+351912345678")).toEqual({ number: "+351912345678" });
  const none = [
    "68849",
    "+68849",
    "SUPPORT",
    "+1415XXXX123",
    "whatsapp:+14155550100",
    "351912345678",
    "+0123456789",
    "",
  ];
  for (const text of [...none, undefined]) expect(phoneNumber(text)).toEqual({});
});

test("only where addresses are numbers are two spellings of one named alike", () => {
  expect(spelledAlike("whatsapp", "551198765432")).toBe("5511998765432");
  expect(spelledAlike("messenger", "551198765432")).toBe("551198765432");
});
