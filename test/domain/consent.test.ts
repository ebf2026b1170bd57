import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optedOutOf, wishIn } from "../../shared/domain/consent.ts";

const none = { stopWords: [], startWords: [], helpWords: [] };
const KEYWORDS = {
  stop: [
    ...["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "stopall", "optout", "opt-out"],
    ...["sair", "parar", "cancelar", "descadastrar", "baja", "alto", "arrêt", "arrete"],
  ],
  start: ["start", "unstop"],
  help: ["help", "info", "ajuda", "ayuda", "aide"],
} as const;
const words = Object.entries(KEYWORDS).flatMap(([wants, all]) => all.map((word) => [wants, word] as const));
const keyword = fc.constantFrom(...words);

/** What people put around a word: blanks, punctuation, quotes, emoji and what cannot be seen. */
const around = fc
  .array(
    fc.constantFrom(
      " ",
      "\n",
      "\t",
      "\u00a0",
      ".",
      "!",
      "…",
      '"',
      "«",
      "”",
      "'",
      "*",
      "-",
      "🛑",
      "🙏🏽",
      "❤️",
      "\u200b",
    ),
    {
      maxLength: 6,
    },
  )
  .map((marks) => marks.join(""));
const spelled = (word: string) =>
  fc
    .constantFrom<(word: string) => string>(
      (one) => one,
      (one) => one.toUpperCase(),
      (one) => one.normalize("NFD"),
      (one) => [...one].map((letter, at) => (at % 2 ? letter : letter.toUpperCase())).join(""),
      (one) => one.replace(" ", "  "),
    )
    .map((spell) => spell(word));

describe("a word that is all of the message", () => {
  it.each(words)("%s: %s", (wants, word) => {
    expect(wishIn(word, none)).toEqual({ wants, said: "keyword" });
  });

  it("is heard however it is spelled and whatever stands around it", () => {
    const decorated = keyword.chain(([wants, word]) =>
      fc.tuple(around, spelled(word), around).map((parts) => ({ wants, text: parts.join("") })),
    );
    fc.assert(
      fc.property(decorated, ({ wants, text }) => {
        expect(wishIn(text, none)).toEqual({ wants, said: "keyword" });
      }),
    );
  });

  it("is none as soon as a sentence is made of it", () => {
    const more = fc.stringMatching(/^[a-z]{2,12}$/).filter((word) => word !== "all" && word !== "out");
    fc.assert(
      fc.property(keyword, more, fc.boolean(), ([, word], other, isBefore) => {
        const text = isBefore ? `${other} ${word}` : `${word}, ${other}`;
        expect(wishIn(text, none)?.said).not.toBe("keyword");
      }),
    );
  });

  it.each(["", "🛑", "   ", "stopped", "Não", "Yes", "td", "s t o p"])("is not “%s”", (text) => {
    expect(wishIn(text, none)).toBeUndefined();
  });

  it("may be one of the owner's own", () => {
    const own = { ...none, stopWords: ["Não Quero"], startWords: ["JOIN"] };
    expect(wishIn("nao  quero!", own)).toEqual({ wants: "stop", said: "keyword" });
    expect(wishIn("Join", own)).toEqual({ wants: "start", said: "keyword" });
    expect(wishIn("Join", none)).toBeUndefined();
  });
});

describe("words of the customer's own", () => {
  it.each([
    "Please stop texting me",
    "STOP SENDING ME THESE MESSAGES!!",
    "don’t text me again",
    "I don't want any more messages from you",
    "Remove me from your list, please",
    "unsubscribe me",
    "I want to opt out",
    "no more texts please",
    "Não quero receber mais mensagens",
    "parem de me enviar SMS",
    "por favor não me mande mais nada",
    "Me tire da lista",
    "chega de propaganda",
    "No me escriban más",
    "no quiero más mensajes",
    "dejen de molestar",
    "quiero darme de baja",
    "Ne m’envoyez plus de messages",
    "arrêtez de m'écrire",
    "je ne souhaite plus recevoir vos SMS",
    "désabonnez-moi",
  ])("are flagged, and nothing more: %s", (text) => {
    expect(wishIn(text, none)).toEqual({ wants: "stop", said: "phrase" });
  });

  it.each([
    "Please don't cancel my order",
    "I want to cancel my appointment",
    "Can you stop by at five?",
    "When does the sale end?",
    "I don't want the blue one",
    "não quero o azul",
    "não me mande a fatura errada",
    "quero cancelar o pedido",
    "no quiero el rojo",
    "ne m'envoyez pas le rouge",
    "Where do I start?",
  ])("are not an order or a question: %s", (text) => {
    expect(wishIn(text, none)).toBeUndefined();
  });

  it("take no time to look for, however long the message is", () => {
    const long = "do not want ".repeat(100_000);
    expect(wishIn(long, none)).toBeUndefined();
  });
});

it("what a contact said elsewhere counts on the same channel, until they say otherwise", () => {
  const said = { topic: "all", state: "opted_out", source: "keyword", at: 1 } as const;
  const log = { optedOut: ["marketing"] };
  expect(optedOutOf(log, "sms", [{ channel: "sms", ...said }])).toEqual(["all", "marketing"]);
  expect(optedOutOf(log, "sms", [{ channel: "whatsapp", ...said }])).toEqual(["marketing"]);
  expect(optedOutOf(log, "sms", [{ channel: "sms", ...said, state: "opted_in" }])).toEqual(["marketing"]);
});
