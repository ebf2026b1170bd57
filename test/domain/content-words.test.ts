import { expect, it } from "vitest";
import { Content } from "../../shared/domain/content.ts";
import { wordsOf } from "../../shared/domain/content-words.ts";

const media = { contentType: "image/jpeg" };

it.each<[string, unknown, string]>([
  ["a text, with the channel's marks as they are", { type: "text", text: "*Olá*" }, "*Olá*"],
  ["a file's caption", { type: "image", media, caption: "Veja" }, "Veja"],
  ["nothing for a file without a word", { type: "audio", media, voice: true }, ""],
  [
    "a place and where it is on a map",
    { type: "location", latitude: -23.5, longitude: -46.6, name: "Loja", address: "Rua A, 1" },
    "📍 Location\nLoja\nRua A, 1\nhttps://www.google.com/maps/search/?api=1&query=-23.5,-46.6",
  ],
  [
    "the page of a place, where the customer shared one",
    { type: "location", latitude: 1, longitude: 2, url: "https://place.example" },
    "📍 Location\nhttps://place.example",
  ],
  [
    "people, by whatever is known of them",
    {
      type: "contacts",
      contacts: [
        {
          name: { formatted_name: "Bia" },
          phones: [{ phone: "+55 11 9" }, {}, null],
          emails: [{ email: "b@x.example" }],
        },
        { name: "Caio", phones: "none" },
        {},
      ],
    },
    "👤 Bia, +55 11 9, b@x.example\n👤 Caio\n👤 Contact",
  ],
  ["an option and what it means", { type: "choice", id: "1", title: "Sim", description: "Quero" }, "Sim\nQuero"],
  ["an option, and what the customer wrote for it", { type: "choice", id: "1", title: "Sim", text: "1" }, "1\nSim"],
  [
    "a form, field by field",
    { type: "form", name: "Entrega", values: { cep: "01310", parts: [1, 2], none: null } },
    "📋 Entrega\ncep: 01310\nparts: [1,2]\nnone: ",
  ],
  [
    "an order, item by item, as the provider writes them",
    {
      type: "order",
      catalog: "77",
      text: "Sem cebola",
      items: [{ product_retailer_id: "x1", quantity: 2, item_price: 9.9, currency: "BRL" }, {}],
    },
    "🛒 Order (catalog 77)\nSem cebola\n• 2 × x1 at 9.9 BRL\n• 1 × article",
  ],
  [
    "a mention in a story",
    { type: "story", kind: "mention", url: "https://s.example" },
    "Mentioned you in a story\nhttps://s.example",
  ],
  ["an answer to a story", { type: "story", kind: "reply" }, "Replied to your story"],
  ["something shared", { type: "share", url: "https://p.example" }, "Shared\nhttps://p.example"],
  [
    "what we do not understand, without its insides",
    { type: "unsupported", reason: "poll", raw: { secret: 1 } },
    "[Something that cannot be shown here: poll]",
  ],
  [
    "buttons, numbered",
    {
      type: "buttons",
      text: "Certo?",
      buttons: [
        { id: "y", title: "Sim" },
        { id: "n", title: "Não" },
      ],
    },
    "Certo?\n\n1. Sim\n2. Não",
  ],
  [
    "a link and where it leads",
    { type: "link", text: "Aqui", title: "Abrir", url: "https://l.example/" },
    "Aqui\nAbrir: https://l.example/",
  ],
  [
    "a carousel, card by card",
    {
      type: "carousel",
      text: "Veja",
      cards: [
        { title: "A", text: "a", url: "https://a.example/" },
        { title: "B", url: "https://b.example/" },
      ],
    },
    "Veja\nA\na\nhttps://a.example/\nB\nhttps://b.example/",
  ],
  ["a reaction", { type: "reaction", emoji: "❤️" }, "❤️"],
  ["that a reaction was taken back", { type: "reaction", emoji: "" }, "[Took a reaction back]"],
  [
    "a template and what fills it",
    { type: "template", name: "promo", language: "pt_BR", parameters: ["Ana", "10%"] },
    "Template promo (pt_BR)\nAna | 10%",
  ],
  [
    "a template that is filled by name",
    { type: "template", name: "promo", language: "en", parameters: { who: "Ana" } },
    "Template promo (en)\nAna",
  ],
  ["a template that nothing fills", { type: "template", name: "promo", language: "en" }, "Template promo (en)"],
])("says %s", (_, content, words) => {
  expect(wordsOf(Content.parse(content))).toBe(words);
});
